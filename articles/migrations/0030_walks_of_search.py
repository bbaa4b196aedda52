from django.db import migrations, models


def keep_as_they_are(apps, schema_editor):
    """PostgreSQL tries to compress every tsvector, in vain: a quarter of the time that writing one takes."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE articles_entry ALTER COLUMN words SET STORAGE EXTERNAL")


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0029_lists_of_the_desk"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="article",
            index=models.Index(
                fields=["id", "status", "source", "published_on", "go_live_at", "expire_at"], name="article_facts"
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["id", "article"], name="entry_to_article"),
        ),
        migrations.RunPython(keep_as_they_are, migrations.RunPython.noop),
    ]
