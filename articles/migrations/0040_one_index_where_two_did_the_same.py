import django.db.models.deletion
from django.db import migrations, models

from articles.models.beside import DropFieldIndexBeside


def to_article(related_name, **more):
    return models.ForeignKey(
        db_index=False,
        on_delete=django.db.models.deletion.CASCADE,
        related_name=related_name,
        to="articles.article",
        **more,
    )


class Migration(migrations.Migration):
    """Each of these fields comes first in a unique constraint, whose index answers the same: the second one cost an
    import forty rows of indexes a file.
    """

    atomic = False

    dependencies = [
        ("articles", "0039_long_texts_by_lz4"),
    ]

    operations = [
        DropFieldIndexBeside("articleimage", "article", to_article("article_images")),
        DropFieldIndexBeside("keyterm", "article", to_article("key_terms")),
        DropFieldIndexBeside("reference", "article", to_article("references")),
        DropFieldIndexBeside("taggedarticle", "content_object", to_article("tagged", verbose_name="article")),
    ]
