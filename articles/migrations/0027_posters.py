import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("articles", "0026_takedowns"),
    ]

    operations = [
        migrations.CreateModel(
            name="Poster",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="posters", to="articles.article"
                    ),
                ),
                (
                    "image",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="posters",
                        to="articles.image",
                        verbose_name="image",
                    ),
                ),
            ],
            options={
                "verbose_name": "still picture of an embed",
                "verbose_name_plural": "still pictures of embeds",
            },
        ),
        migrations.AddConstraint(
            model_name="poster",
            constraint=models.UniqueConstraint(fields=("article", "image"), name="a_poster_once_an_article"),
        ),
    ]
