"""Triggers with which the database itself refuses to change or delete rows of a table that is only added to."""

REFUSAL = "is only added to: its rows are neither changed nor deleted"


def guard(table: str, connection) -> None:
    """Refuse UPDATE and DELETE (and TRUNCATE, where it exists) from now on.

    SQLite drops triggers with their table: a migration that alters the table there must guard it again.
    """
    with connection.cursor() as cursor:
        for statement in _guards(table, connection.vendor):
            cursor.execute(statement)


def unguard(table: str, connection) -> None:
    """Take the triggers off."""
    with connection.cursor() as cursor:
        for statement in _lifts(table, connection.vendor):
            cursor.execute(statement)


def _guards(table: str, vendor: str) -> list[str]:
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{deed} BEFORE {deed.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} {REFUSAL}'); END"
            for deed in ("update", "delete")
        ]
    return [
        f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} {REFUSAL}'; END $$",
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
    ]


def _lifts(table: str, vendor: str) -> list[str]:
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {table}_no_{deed}" for deed in ("update", "delete")]
    return [f"DROP FUNCTION IF EXISTS {table}_refuse() CASCADE"]
