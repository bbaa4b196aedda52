"""The description of the read API (OpenAPI 3.1): what may be asked, what is answered."""

from django.conf import settings

TEXT, NUMBER, TRUTH = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
ADDRESS, DAY, MOMENT = ({"type": "string", "format": name} for name in ("uri", "date", "date-time"))
TEXTS = {"type": "array", "items": TEXT}


def _or_null(kind: dict) -> dict:
    return {**kind, "type": [kind["type"], "null"]}


def _thing(**fields: dict) -> dict:
    return {"type": "object", "properties": fields, "required": list(fields)}


def _list_of(name: str, **fields: dict) -> dict:
    return _thing(
        **{name: {"type": "array", "items": {"$ref": f"#/components/schemas/{name[:-1].title()}Entry"}}}, **fields
    )


PICTURE = _thing(
    src=ADDRESS,
    caption=TEXT,
    credit=TEXT,
    alt=TEXT,
    file=_or_null(TEXT),
    width=_or_null(NUMBER),
    height=_or_null(NUMBER),
)
RECORD = _thing(
    id=NUMBER,
    path=_or_null(TEXT),
    status=TEXT,
    title=TEXT,
    title_raw=TEXT,
    url=TEXT,
    canonical_url=_or_null(TEXT),
    source=TEXT,
    byline=TEXT,
    published=_or_null(MOMENT),
    published_precision=TEXT,
    published_from=TEXT,
    dateline=_or_null(MOMENT),
    language=TEXT,
    script=TEXT,
    tags=TEXTS,
    images={"type": "array", "items": PICTURE},
    embeds=TEXTS,
    links=TEXTS,
    standfirst=TEXT,
    html=TEXT,
    text=TEXT,
    warnings=TEXTS,
    stub=TRUTH,
    sha256=_or_null(TEXT),
    corrections={"type": "array", "items": _thing(kind=TEXT, text=TEXT, date=MOMENT)},
)
SCHEMAS = {
    "ArticleEntry": _thing(
        id=NUMBER,
        page=ADDRESS,
        record=ADDRESS,
        title=TEXT,
        summary=TEXT,
        byline=TEXT,
        source=TEXT,
        canonical_url=_or_null(TEXT),
        published=_or_null(MOMENT),
        published_precision=TEXT,
        language=TEXT,
        script=TEXT,
        tags=TEXTS,
        image=_or_null(ADDRESS),
        updated=MOMENT,
    ),
    "TagEntry": _thing(name=TEXT, slug=TEXT, page=ADDRESS, articles=NUMBER),
    "SourceEntry": _thing(
        slug=TEXT,
        name=TEXT,
        language=TEXT,
        timezone=TEXT,
        home_url=TEXT,
        page=ADDRESS,
        articles=NUMBER,
        newest=_or_null(DAY),
    ),
    "Record": RECORD,
    "Article": _thing(**RECORD["properties"], page=ADDRESS),
    "Articles": _list_of("articles", next=_or_null(ADDRESS)),
    "Tags": _list_of("tags", next=_or_null(ADDRESS)),
    "Sources": _list_of("sources"),
    "Link": {
        "type": "object",
        "properties": {
            **dict.fromkeys(("version", "type", "title", "author_name", "provider_name"), TEXT),
            **dict.fromkeys(("provider_url", "thumbnail_url"), ADDRESS),
            **dict.fromkeys(("cache_age", "thumbnail_width", "thumbnail_height"), NUMBER),
        },
        "required": ["version", "type"],
    },
    "ResultEntry": _thing(id=NUMBER, url=ADDRESS, title=TEXT, published=_or_null(MOMENT), source=TEXT),
    "Results": _list_of("results", total=NUMBER, more=TRUTH, next=_or_null(ADDRESS)),
    "YearEntry": _thing(number=NUMBER, taken=NUMBER, legal=NUMBER, returned=NUMBER, declined=NUMBER),
    "TakeDownEntry": _thing(
        reference=TEXT,
        status=NUMBER,
        basis=TEXT,
        requested_by=TEXT,
        scope=TEXT,
        source=TEXT,
        since=MOMENT,
        until=_or_null(MOMENT),
        state=TEXT,
        returned=_or_null(MOMENT),
        note=TEXT,
    ),
    "TakeDowns": _thing(
        take_downs={"type": "array", "items": {"$ref": "#/components/schemas/TakeDownEntry"}},
        years={"type": "array", "items": {"$ref": "#/components/schemas/YearEntry"}},
        next=_or_null(ADDRESS),
    ),
    "Tombstone": _thing(
        error=TEXT,
        status=NUMBER,
        reference=TEXT,
        basis=TEXT,
        since=MOMENT,
        until=_or_null(MOMENT),
        note=TEXT,
        transparency=ADDRESS,
    ),
    "Error": _thing(error=TEXT),
}


def _asked(name: str, told: str, schema: dict, place: str = "query") -> dict:
    return {"name": name, "in": place, "description": told, "schema": schema, "required": place == "path"}


def _with_body(told: str, schema: str) -> dict:
    return {
        "description": told,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }


TAKEN_DOWN = {
    "410": _with_body("It was taken down; the answer says since when and on what basis.", "Tombstone"),
    "451": _with_body("It was taken down by law; the answer says since when and on what basis.", "Tombstone"),
}
BARE_404 = {"404": {"description": "Nothing published is there; a page says so."}}


def _answered(name: str, *, may_be_wrong: bool = False, may_be_missing: bool = False, is_limited: bool = True) -> dict:
    """Answers by status. `is_limited`: only so many requests of one address are answered in a time."""
    answers = {"200": _with_body("What was asked for.", name), "304": {"description": "You have it (If-None-Match)."}}
    if may_be_wrong:
        answers["400"] = _with_body("A value that is not allowed.", "Error")
    if may_be_missing:
        answers |= {"404": _with_body("Nothing published is there.", "Error"), **TAKEN_DOWN}
    if is_limited:
        answers["429"] = _with_body("Too many requests; Retry-After tells the seconds to wait.", "Error")
    return answers


LIMIT = _asked("limit", "Entries in a page, at most 100.", {**NUMBER, "minimum": 1, "maximum": 100})
NUMBER_IN_PATH = _asked("number", "The article's number.", NUMBER, "path")
PATHS = {
    "/api/articles/": {
        "operationId": "articles",
        "summary": "Published articles, newest first by their source's date.",
        "parameters": [
            _asked("source", "Slug of a source.", TEXT),
            _asked("tag", "Slug of a topic, also one that it had before.", TEXT),
            _asked("from", "First day, by the source's date.", DAY),
            _asked("to", "Last day, by the source's date.", DAY),
            _asked("script", "Script of the text.", {**TEXT, "enum": ["hans", "hant", "latn", "mixed"]}),
            LIMIT,
            _asked("before", "Where the page begins; follow “next” instead of making one.", TEXT),
        ],
        "responses": _answered("Articles", may_be_wrong=True),
    },
    "/api/articles/{number}": {
        "operationId": "article",
        "summary": "One article whole.",
        "parameters": [NUMBER_IN_PATH],
        "responses": _answered("Article", may_be_missing=True),
    },
    "/api/tags/": {
        "operationId": "tags",
        "summary": "Topics of published articles by name, with the number of articles.",
        "parameters": [LIMIT, _asked("after", "Where the page begins; follow “next”.", TEXT)],
        "responses": _answered("Tags", may_be_wrong=True),
    },
    "/api/sources/": {
        "operationId": "sources",
        "summary": "Sources of published articles, with the number of articles.",
        "parameters": [],
        "responses": _answered("Sources"),
    },
    "/a/{number}.json": {
        "operationId": "record",
        "summary": "One article as it is exported; the same record as a line of export_articles.",
        "parameters": [NUMBER_IN_PATH],
        "responses": _answered("Record", may_be_missing=True, is_limited=False) | BARE_404,
    },
    "/oembed": {
        "operationId": "oembed",
        "summary": "A link to an article as other sites show it (oEmbed).",
        "parameters": [
            _asked("url", "Address of an article here.", ADDRESS) | {"required": True},
            _asked("format", "json, unless told otherwise.", {**TEXT, "enum": ["json", "xml"]}),
        ],
        "responses": _answered("Link", may_be_missing=True)
        | {"501": _with_body("Another format than those two.", "Error")},
    },
    "/search.json": {
        "operationId": "search",
        "summary": "Found articles, as the search page shows them.",
        "parameters": [
            _asked("q", "Words, as they are written on the search page.", TEXT),
            _asked("source", "Slug of a source.", TEXT),
            _asked("tag", "Slug of a topic.", TEXT),
            _asked("from", "First day, by the source's date.", DAY),
            _asked("to", "Last day, by the source's date.", DAY),
            _asked("order", "Best first, unless it is “newest”.", {**TEXT, "enum": ["newest"]}),
            _asked("after", "Where the page begins; follow “next”.", TEXT),
        ],
        "responses": _answered("Results", is_limited=False),
    },
    "/transparency.json": {
        "operationId": "transparency",
        "summary": "Every take-down, the latest first, with counts by year.",
        "parameters": [_asked("before", "Where the page begins; follow “next”.", TEXT)],
        "responses": _answered("TakeDowns", is_limited=False) | BARE_404,
    },
}


def description() -> dict:
    """The whole OpenAPI document of this site."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{settings.SITE_NAME}: read API",
            "version": "1",
            "description": "Published articles, topics and sources. Every answer has an ETag: ask again with it.",
        },
        "servers": [{"url": settings.SITE_URL}],
        "paths": {path: {"get": operation} for path, operation in PATHS.items()},
        "components": {"schemas": SCHEMAS},
    }
