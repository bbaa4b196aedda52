from django.db import migrations, models

from articles.curation.roles import repair_roles


def give_rights(apps, schema_editor):
    """Editors keep the synonyms."""
    repair_roles(
        apps.get_model("auth", "Group"),
        apps.get_model("auth", "Permission"),
        apps.get_model("contenttypes", "ContentType"),
    )


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0018_coverage'),
    ]

    operations = [
        migrations.CreateModel(
            name='SynonymSet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('words', models.TextField(help_text='One a line, such as two transcriptions of a name. Whoever searches for one of them finds all of them; Traditional and Simplified characters need no line each.', verbose_name='words')),
                ('changed_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'verbose_name': 'set of synonyms',
                'verbose_name_plural': 'sets of synonyms',
                'ordering': ['-id'],
            },
        ),
        migrations.RunPython(give_rights, migrations.RunPython.noop),
    ]
