import articles.models.conditions
from django.db import migrations, models

from articles.models.beside import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("articles", "0034_dry_runs_and_what_chiefs_see"),
    ]

    operations = [
        AddIndexBeside(
            model_name="article",
            index=models.Index(
                condition=models.Q(articles.models.conditions.IsNotEmptyList("warnings")),
                fields=["status", "-listed_at", "-id"],
                name="article_warned_by_status",
            ),
        ),
    ]
