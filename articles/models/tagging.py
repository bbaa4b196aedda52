"""Topics: taggit's tags with a folded key, aliases and an origin for each use."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from taggit.models import ItemBase, NaturalKeyManager, TagBase

from articles.ingest.text import fold
from articles.models.edition import Public, PublicQuerySet


def tag_key(name: str) -> str:
    """Identity of a tag: equal for names that differ only in width, case, Traditional or Simplified, or spaces."""
    return " ".join(fold(name).split())[:200]


class Tag(Public, TagBase):
    """A topic. Two names with one key are one tag."""

    key = models.CharField(_("folded name"), max_length=200, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200, unique=True)
    slug = models.SlugField(_("slug"), max_length=220, unique=True, allow_unicode=True)

    objects = NaturalKeyManager.from_queryset(PublicQuerySet)()

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
    content_object = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="tagged", verbose_name=_("article")
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
