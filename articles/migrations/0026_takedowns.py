import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from articles.curation.roles import repair_roles


def give_rights(apps, schema_editor):
    """Everybody may ask for a take-down, chiefs decide."""
    repair_roles(
        apps.get_model("auth", "Group"),
        apps.get_model("auth", "Permission"),
        apps.get_model("contenttypes", "ContentType"),
    )


class Migration(migrations.Migration):
    """Nothing of the big tables is written anew: two indexes of articles get the number, which holds are compared by."""

    dependencies = [
        ('articles', '0023_workers_pulse'),
        ('articles', '0025_revisions_of_the_policy'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='TakeDown',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('requested', 'requested'), ('declined', 'declined'), ('in_force', 'in force'), ('ended', 'ended by itself'), ('restored', 'restored')], default='requested', max_length=9, verbose_name='state')),
                ('scope', models.CharField(choices=[('article', 'an article'), ('pictures', 'the pictures of an article'), ('picture', 'one picture wherever it is shown'), ('addresses', 'all articles under an address')], default='article', max_length=9, verbose_name='what')),
                ('article_number', models.BigIntegerField(blank=True, null=True, verbose_name='article')),
                ('image_number', models.BigIntegerField(blank=True, null=True, verbose_name='picture')),
                ('pattern', models.CharField(blank=True, help_text='Such as news.example/politics/', max_length=500, verbose_name='beginning of the addresses')),
                ('copies', models.JSONField(blank=True, default=list, verbose_name='further articles')),
                ('everywhere', models.BooleanField(default=False, help_text='Else pictures that other articles show as well stay where they are.', verbose_name='its pictures in other articles, too')),
                ('subject', models.CharField(help_text='For the desk; readers never see it.', max_length=500, verbose_name='subject')),
                ('source_name', models.CharField(blank=True, max_length=200, verbose_name='source')),
                ('basis', models.CharField(choices=[('court', 'court order'), ('statute', 'statute or order of an authority'), ('copyright', 'copyright'), ('privacy', 'privacy or data protection'), ('defamation', 'personality rights or defamation'), ('licence', 'licence ended'), ('safety', 'safety of a person'), ('error', 'error of the newsroom')], max_length=10, verbose_name='basis')),
                ('requester_kind', models.CharField(choices=[('court', 'a court'), ('authority', 'an authority'), ('holder', 'a holder of rights'), ('person', 'a person concerned'), ('publisher', 'the publisher'), ('ourselves', 'the newsroom itself')], max_length=9, verbose_name='requested by')),
                ('requester', models.CharField(blank=True, help_text='For the desk only.', max_length=300, verbose_name='name of who asks')),
                ('reason', models.TextField(help_text='For the desk only: the demand, file numbers.', max_length=4000, verbose_name='reason')),
                ('public_note', models.CharField(blank=True, help_text='Name nobody, and nothing of what was shown.', max_length=500, verbose_name='note to the public')),
                ('begins_at', models.DateTimeField(verbose_name='from')),
                ('ends_at', models.DateTimeField(blank=True, help_text='Empty: for good.', null=True, verbose_name='until')),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='asked')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided')),
                ('declined_because', models.CharField(blank=True, max_length=500, verbose_name='declined because')),
                ('applied_at', models.DateTimeField(null=True, verbose_name='carried out')),
                ('effects', models.JSONField(blank=True, default=dict, verbose_name='what it removed')),
                ('restore_asked_at', models.DateTimeField(null=True, verbose_name='restoring asked')),
                ('restore_reason', models.CharField(blank=True, max_length=500, verbose_name='why it may return')),
                ('restored_at', models.DateTimeField(null=True, verbose_name='returned')),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked by')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('restore_asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='restoring asked by')),
                ('restored_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='restored by')),
            ],
            options={
                'verbose_name': 'take-down',
                'verbose_name_plural': 'take-downs',
                'ordering': ['-id'],
                'permissions': [('decide_takedown', 'Can decide on take-downs and on restoring')],
            },
        ),
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('article_number', models.BigIntegerField(verbose_name='article')),
                ('begins_at', models.DateTimeField(verbose_name='from')),
                ('ends_at', models.DateTimeField(null=True, verbose_name='until')),
                ('take_down', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='held', to='articles.takedown', verbose_name='take-down')),
            ],
            options={
                'verbose_name': 'article held back',
                'verbose_name_plural': 'articles held back',
            },
        ),
        migrations.CreateModel(
            name='Block',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('address', 'address of an article'), ('beginning', 'beginning of addresses'), ('bytes', 'bytes of a file'), ('text', 'text'), ('likeness', 'likeness of a text'), ('picture', 'bytes of a picture'), ('picture_at', 'address of a picture'), ('look', 'look of a picture')], max_length=10, verbose_name='kind')),
                ('key', models.BigIntegerField()),
                ('value', models.CharField(max_length=2000, verbose_name='value')),
                ('take_down', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='blocks', to='articles.takedown', verbose_name='take-down')),
            ],
            options={
                'verbose_name': 'block',
                'verbose_name_plural': 'blocks',
            },
        ),
        migrations.CreateModel(
            name='WithheldPicture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('origin_url', models.CharField(max_length=2000, verbose_name='origin address')),
                ('sha256', models.CharField(blank=True, db_index=True, max_length=64)),
                ('name', models.CharField(blank=True, max_length=255, verbose_name='file')),
                ('former_state', models.CharField(choices=[('waiting', 'waiting'), ('stored', 'stored'), ('gone', 'gone'), ('blocked', 'blocked'), ('too_large', 'too large'), ('not_an_image', 'not an image'), ('unsafe', 'unsafe'), ('taken_down', 'taken down')], max_length=12, verbose_name='state before')),
                ('image', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='withheld', to='articles.image')),
                ('take_down', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pictures', to='articles.takedown', verbose_name='take-down')),
            ],
            options={
                'verbose_name': 'picture withheld',
                'verbose_name_plural': 'pictures withheld',
            },
        ),
        migrations.CreateModel(
            name='WithheldFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha256', models.CharField(max_length=64, unique=True)),
                ('name', models.CharField(max_length=255, verbose_name='file')),
                ('size', models.PositiveIntegerField(verbose_name='size, bytes')),
                ('is_settled', models.BooleanField(default=False, help_text='Whether the storage follows: file and renditions are gone from it.')),
                ('bytes', models.BinaryField()),
            ],
            options={
                'verbose_name': 'file withheld',
                'verbose_name_plural': 'files withheld',
            },
        ),
        migrations.RemoveIndex(
            model_name='article',
            name='article_by_day',
        ),
        migrations.RemoveIndex(
            model_name='article',
            name='article_counts_by_source',
        ),
        migrations.AlterField(
            model_name='image',
            name='state',
            field=models.CharField(choices=[('waiting', 'waiting'), ('stored', 'stored'), ('gone', 'gone'), ('blocked', 'blocked'), ('too_large', 'too large'), ('not_an_image', 'not an image'), ('unsafe', 'unsafe'), ('taken_down', 'taken down')], default='waiting', max_length=12, verbose_name='state'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(fields=['status', 'published_on', 'go_live_at', 'expire_at', 'id'], name='article_by_day'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(fields=['status', 'source', 'published_on', 'go_live_at', 'expire_at', 'id'], name='article_counts_by_source'),
        ),
        migrations.AddIndex(
            model_name='withheldfile',
            index=models.Index(condition=models.Q(('is_settled', False)), fields=['id'], name='withheld_file_unsettled'),
        ),
        migrations.AddIndex(
            model_name='takedown',
            index=models.Index(fields=['-begins_at', '-id'], name='takedown_by_date'),
        ),
        migrations.AddIndex(
            model_name='takedown',
            index=models.Index(fields=['state', '-id'], name='takedown_by_state'),
        ),
        migrations.AddConstraint(
            model_name='takedown',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__isnull', True), ('ends_at__gt', models.F('begins_at')), _connector='OR'), name='a_takedown_ends_after_it_begins'),
        ),
        migrations.AddConstraint(
            model_name='takedown',
            constraint=models.CheckConstraint(condition=models.Q(('restored_by__isnull', True), ('restore_asked_by__isnull', True), models.Q(('restored_by', models.F('restore_asked_by')), _negated=True), _connector='OR'), name='two_people_restore'),
        ),
        migrations.AddConstraint(
            model_name='takedown',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'restored'), _negated=True), models.Q(('restore_asked_at__isnull', False), ('restored_at__isnull', False)), _connector='OR'), name='restoring_is_asked_first'),
        ),
        migrations.AddConstraint(
            model_name='takedown',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'in_force'), _negated=True), ('decided_at__isnull', False), _connector='OR'), name='a_takedown_is_decided'),
        ),
        migrations.AddIndex(
            model_name='hold',
            index=models.Index(fields=['article_number', 'begins_at', 'ends_at'], name='hold_by_article'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.UniqueConstraint(fields=('take_down', 'article_number'), name='held_once_a_takedown'),
        ),
        migrations.AddIndex(
            model_name='block',
            index=models.Index(fields=['key'], name='block_by_key'),
        ),
        migrations.AddConstraint(
            model_name='withheldpicture',
            constraint=models.UniqueConstraint(fields=('take_down', 'image'), name='withheld_once_a_takedown'),
        ),
        migrations.RunPython(give_rights, migrations.RunPython.noop),
    ]
