"""Run by `manage.py shell`: writes as nobody should, by reading first, which a deferred transaction fails at."""

from django.db import transaction

from articles.models import Article, record

DEEDS = 60
numbers = list(Article.objects.order_by("-pk").values_list("pk", flat=True)[:5])
for deed in range(DEEDS):
    with transaction.atomic():
        article = Article.objects.get(pk=numbers[deed % len(numbers)])
        article.title = f"第 {deed} 次"
        article.save(update_fields=["title", "updated_at"])
        record("change", article)
