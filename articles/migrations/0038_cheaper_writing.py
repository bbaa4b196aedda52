from django.db import migrations

SETTINGS = {"hashsize": 16 * 1024 * 1024, "automerge": 8}  # as articles.search.index has them
COMPRESSED = {"articles_article": ("body", "text"), "articles_entry": ("words", "lead", "more")}
INCOMPRESSIBLE = {"articles_original": ("bytes",), "articles_signature": ("values",)}


def write_cheaper(apps, schema_editor):
    """How rows that come from now on are kept; nothing that is there is written anew.

    SQLite: the tokens of a batch of an import go into one part of the index instead of many. PostgreSQL: texts are
    compressed by lz4 where the server has it (pglz takes some ten times as long), and what no method makes smaller is
    not tried.
    """
    if schema_editor.connection.vendor == "sqlite":
        for name, value in SETTINGS.items():
            schema_editor.execute(
                "INSERT INTO articles_entry_words (articles_entry_words, rank) VALUES (%s, %s)", [name, value]
            )
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'")
        has_lz4 = (cursor.fetchone() or (False,))[0]
    for table, columns in COMPRESSED.items() if has_lz4 else ():
        for column in columns:
            schema_editor.execute(f'ALTER TABLE {table} ALTER COLUMN "{column}" SET COMPRESSION lz4')
    for table, columns in INCOMPRESSIBLE.items():
        for column in columns:
            schema_editor.execute(f'ALTER TABLE {table} ALTER COLUMN "{column}" SET STORAGE EXTERNAL')


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0037_originals_by_run"),
    ]

    operations = [
        migrations.RunPython(write_cheaper, migrations.RunPython.noop),
    ]
