"""What tag proposals remember: what editors said of them, and what tagged articles have taught."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from articles.models.article import Article
from articles.models.tagging import Tag


class TagVerdict(models.Model):
    """What an editor said of a tag proposed for an article: it is never proposed there again."""

    article = models.ForeignKey(
        Article, on_delete=models.CASCADE, related_name="tag_verdicts", verbose_name=_("article")
    )
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="verdicts", verbose_name=_("tag"))
    accepted = models.BooleanField(_("accepted"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    made_at = models.DateTimeField(_("when"), auto_now=True)

    class Meta:
        """The last word counts; a tag's are counted from the index alone."""

        verbose_name = _("verdict on a proposed tag")
        verbose_name_plural = _("verdicts on proposed tags")
        constraints = [models.UniqueConstraint(fields=["article", "tag"], name="one_verdict_an_article_and_tag")]
        indexes = [models.Index(fields=["tag", "accepted"], name="verdict_by_tag")]

    def __str__(self) -> str:
        return f"{self.tag_id} · {self.article_id}"


class TagClue(models.Model):
    """A sign that an article has a tag, learned from articles that have it; made anew as a whole by learning."""

    class Kind(models.TextChoices):
        """What sort of sign."""

        IN_TITLE = "title", _("named in the title")
        IN_OPENING = "opening", _("named in the opening")
        WORDS = "words", _("words of the title or the opening")
        SOURCE = "source", _("of this source")
        BYLINE = "byline", _("by this author")

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="clues", verbose_name=_("tag"))
    kind = models.CharField(_("kind"), max_length=7, choices=Kind)
    words = models.CharField(_("words"), max_length=60, blank=True)
    share = models.FloatField(_("share"), help_text=_("Of the articles with this sign, the share that has the tag."))
    seen = models.PositiveIntegerField(_("articles with this sign"))

    class Meta:
        """Found by the words of an article."""

        verbose_name = _("learned sign of a tag")
        verbose_name_plural = _("learned signs of tags")
        constraints = [models.UniqueConstraint(fields=["tag", "kind", "words"], name="one_clue_a_tag_and_words")]
        indexes = [models.Index(fields=["words", "kind"], name="clue_by_words")]

    def __str__(self) -> str:
        return f"{self.words} → {self.tag_id}"
