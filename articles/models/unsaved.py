"""What somebody has typed into an article's form and not saved: kept beside the article, never in its history."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from articles.models.article import Article


class Unsaved(models.Model):
    """The form of one open page as it was last sent; gone once that page is saved or the words are thrown away."""

    page = models.CharField(max_length=32, unique=True, help_text=_("Made by the desk for each page it opens."))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    article = models.ForeignKey(
        Article, on_delete=models.CASCADE, null=True, related_name="unsaved", help_text=_("None: an article to be.")
    )
    values = models.JSONField(default=dict)  # the name of each field of the page: a list of strings
    typed_at = models.DateTimeField()

    class Meta:
        """Asked for by person and article, latest first."""

        verbose_name = _("unsaved text")
        verbose_name_plural = _("unsaved texts")
        indexes = [models.Index(fields=["user", "article", "-typed_at"], name="unsaved_by_person")]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.article_id}"
