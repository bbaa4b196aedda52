"""Topics: taggit's tags with a folded key, aliases and an origin for each use."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Substr
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from taggit.models import ItemBase, NaturalKeyManager, TagBase

from articles.ingest.text import fold
from articles.models.edition import Public, PublicQuerySet


def tag_key(name: str) -> str:
    """Identity of a tag: equal for names that differ only in width, case, Traditional or Simplified, or spaces."""
    return " ".join(fold(name).split())[:200]


def head_field() -> models.GeneratedField:
    """The first two characters of a folded name, kept by the database: names are looked up in a text by them."""
    return models.GeneratedField(
        expression=Substr("key", 1, 2), output_field=models.CharField(max_length=2), db_persist=True, db_index=True
    )


COMMON = 1000  # uses from which a topic's list is read along all articles instead of along the topic's uses


class TagQuerySet(PublicQuerySet):
    """Questions that more than one room asks."""

    def with_commonness(self) -> "TagQuerySet":
        """Tags with `is_common`, which `ArticleQuerySet.of_topic` wants to know."""
        uses = TaggedArticle.objects.filter(tag=models.OuterRef("pk"))
        return self.annotate(is_common=models.Exists(uses[COMMON - 1 : COMMON]))


class Tag(Public, TagBase):
    """A topic. Two names with one key are one tag."""

    key = models.CharField(_("folded name"), max_length=200, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200, unique=True)
    slug = models.SlugField(_("slug"), max_length=220, unique=True, allow_unicode=True)
    parent = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="children", verbose_name=_("part of")
    )
    intro = models.TextField(_("introduction"), blank=True, help_text=_("Plain text, for the topic's page."))
    head = head_field()

    objects = NaturalKeyManager.from_queryset(TagQuerySet)()

    class Meta:
        """Sorted by name."""

        ordering = ["name"]
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    def save(self, *args, **kwargs) -> None:
        """Keep the folded key in step with the name."""
        self.key = tag_key(self.name)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        """Address of the topic's page."""
        return reverse("tag", args=[self.slug])


class TagAlias(Public):
    """Another name of a tag, or an address it used to have: imports use the target, old addresses redirect."""

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="aliases", verbose_name=_("tag"))
    name = models.CharField(_("name"), max_length=200)
    key = models.CharField(_("folded name"), max_length=200, unique=True, editable=False)
    slug = models.SlugField(_("old slug"), max_length=220, allow_unicode=True, blank=True, db_index=True)
    head = head_field()

    objects = PublicQuerySet.as_manager()

    class Meta:
        """Sorted by name."""

        ordering = ["name"]
        verbose_name = _("tag alias")
        verbose_name_plural = _("tag aliases")

    def __str__(self) -> str:
        return f"{self.name} → {self.tag_id}"

    def save(self, *args, **kwargs) -> None:
        """Keep the folded key in step with the name."""
        self.key = tag_key(self.name)
        super().save(*args, **kwargs)


class TaggedArticle(Public, ItemBase):
    """One use of a tag. `origin` tells whose hand it was, so that an import never takes an editor's tag away."""

    class Origin(models.TextChoices):
        """Who set the tag."""

        IMPORT = "import", _("import")
        EDITOR = "editor", _("editor")

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="uses", verbose_name=_("tag"))
    # No index of its own: that of the constraint below begins with it.
    content_object = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="tagged", verbose_name=_("article"), db_index=False
    )
    origin = models.CharField(_("origin"), max_length=6, choices=Origin, default=Origin.EDITOR)

    objects = NaturalKeyManager.from_queryset(PublicQuerySet)()

    class Meta:
        """A tag is used once an article."""

        verbose_name = _("use of a tag")
        verbose_name_plural = _("uses of tags")
        constraints = [
            models.UniqueConstraint(fields=["content_object", "tag"], name="one_use_of_a_tag_an_article"),
        ]

    def __str__(self) -> str:
        return f"{self.content_object_id} · {self.tag_id}"


class TagMerge(models.Model):
    """One tag became another name of a second: what is needed to undo it."""

    tag_number = models.BigIntegerField(editable=False)
    name = models.CharField(_("merged tag"), max_length=200)
    target = models.ForeignKey(Tag, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("into"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    made_at = models.DateTimeField(_("when"), auto_now_add=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("undone by")
    )
    undone_at = models.DateTimeField(_("undone"), null=True)
    kept = models.JSONField(default=dict, editable=False)

    class Meta:
        """Latest first."""

        ordering = ["-id"]
        verbose_name = _("merge of tags")
        verbose_name_plural = _("merges of tags")

    def __str__(self) -> str:
        return f"{self.name} → {self.target_id or '–'}"
