"""What a deed of the audit says beyond its verb, in the reader's language: names of details, and their values."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core.exceptions import FieldDoesNotExist
from django.utils import dateparse, formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.curation.bulk_deeds import BULK_DEEDS
from articles.models import (
    Article,
    BulkItem,
    Correction,
    Deed,
    Image,
    Result,
)

# Names of details. One that is not here is shown as it is written, without its underscores.
NAMES = {
    "tag": gettext_lazy("tag"),
    "refused": gettext_lazy("refused before"),
    "articles": gettext_lazy("articles"),
    "clues": gettext_lazy("learned signs"),
    "narrowed": gettext_lazy("narrowed to"),
    "images": gettext_lazy("pictures"),
    "waiting": gettext_lazy("wait again"),
    "numbers": gettext_lazy("numbers"),
    "password": gettext_lazy("password"),
    "counts": gettext_lazy("counts"),
    "roles": gettext_lazy("roles"),
    "roles given": gettext_lazy("roles given"),
    "roles taken": gettext_lazy("roles taken"),
    "is_active": gettext_lazy("active"),
    "is_staff": gettext_lazy("staff"),
    "is_superuser": gettext_lazy("superuser"),
    "second_factor_demanded_of": gettext_lazy("second factor demanded of"),
    "rights": gettext_lazy("rights"),
    "version": gettext_lazy("version"),
    "looked_at": gettext_lazy("looked at"),
    "mended": gettext_lazy("mended"),
    "mends": gettext_lazy("mends import"),
    "format": gettext_lazy("format"),
    "source": gettext_lazy("source"),
    "search": gettext_lazy("search"),
    "since": gettext_lazy("since"),
    "until": gettext_lazy("until"),
    "all": gettext_lazy("in all states"),
    "into": gettext_lazy("into article"),
    "merged_into": gettext_lazy("had been merged into article"),
    "tags": gettext_lazy("tags"),
    "moved": gettext_lazy("articles moved"),
    "doubled": gettext_lazy("articles that had both"),
    "merge": gettext_lazy("merge"),
    "original": gettext_lazy("original"),
    "taken_from": gettext_lazy("out of the hand of"),
    "verdict": gettext_lazy("verdict"),
    "scope": gettext_lazy("what"),
    "basis": gettext_lazy("legal basis"),
    "begins": gettext_lazy("begins"),
    "pages": gettext_lazy("pages"),
    "pictures": gettext_lazy("pictures"),
    "renditions": gettext_lazy("renditions"),
    "search_entries": gettext_lazy("search entries"),
    "originals": gettext_lazy("originals"),
    "topics": gettext_lazy("topics"),
    "sources": gettext_lazy("sources"),
    "stories": gettext_lazy("stories"),
    "signatures": gettext_lazy("texts compared"),
    "pairs": gettext_lazy("pairs found"),
    "withdrawn_pairs": gettext_lazy("pairs that are alike no more"),
    "front": gettext_lazy("places on the front page"),
    "linked_from": gettext_lazy("articles that link there"),
    "shared": gettext_lazy("shared"),
    "shape": gettext_lazy("shape"),
    "saves": gettext_lazy("saves"),
    "move": gettext_lazy("move"),
    "origin": gettext_lazy("from"),
    "target": gettext_lazy("to"),
    "deed": gettext_lazy("deed"),
    "given": gettext_lazy("with"),
    "state": gettext_lazy("state"),
    "reports": gettext_lazy("reports"),
    "added": gettext_lazy("added"),
    "kind": gettext_lazy("kind"),
    "text": gettext_lazy("note"),
    "dry_run": gettext_lazy("dry run"),
    "database": gettext_lazy("database"),
    "made_at": gettext_lazy("made"),
    "rows": gettext_lazy("rows"),
    "files": gettext_lazy("files"),
    "missing": gettext_lazy("missing files"),
    "seconds": gettext_lazy("seconds"),
    "revision": gettext_lazy("revision"),
    "filter": gettext_lazy("filter"),
    "desk": gettext_lazy("list"),
    "draft": gettext_lazy("draft"),
    "live": gettext_lazy("shown to readers"),
    "whole_inbox": gettext_lazy("triage opens with the whole inbox"),
    "opens_triage": gettext_lazy("opens this person's triage"),
    "alt": gettext_lazy("alternative text"),
    "former_alt": gettext_lazy("alternative text before"),
}
# What counts are counts of, beyond the results and states of models.
COUNTED = {
    "images_wanted": gettext_lazy("pictures wanted"),
    "waiting": gettext_lazy("waiting"),
    "removed": gettext_lazy("articles removed"),
    "put_back": gettext_lazy("put back"),
    "loosened": gettext_lazy("loosened"),
    "pictures": gettext_lazy("pictures removed"),
}
NOT_TOLD = ("cursor", "saves")  # bookkeeping
UNDO = gettext_lazy("undo")
Labels = Mapping[str, object]


def _labels(*choices: type) -> dict[str, object]:
    return {value: label for one in choices for value, label in one.choices}


RESULTS = {
    "importrun": _labels(Result, Article.Status),
    "bulkjob": _labels(BulkItem.Result) | {"": gettext_lazy("not looked at")},
    "image": _labels(Image.State),
}
VALUES: dict[str, Callable[[], Labels]] = {  # of details that are no fields of the object
    "origin": lambda: _labels(Article.Status),
    "target": lambda: _labels(Article.Status),
    "deed": lambda: {name: one.label for name, one in BULK_DEEDS.items()},
    "kind": lambda: _labels(Correction.Kind),
    "move": lambda: {"undo": UNDO},
}
ARTICLES = ("into", "merged_into")  # details that are numbers of articles


def more_of(deed: Deed) -> str:
    """The note, changed fields, details and counts on one line; empty when there is nothing more. No query."""
    details = {**deed.details}
    changes = details.pop("changes", None)
    said = [deed.note]
    if isinstance(changes, list):
        said.append(LogEntry(change_message=json.dumps(changes)).get_change_message())
        for change in changes:
            details |= change.get("rights", {})
    if {"origin", "target"} <= details.keys():  # a move says itself
        states = _labels(Article.Status)
        ends = [str(states.get(details.pop(name), "")) for name in ("origin", "target")]
        said.append(" → ".join(ends))
        if details.get("move") != "undo":
            details.pop("move", None)
    said += [_detail(deed, name, value) for name, value in details.items()]
    return " · ".join(filter(None, said))


def _detail(deed: Deed, name: str, value: object) -> str:
    """One detail; empty when it says nothing."""
    if name in NOT_TOLD or value in ("", None, False, [], {}):
        return ""
    label = str(NAMES.get(name, name.replace("_", " ")))
    if value is True:
        return label
    told = _told(deed, name, value)
    return _("%(name)s: %(value)s") % {"name": label, "value": told} if told else ""


def _told(deed: Deed, name: str, value: object) -> str:
    """The value of a detail on one line; counts of nought say nothing."""
    if isinstance(value, dict):
        labels = COUNTED | RESULTS.get(deed.kind, {}) if name == "counts" else NAMES
        rows = (
            (labels.get(key, key.replace("_", " ")), number) for key, number in value.items() if key not in NOT_TOLD
        )
        return ", ".join(f"{label} {_plain(number)}".strip() for label, number in rows if number)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if name in ARTICLES and isinstance(value, int):
        return f"#{value}"
    labels = VALUES[name]() if name in VALUES else _choices(deed.kind, name)
    return str(labels.get(value) or _plain(value))


def _choices(kind: str, name: str) -> Labels:
    """What a field of that name says its values are called, if objects of that kind have one."""
    try:
        return dict(apps.get_model("articles", kind)._meta.get_field(name).flatchoices)
    except (LookupError, FieldDoesNotExist, AttributeError):
        return {}


def _plain(value: object) -> str:
    """Numbers with their thousands parted, instants in the newsroom's zone, anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return str(value)
    if isinstance(value, (int, float)):
        return formats.number_format(value, use_l10n=True, force_grouping=True)
    moment = dateparse.parse_datetime(value) if len(value) > len("2025-01-28") and value[:4].isdecimal() else None
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment and timezone.is_aware(moment) else value
