import django.db.models.deletion
from django.db import migrations, models

from articles.models.counting import count_always, count_anew, count_no_more


def begin(apps, schema_editor):
    count_always(schema_editor.connection)
    count_anew(schema_editor.connection)


def end(apps, schema_editor):
    count_no_more(schema_editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ("articles", "0027_posters"),
    ]

    operations = [
        migrations.CreateModel(
            name="MonthCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField(null=True, verbose_name="month")),
                ("articles", models.IntegerField(verbose_name="articles")),
                ("changed_at", models.DateTimeField(verbose_name="changed")),
                (
                    "source",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="articles.source",
                    ),
                ),
            ],
            options={
                "verbose_name": "count of a month",
                "verbose_name_plural": "counts of months",
                "indexes": [models.Index(fields=["source", "month"], name="count_of_a_month")],
            },
        ),
        migrations.CreateModel(
            name="TopicCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("articles", models.IntegerField(verbose_name="articles")),
                (
                    "tag",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="counts",
                        to="articles.tag",
                    ),
                ),
            ],
            options={
                "verbose_name": "count of a topic",
                "verbose_name_plural": "counts of topics",
            },
        ),
        migrations.RunPython(begin, end),
    ]
