"""Triggers with which the database itself counts published articles by source and month, and by topic.

Whatever writes articles or uses of tags, in whatever way, has them counted in the same transaction; a list that tells
counts then costs the same however many articles there are. What is counted is `status = 'published'`: readers' own rule
asks for the moment, too, so the few that it hides are subtracted when they are read (`articles.models.counts`).

SQLite has one writer at a time: a row of a count is changed in its place. PostgreSQL's writers would wait for each
other at it, or for ever: each statement adds rows with differences instead, a count is their sum, and now and then a
statement folds them together.
"""

# ruff: noqa: S608 - the names put together here are this module's own

MONTHS, TOPICS = "articles_monthcount", "articles_topiccount"
ARTICLES, USES = "articles_article", "articles_taggedarticle"
LOCK = 7_061_403_118  # any number of our own: who folds or counts anew on PostgreSQL holds it


def count_always(connection) -> None:
    """Set the triggers, again where they are.

    SQLite drops triggers with their table: a migration that makes one of the two tables anew there must do this again.
    """
    statements = _sqlite() if connection.vendor == "sqlite" else _postgres()
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def count_no_more(connection) -> None:
    """Take the triggers off."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for table, name, _when, _body in _sqlite_triggers():
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_count_{name}")
            return
        for table in (ARTICLES, USES):
            cursor.execute(f"DROP FUNCTION IF EXISTS {table}_count() CASCADE")


def count_anew(connection) -> None:
    """Throw the counts away and count; four statements, which read every article once. Inside a transaction."""
    month = _MONTH_OF[connection.vendor].format("published_on")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # no row may come between the counting and the throwing away
            cursor.execute(f"SELECT pg_advisory_xact_lock({LOCK})")
            cursor.execute(f"LOCK TABLE {ARTICLES}, {USES} IN SHARE MODE")
        cursor.execute(f"DELETE FROM {MONTHS}")
        cursor.execute(f"DELETE FROM {TOPICS}")
        cursor.execute(
            f"INSERT INTO {MONTHS} (source_id, month, articles, changed_at) "
            f"SELECT source_id, {month}, count(*), max(updated_at) FROM {ARTICLES} "
            f"WHERE status = 'published' GROUP BY 1, 2"
        )
        cursor.execute(
            f"INSERT INTO {TOPICS} (tag_id, articles) SELECT tag_id, count(*) FROM {USES} "
            f"JOIN {ARTICLES} a ON a.id = content_object_id WHERE a.status = 'published' GROUP BY 1"
        )


# Names of what a statement of PostgreSQL changed, as its trigger sees it.
_SEEN = {
    "insert": "NEW TABLE AS fresh",
    "delete": "OLD TABLE AS stale",
    "update": "OLD TABLE AS stale NEW TABLE AS fresh",
}
_MONTH_OF = {"sqlite": "date({}, 'start of month')", "postgresql": "date_trunc('month', {})::date"}
_NOW = "strftime('%Y-%m-%d %H:%M:%f', 'now')"


def _sqlite() -> list[str]:
    statements = []
    for table, name, when, body in _sqlite_triggers():
        statements += [
            f"DROP TRIGGER IF EXISTS {table}_count_{name}",
            f"CREATE TRIGGER {table}_count_{name} AFTER {name.partition('_')[0].upper()} ON {table} "
            f"FOR EACH ROW WHEN {when} BEGIN {body} END",
        ]
    return statements


def _sqlite_triggers() -> list[tuple[str, str, str, str]]:
    """Table, name, condition and statements of the triggers for each row.

    Nothing is taken from a count that is not there: of tables that are all emptied, the counts' may be the first.
    """

    def month(row: str, difference: int, at: str) -> str:
        of = f"source_id = {row}.source_id AND month IS {_MONTH_OF['sqlite'].format(f'{row}.published_on')}"
        change = (
            f"UPDATE {MONTHS} SET articles = articles + {difference}, changed_at = max(changed_at, {at}) "
            f"WHERE {row}.status = 'published' AND {of}; "
        )
        return change if difference < 0 else _first_month(row, of, at) + change

    def topics(row: str, difference: int) -> str:
        mine = f"(SELECT tag_id FROM {USES} WHERE content_object_id = {row}.id)"
        change = f"UPDATE {TOPICS} SET articles = articles + {difference} WHERE tag_id IN {mine}; "
        if difference < 0:
            return change
        first = (
            f"INSERT INTO {TOPICS} (tag_id, articles) SELECT tag_id, 0 FROM {USES} u "
            f"WHERE content_object_id = {row}.id AND NOT EXISTS (SELECT 1 FROM {TOPICS} WHERE tag_id = u.tag_id); "
        )
        return first + change

    def use(row: str, difference: int) -> str:
        shown = f"(SELECT 1 FROM {ARTICLES} a WHERE a.id = {row}.content_object_id AND a.status = 'published')"
        change = (
            f"UPDATE {TOPICS} SET articles = articles + {difference} WHERE tag_id = {row}.tag_id AND EXISTS {shown}; "
        )
        if difference < 0:
            return change
        first = (
            f"INSERT INTO {TOPICS} (tag_id, articles) SELECT {row}.tag_id, 0 WHERE EXISTS {shown} "
            f"AND NOT EXISTS (SELECT 1 FROM {TOPICS} WHERE tag_id = {row}.tag_id); "
        )
        return first + change

    changed = "NEW.updated_at"
    published = {row: f"{row}.status = 'published'" for row in ("OLD", "NEW")}
    return [
        (ARTICLES, "insert", published["NEW"], month("NEW", 1, changed) + topics("NEW", 1)),
        (ARTICLES, "delete", published["OLD"], month("OLD", -1, _NOW) + topics("OLD", -1)),
        (ARTICLES, "update", " OR ".join(published.values()), month("OLD", -1, changed) + month("NEW", 1, changed)),
        (ARTICLES, "update_on", f"{published['NEW']} AND NOT {published['OLD']}", topics("NEW", 1)),
        (ARTICLES, "update_off", f"{published['OLD']} AND NOT {published['NEW']}", topics("OLD", -1)),
        (USES, "insert", "TRUE", use("NEW", 1)),
        (USES, "delete", "TRUE", use("OLD", -1)),
        (USES, "update", "TRUE", use("OLD", -1) + use("NEW", 1)),
    ]


def _first_month(row: str, of: str, at: str) -> str:
    month = _MONTH_OF["sqlite"].format(f"{row}.published_on")
    return (
        f"INSERT INTO {MONTHS} (source_id, month, articles, changed_at) SELECT {row}.source_id, {month}, 0, {at} "
        f"WHERE {row}.status = 'published' AND NOT EXISTS (SELECT 1 FROM {MONTHS} WHERE {of}); "
    )


def _postgres() -> list[str]:
    """Triggers for each statement, over the rows that it changed."""
    month = _MONTH_OF["postgresql"].format("published_on")
    of_articles = f"""
        INSERT INTO {MONTHS} (source_id, month, articles, changed_at)
            SELECT source_id, {month}, sum(n), max(at) FROM ({{changed}}) c WHERE status = 'published' GROUP BY 1, 2;
        {_ADDED}
        INSERT INTO {TOPICS} (tag_id, articles)
            SELECT u.tag_id, sum(c.n) FROM ({{changed}}) c JOIN {USES} u ON u.content_object_id = c.id
            WHERE c.status = 'published' GROUP BY 1 HAVING sum(c.n) <> 0;{_ADDED}"""
    of_uses = f"""
        INSERT INTO {TOPICS} (tag_id, articles)
            SELECT c.tag_id, sum(c.n) FROM ({{changed}}) c JOIN {ARTICLES} a ON a.id = c.content_object_id
            WHERE a.status = 'published' GROUP BY 1 HAVING sum(c.n) <> 0;{_ADDED}"""
    columns = {ARTICLES: "id, source_id, published_on, status, {at} AS at", USES: "tag_id, content_object_id"}
    statements = []
    for table, body in ((ARTICLES, of_articles), (USES, of_uses)):

        def rows(seen: str, number: int, at: str = "updated_at", names: str = columns[table]) -> str:
            return f"SELECT {names.format(at=at)}, {number} AS n FROM {seen}"

        statements.append(
            f"""CREATE OR REPLACE FUNCTION {table}_count() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE number bigint; added bigint := 0; BEGIN
            IF TG_OP = 'INSERT' THEN {body.format(changed=rows("fresh", 1))}
            ELSIF TG_OP = 'DELETE' THEN {body.format(changed=rows("stale", -1, "now()"))}
            ELSE {body.format(changed=f"{rows('fresh', 1)} UNION ALL {rows('stale', -1)}")}
            END IF;
            IF random() * {_SPARE} < added AND pg_try_advisory_xact_lock({LOCK}) THEN {_FOLD} END IF;
            RETURN NULL; END $$"""
        )
        for deed, seen in _SEEN.items():
            statements += [
                f"DROP TRIGGER IF EXISTS {table}_count_{deed} ON {table}",
                f"CREATE TRIGGER {table}_count_{deed} AFTER {deed.upper()} ON {table} REFERENCING {seen} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_count()",
            ]
    return statements


_ADDED = " GET DIAGNOSTICS number = ROW_COUNT; added := added + number;"
# Rows that may lie about beside the folded ones, on average: the more topics there are, the more a fold costs.
_SPARE = "greatest(500, 0.5 * (SELECT reltuples FROM pg_class WHERE oid = 'articles_tag'::regclass))"
_FOLD = f"""
    WITH gone AS (DELETE FROM {MONTHS} RETURNING *) INSERT INTO {MONTHS} (source_id, month, articles, changed_at)
        SELECT source_id, month, sum(articles), max(changed_at) FROM gone GROUP BY 1, 2;
    WITH gone AS (DELETE FROM {TOPICS} RETURNING *) INSERT INTO {TOPICS} (tag_id, articles)
        SELECT tag_id, sum(articles) FROM gone GROUP BY 1 HAVING sum(articles) <> 0;"""
