import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

from articles.models.beside import AddCheckBeside


def never_seen_stays_never_seen(apps, schema_editor):
    """Articles that ended before they began were never seen; they end as they begin, which is allowed."""
    articles = apps.get_model("articles", "Article").objects
    articles.filter(expire_at__isnull=False, expire_at__lt=F("go_live_at")).update(expire_at=F("go_live_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0031_long_texts_in_search"),
    ]

    operations = [
        migrations.CreateModel(
            name="WaitingEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="articles.article"
                    ),
                ),
            ],
            options={
                "verbose_name": "waiting search entry",
                "verbose_name_plural": "waiting search entries",
            },
        ),
        migrations.AddField(
            model_name="claim",
            name="begun_at",
            field=models.DateTimeField(null=True),
        ),
        AddCheckBeside(
            model_name="article",
            constraint=models.CheckConstraint(
                condition=Q(go_live_at__isnull=True) | Q(expire_at__isnull=True) | Q(expire_at__gte=F("go_live_at")),
                name="an_end_not_before_the_beginning",
            ),
            fields=("go_live_at", "expire_at"),
            broken="NEW.expire_at < NEW.go_live_at",
        ),
        migrations.RunPython(never_seen_stays_never_seen, migrations.RunPython.noop),
    ]
