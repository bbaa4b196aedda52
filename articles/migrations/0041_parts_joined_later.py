from django.db import migrations

SETTINGS = {"automerge": 32, "crisismerge": 64, "usermerge": 16}  # as articles.search.index has them


def set_(apps, schema_editor, settings=SETTINGS):
    if schema_editor.connection.vendor != "sqlite":
        return
    with schema_editor.connection.cursor() as cursor:
        for name, value in settings.items():
            cursor.execute("INSERT INTO articles_entry_words (articles_entry_words, rank) VALUES (%s, %s)", [name, value])


def set_back(apps, schema_editor):
    set_(apps, schema_editor, {"automerge": 8, "crisismerge": 16, "usermerge": 4})


class Migration(migrations.Migration):
    """SQLite's index of words joins its parts less often; nothing is written anew."""

    dependencies = [("articles", "0040_one_index_where_two_did_the_same")]

    operations = [migrations.RunPython(set_, set_back)]
