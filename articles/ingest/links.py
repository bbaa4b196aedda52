"""Addresses: make absolute, see through proxies and redirectors, drop tracking, tell one article from another."""

import functools
import html
import re
from urllib.parse import (
    SplitResult,
    parse_qsl,
    quote,
    unquote,
    unquote_to_bytes,
    urlencode,
    urljoin,
    urlsplit,
    urlunsplit,
)

from articles.ingest.rules import addresses, pictures, sources

_MAIL = re.compile(r"mailto:[^\s<>\"@]+@[\w.\-]+(?:\?[^\s<>\"]*)?", re.IGNORECASE)
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.\-]*):")
_PLAIN = re.compile(r"https?://[a-z0-9][a-z0-9.\-]*(?:[/?#][!#-;=?-\[\]_a-z~]*)?")  # most are: no need to look closer
_CANONICAL = re.compile(r"https?://[a-z0-9][a-z0-9.\-]*(?:/(?!/)[A-Za-z0-9._~!$'()*+,;=:@\-]*)*")  # already: half are
_NOISE = re.compile(r"[\x00-\x20\x7f-\x9f\u00a0\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
_EDGES = re.compile(rf"^(?:{_NOISE.pattern})+|(?:{_NOISE.pattern})+$")
_HOST = re.compile(r"(?:[\w.\-:\[\]]|%[89A-F][0-9A-F])+", re.IGNORECASE)  # an escaped blank is no part of a name
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_TWICE_ESCAPED = re.compile(r"%25([0-9A-Fa-f]{2})")
_UNSAFE = re.compile(r"[^\x21-\x7e]|[\"<>\\^`{|}]")
_ALIASES = tuple((re.compile(pattern), key) for pattern, key in addresses.ALIASES)
_READER_PAGES = tuple((re.compile(pattern), page) for pattern, page in addresses.READER_PAGES)
_TOPICS = tuple((slug, re.compile(pattern), none, names) for slug, pattern, none, names in addresses.ADDRESS_TOPICS)
_PLAYERS = tuple((re.compile(pattern, re.IGNORECASE), name, page) for pattern, name, page in addresses.PLAYERS)
_PROXIES = tuple(re.compile(pattern, re.IGNORECASE) for pattern in pictures.IMAGE_PROXIES)
_PROXY_PARAMETERS = re.compile(pictures.PROXY_PARAMETERS)
_MOST_REDIRECTS = 4
_ESCAPED = 6  # characters that one may become
LONGEST = 4000  # characters of an address worth keeping in a body, as they are written there


def host_of(url: str) -> str:
    """The host in lower case without port and www., or ""."""
    parts = _split(url)
    return parts.hostname.lower().rstrip(".").removeprefix("www.") if parts is not None and parts.hostname else ""


def _split(url: str) -> SplitResult | None:
    """The parts of an address, or None when it cannot be one."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError:
        return None
    return parts


def _belongs(host: str, owner: str) -> bool:
    return host == owner or host.endswith("." + owner)


def source_of(url: str) -> str:
    """Slug of the source that an address belongs to, or ""; a row with a path beats one without."""
    parts = _split(url)
    host = host_of(url)
    path = parts.path if parts is not None else ""
    while host:
        for owner, slug in _OWNERS.get(host, ()):
            if path.startswith(owner):
                return slug
        host = host.partition(".")[2]
    return ""


def _owners() -> dict[str, list[tuple[str, str]]]:
    """Host to its rows of (path, slug), longest path first."""
    owners: dict[str, list[tuple[str, str]]] = {}
    for owner, slug in sources.SOURCE_OF_HOST.items():
        name, mark, path = owner.partition("/")
        owners.setdefault(name, []).append((mark + path, slug))
    return {name: sorted(rows, reverse=True) for name, rows in owners.items()}


_OWNERS = _owners()


def topics_of(canonical: str, source: str) -> list[str]:
    """The rubrics that a source tells in an article's address."""
    for slug, pattern, none, names in _TOPICS:
        match = pattern.search(unquote(canonical)) if slug == source else None
        if match:
            found = [part for part in match[1].split("/") if part and part not in none]
            return [names[part] for part in found if part in names] if names else found
    return []


def canonical_url(url: str) -> str:
    """The form that tells one address from another, in ASCII; "" unless it is http or https with a host.

    Lower-case scheme and host, upper-case escapes, one level of %25XX undone when that decodes, no double slashes in
    the path, no fragment, no tracking.
    """
    if _CANONICAL.fullmatch(url):
        return url
    parts = _split(_unredirected(_tidy(html.unescape(url))))
    if parts is None or parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        return ""
    path = _escaped(re.sub(r"/{2,}", "/", _escaped_once(parts.path)))
    return urlunsplit(
        (parts.scheme.lower(), _ascii_host(parts), path, _kept_query(parts.query, parts.hostname.lower()), "")
    )


def _escaped(part: str) -> str:
    """A part of an address in ASCII, its escapes in upper case."""
    part = _ESCAPE.sub(lambda match: match[0].upper(), part)
    return _UNSAFE.sub(lambda match: quote(match[0].encode("utf-8", "replace")), part)


def _tidy(url: str) -> str:
    """Without white space around and control characters within."""
    url = _EDGES.sub("", url)
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", "", url)


def _ascii_host(parts: SplitResult) -> str:
    host = (parts.hostname or "").lower()
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            host = quote(host.encode("utf-8", "replace"))
    if ":" in host:
        host = f"[{host}]"
    return f"{host}:{parts.port}" if parts.port else host


def _escaped_once(path: str) -> str:
    if not _TWICE_ESCAPED.search(path):
        return path
    candidate = _TWICE_ESCAPED.sub(r"%\1", path)
    try:
        unquote_to_bytes(candidate).decode("utf-8")
    except UnicodeDecodeError:
        return path
    return candidate


def _is_tracking(name: str, value: str, of_host: frozenset[str]) -> bool:
    name = name.lower()
    return (
        name in addresses.TRACKING
        or name in of_host
        or name.startswith(addresses.TRACKING_PREFIXES)
        or any(name == parameter and value.startswith(start) for parameter, start in addresses.TRACKING_VALUES)
    )


def _tracking_of(host: str) -> frozenset[str]:
    """What a host's own parameters are called that only follow a reader."""
    return next((names for owner, names in addresses.TRACKING_OF_HOST if _belongs(host, owner)), frozenset())


def _kept_query(query: str, host: str) -> str:
    if not query:
        return ""
    of_host = _tracking_of(host)
    if "=" not in query and "&" not in query:  # one word, or the rest of a path that has a bare question mark
        return "" if _is_tracking(query, "", of_host) else _escaped(query)
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return ""
    return urlencode(
        [(name, value) for name, value in pairs if not _is_tracking(name, value, of_host)], errors="replace"
    )


def without_tracking(url: str) -> str:
    """The address as it was, less the parameters that only follow a reader; "?" and all when none is left."""
    head, mark, tail = url.partition("?")
    if not mark:
        return url
    query, hash_mark, fragment = tail.partition("#")
    fields, of_host = query.split("&"), _tracking_of(host_of(url))
    kept = [field for field in fields if not _is_tracking(*_name_and_value(field), of_host)]
    if len(kept) == len(fields):
        return url
    return head + ("?" + "&".join(kept) if kept else "") + hash_mark + fragment


def _name_and_value(field: str) -> tuple[str, str]:
    name, _, value = field.partition("=")
    return name, value


def _unredirected(url: str) -> str:
    """The address behind redirectors."""
    for _ in range(_MOST_REDIRECTS):
        if "?" not in url:
            return url
        target = _redirect_target(url)
        if not target:
            return url
        url = target
    return url


def _redirect_target(url: str) -> str:
    host = host_of(url)
    for owner, prefix, names in addresses.REDIRECTORS:
        if _belongs(host, owner) and urlsplit(url).path.startswith(prefix):
            return _parameter(url, names)
    return ""


def _parameter(url: str, names: tuple[str, ...]) -> str:
    """The first of the named parameters that is an http address, decoded; or ""."""
    try:
        fields = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True, max_num_fields=200))
    except ValueError:
        return ""
    values = (fields.get(name, "") for name in names)
    return next((value for value in values if value.startswith(("http://", "https://"))), "")


@functools.lru_cache(maxsize=10_000)  # articles of a source link the same pages
def address_key(url: str) -> str:
    """What an address is for us, across scheme, www., a trailing slash, tracking and a source's own aliases."""
    return key_of(canonical_url(url))


def key_of(canonical: str) -> str:
    """`address_key` of an address that is canonical already; "" for ""."""
    if not canonical:
        return ""
    key = canonical.split("://", 1)[1].removeprefix("www.")
    bare, mark, query = key.partition("?")
    for pattern, alias in _ALIASES:
        match = pattern.fullmatch(bare) or (mark and pattern.fullmatch(key))
        if match:
            return match.expand(alias)
    return bare.rstrip("/") + mark + query


def absolute(address: str, base: str) -> str:
    """The address made absolute against the article's, or "" when it cannot be opened on the web."""
    address = _tidy(address)
    if not address or (len(address) * _ESCAPED > LONGEST and len(html.escape(address)) > LONGEST):
        return ""
    if _PLAIN.fullmatch(address):
        return address
    for wrong, right in addresses.SCHEME_REPAIRS:
        if address.startswith(wrong):
            address = right + address[len(wrong) :]
    if address.startswith("//"):
        address = "https:" + address
    scheme = _SCHEME.match(_NOISE.sub("", address) if ":" in address else "")
    if scheme is None:
        return _checked(_joined(base, address))
    if scheme[1].lower() == "mailto":
        return address if _MAIL.fullmatch(address) else ""
    return _checked(address)


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:
        return ""


def _checked(address: str) -> str:
    parts = _split(address)
    if parts is None or parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        return ""
    if not _HOST.fullmatch(parts.hostname):
        return ""
    return re.sub(r"\s", "%20", address)


def clean_link(address: str, base: str) -> str:
    """What a reader may follow: absolute, unwrapped, without tracking; "" when there is nothing to follow."""
    url = absolute(address, base)
    if not url.startswith("http"):
        return url
    if "?" in url:
        url = without_tracking(_behind_proxy(_unredirected(url)))
        url = _checked(url)
    for pattern, page in _READER_PAGES:
        match = pattern.fullmatch(url)
        if match:
            return match.expand(page)
    return url


def clean_picture(address: str, base: str) -> tuple[str, str]:
    """(the picture's own address, the proxy's address or ""); ("", "") when there is no picture to fetch."""
    address = _tidy(address)
    if not address or address[:5].lower() == "data:":
        return "", ""
    if "/" not in address and "." not in address:
        return "", ""
    url = absolute(address, base)
    if not url.startswith("http"):
        return "", ""
    origin = _behind_proxy(url)
    if origin != url:
        origin = absolute(origin, base)
        return (origin, url) if origin else ("", "")
    return url.removesuffix("?"), ""


def _behind_proxy(url: str) -> str:
    for pattern in _PROXIES:
        match = pattern.match(url)
        if match is None:
            continue
        target = match[1]
        if re.match(r"https?%3A", target, re.IGNORECASE):
            target = unquote(target.split("&")[0])
        else:
            target = _PROXY_PARAMETERS.sub("", target)
        return target if target.startswith(("http://", "https://")) else "https://" + target.lstrip("/")
    return url


def player_page(address: str, base: str) -> tuple[str, str]:
    """(the page behind a player's frame, its provider); ("", "") when the frame shows nothing that can be opened."""
    url = absolute(address, base)
    for _ in range(2):
        host = host_of(url)
        names = next((names for owner, names in addresses.PLAYER_WRAPPERS if _belongs(host, owner)), ())
        target = _parameter(url, names) if names else ""
        url = absolute(target, base) if target else url
    if not url.startswith("http"):
        return "", ""
    for pattern, name, page in _PLAYERS:
        match = pattern.fullmatch(url)
        if match:
            return match.expand(page), name
    host = host_of(url)
    return url, next((name for owner, name in addresses.PROVIDERS if _belongs(host, owner)), host)
