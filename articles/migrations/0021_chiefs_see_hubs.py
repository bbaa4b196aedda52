from django.db import migrations

from articles.curation.roles import repair_roles


def give_rights(apps, schema_editor):
    """Chiefs see what hubs were told."""
    repair_roles(
        apps.get_model("auth", "Group"),
        apps.get_model("auth", "Permission"),
        apps.get_model("contenttypes", "ContentType"),
    )


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0020_signing_in'),
    ]

    operations = [
        migrations.RunPython(give_rights, migrations.RunPython.noop),
    ]
