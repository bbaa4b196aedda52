from django.db import migrations, models

from articles.models.beside import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("articles", "0035_warned_by_status"),
    ]

    operations = [
        AddIndexBeside(
            model_name="article",
            index=models.Index(
                condition=models.Q(("stub", True)),
                fields=["status", "-listed_at", "-id"],
                name="article_stub_by_status",
            ),
        ),
    ]
