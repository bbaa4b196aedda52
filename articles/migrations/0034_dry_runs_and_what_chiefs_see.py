from django.db import migrations, models

from articles.curation.roles import repair_roles


def give_rights(apps, schema_editor):
    """Chiefs see what the program remembers beside the desks' own rows."""
    repair_roles(
        apps.get_model("auth", "Group"),
        apps.get_model("auth", "Permission"),
        apps.get_model("contenttypes", "ContentType"),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0033_pairs_by_reason"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="importrun",
            index=models.Index(fields=["dry_run", "-id"], name="run_by_dry_run"),
        ),
        migrations.RunPython(give_rights, migrations.RunPython.noop),
    ]
