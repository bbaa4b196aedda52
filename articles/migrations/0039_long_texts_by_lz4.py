from django.db import migrations


def compress_quicker(apps, schema_editor):
    """What stands in the index of long articles on PostgreSQL is compressed by lz4 from now on, where the server has
    it: a phrase is looked for in it, and pglz took most of the time of that. Nothing that is there is written anew;
    `rebuild_search` does that.
    """
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'")
        has_lz4 = (cursor.fetchone() or (False,))[0]
    if has_lz4:
        schema_editor.execute('ALTER TABLE articles_entry ALTER COLUMN "whole" SET COMPRESSION lz4')


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0038_cheaper_writing"),
    ]

    operations = [
        migrations.RunPython(compress_quicker, migrations.RunPython.noop),
    ]
