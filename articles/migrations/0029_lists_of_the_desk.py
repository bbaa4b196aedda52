import articles.models.conditions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0028_counts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="article",
            index=models.Index(
                condition=models.Q(articles.models.conditions.IsNotEmptyList("warnings")),
                fields=["-listed_at"],
                name="article_warned",
            ),
        ),
        migrations.AddIndex(
            model_name="article",
            index=models.Index(fields=["script", "-listed_at", "-id"], name="article_by_script"),
        ),
        migrations.AddIndex(
            model_name="image",
            index=models.Index(condition=models.Q(("decorative", True)), fields=["-id"], name="image_decorative"),
        ),
        migrations.AddIndex(
            model_name="possibleduplicate",
            index=models.Index(fields=["verdict", "-likeness", "id"], name="pair_by_verdict"),
        ),
        migrations.AddIndex(
            model_name="revision",
            index=models.Index(fields=["kind", "-id"], name="revision_by_kind"),
        ),
        migrations.AddIndex(
            model_name="step",
            index=models.Index(fields=["target", "-id"], name="step_by_target"),
        ),
        migrations.AddIndex(
            model_name="story",
            index=models.Index(fields=["-state", "-score", "-began_at", "-id"], name="story_by_certainty"),
        ),
    ]
