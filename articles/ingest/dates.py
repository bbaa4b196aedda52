"""Times: each way a file tells one, read into an aware UTC instant."""

import datetime
import email.utils
import re
import zoneinfo
from collections.abc import Callable

from articles.ingest.rules import addresses

UTC = datetime.UTC
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_HALF_DAY = datetime.timedelta(hours=12)
# Instants that can be moved by a day either way, to another zone or for a comparison, and still are instants.
_EARLIEST = datetime.datetime.min.replace(tzinfo=UTC) + datetime.timedelta(days=1)
_LATEST = datetime.datetime.max.replace(tzinfo=UTC) - datetime.timedelta(days=1)
_CLOCK_SLACK = datetime.timedelta(minutes=10)  # a page's clock may run ahead of the feed's by this much


def from_epoch(digits: str) -> datetime.datetime | None:
    """The instant of an epoch comment: milliseconds, or seconds when it is too short for those; None for NaN, and for
    what lies within a day of the calendar's ends.
    """
    try:
        number = int(digits)
    except ValueError:
        return None
    milliseconds = number * 1000 if 10**8 <= number < 10**10 else number
    try:
        return _usable(datetime.datetime(1970, 1, 1, tzinfo=UTC) + datetime.timedelta(milliseconds=milliseconds))
    except OverflowError:
        return None


def _usable(moment: datetime.datetime) -> datetime.datetime | None:
    return moment if _EARLIEST <= moment <= _LATEST else None


def from_front_matter(value: str) -> tuple[datetime.datetime | None, str]:
    """(instant, precision) of a front matter date; a bare day is that day's noon in UTC, with precision "day"."""
    value = value.strip()
    if _DAY.fullmatch(value):
        value, precision = value + "T12:00:00", "day"
    else:
        precision = "second"
    moment = _parsed(value)
    instant = _in_utc(moment if moment.tzinfo else moment.replace(tzinfo=UTC)) if moment else None
    return (instant, precision) if instant else (None, "")


def _parsed(value: str) -> datetime.datetime | None:
    try:
        return datetime.datetime.fromisoformat(value)
    except ValueError:
        return None


def _in_utc(moment: datetime.datetime) -> datetime.datetime | None:
    try:
        return _usable(moment.astimezone(UTC))
    except OverflowError:
        return None


def _local(value: str, pattern: str, zone: str) -> datetime.datetime | None:
    try:
        moment = datetime.datetime.strptime(value, pattern).replace(tzinfo=zoneinfo.ZoneInfo(zone))
    except ValueError:
        return None
    return _in_utc(moment)


def from_mail(value: str) -> datetime.datetime | None:
    """The instant of an RFC 822 date."""
    try:
        moment = email.utils.parsedate_to_datetime(value.strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return _in_utc(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _instant(value: str, _zone: str, _epoch: datetime.datetime | None) -> datetime.datetime | None:
    return from_front_matter(value)[0]


def _mail(value: str, _zone: str, _epoch: datetime.datetime | None) -> datetime.datetime | None:
    return from_mail(value)


def _naive(value: str, zone: str, _epoch: datetime.datetime | None) -> datetime.datetime | None:
    return _local(value, "%Y-%m-%d %H:%M:%S", zone)


def _day_first(value: str, zone: str, _epoch: datetime.datetime | None) -> datetime.datetime | None:
    return _local(value, "%d/%m/%Y - %H:%M", zone)


def _day(value: str, _zone: str, _epoch: datetime.datetime | None) -> datetime.datetime | None:
    return from_front_matter(value[:10])[0]


def _half_day_clock(value: str, zone: str, epoch: datetime.datetime | None) -> datetime.datetime | None:
    """A clock that may have lost its AM or PM: the latest reading that is not after the feed item."""
    moment = _local(value, "%Y-%m-%d %H:%M:%S", zone)
    if moment is None or epoch is None or epoch.year < 2021:  # the clock lost its half in 2021-2022
        return moment
    is_morning = moment.astimezone(zoneinfo.ZoneInfo(zone)).hour < 12
    readings = [moment, moment + _HALF_DAY] if is_morning else [moment - _HALF_DAY, moment]
    fitting = [reading for reading in readings if reading <= epoch + _CLOCK_SLACK]
    return max(fitting) if fitting else moment


READERS: dict[str, Callable[[str, str, datetime.datetime | None], datetime.datetime | None]] = {
    "instant": _instant,
    "mail": _mail,
    "local": _naive,
    "day first": _day_first,
    "day": _day,
    "half-day clock": _half_day_clock,
}


def from_page(reader: str, value: str, zone: str, epoch: datetime.datetime | None) -> datetime.datetime | None:
    """The page's own time; `reader` is a key of READERS, `zone` the source's, for times that name none."""
    return READERS[reader](value.strip(), zone, epoch)


def from_address(url: str, source: str) -> datetime.datetime | None:
    """The time that some sources write into their addresses."""
    for slug, pattern, form, zone in addresses.ADDRESS_TIMES:
        match = re.search(pattern, url) if slug == source else None
        if match:
            return _local(match[1], form, zone)
    return None
