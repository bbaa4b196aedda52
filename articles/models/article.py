"""Articles, what links them, and the one rule of what a reader may see."""

import datetime

from django.conf import settings
from django.db import models
from django.db.models import Case, DateTimeField, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager

from articles.models.conditions import IsNotEmptyList
from articles.models.edition import Public, PublicQuerySet
from articles.models.image import Image
from articles.models.source import Source
from articles.models.tagging import Tag, TaggedArticle
from articles.models.takedown import not_held

UNDATED = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)  # undated articles stand last in lists, never first
SLUG_LENGTH = 40  # a median Chinese title, percent-encoded, is 128 bytes
FRESH = datetime.timedelta(days=7)  # what enters in a set of rows is news only if its source's date is this young
TAKEN_SLUGS = frozenset({"", "changes"})  # the last is a page beside the article's own
WIDE_PUNCTUATION = dict.fromkeys(
    map(ord, "　、。〃〈〉《》「」『』【】〔〕〖〗！＂＃％＆＇（）＊，－．／：；？＠［］｛｜｝～“”‘’…—·｜|/:"), "-"
)


def slug_of(title: str) -> str:
    """Slug of a title in its own script, at most 40 characters, never empty.

    Full-width punctuation divides words; Django's slugify alone would glue them together.
    """
    slug = slugify(title.translate(WIDE_PUNCTUATION), allow_unicode=True)[:SLUG_LENGTH].strip("-_")
    return "article" if slug in TAKEN_SLUGS else slug


class ArticleQuerySet(PublicQuerySet):
    """Questions that more than one room asks."""

    def published(self) -> "ArticleQuerySet":
        """What a reader may see now: the one place where this rule is written."""
        now = timezone.now()
        return self.filter(
            Q(go_live_at__isnull=True) | Q(go_live_at__lte=now),
            Q(expire_at__isnull=True) | Q(expire_at__gt=now),
            not_held(now=now),
            status=Article.Status.PUBLISHED,
        )

    def not_taken_down(self) -> "ArticleQuerySet":
        """What no take-down holds now, in whatever state: all that exports, search entries and previews may see."""
        return self.filter(not_held())

    def for_lists(self) -> "ArticleQuerySet":
        """Rows for lists: source and lead picture in the same query, never a body."""
        return self.select_related("source", "lead_image").defer(*Article.HEAVY_FIELDS, *Article.LATE_FIELDS)

    def newest_first(self) -> "ArticleQuerySet":
        """By the source's date; undated articles and those dated in the future stand last."""
        return self.order_by("-listed_at", "-id")

    def of_topic(self, tag: Tag) -> "ArticleQuerySet":
        """Articles of a topic that came `with_commonness`.

        No database guesses well here: the newest of a topic of many articles are soon found along the articles by
        date, those of a rare one only along its uses.
        """
        if tag.is_common:
            uses = TaggedArticle.objects.filter(tag=tag, content_object=OuterRef("pk"))
            return self.filter(Exists(uses))
        return self.filter(tagged__tag=tag)

    def latest_entered_first(self) -> "ArticleQuerySet":
        """By the moment when readers here could first see them: the order of feeds."""
        return self.order_by("-entered_at", "-id")

    def bulk_create(self, articles, *args, **kwargs) -> list["Article"]:
        """As Django's; published articles enter the feeds at their place."""
        articles = list(articles)
        for article in articles:
            article.enter(in_a_set=True)
        return super().bulk_create(articles, *args, **kwargs)

    def update(self, **values) -> int:
        """As Django's; articles that become published enter the feeds at their place, once."""
        if values.get("status") == Article.Status.PUBLISHED and "entered_at" not in values:
            now = timezone.now()
            place = Case(When(listed_at__gt=now - FRESH, then=Value(now, DateTimeField())), default=F("listed_at"))
            go_live = Value(values["go_live_at"], DateTimeField()) if "go_live_at" in values else F("go_live_at")
            values["entered_at"] = Coalesce("entered_at", go_live, place)
        return super().update(**values)

    update.alters_data = True


class Article(Public):
    """A news article: what the archive told, and what editors made of it."""

    class Status(models.TextChoices):
        """Stations of the workflow."""

        INBOX = "inbox", _("inbox")
        DRAFT = "draft", _("draft")
        REVIEW = "review", _("review")
        PUBLISHED = "published", _("published")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Precision(models.TextChoices):
        """How exact `published_at` is; empty when undated."""

        SECOND = "second", _("to the second")
        DAY = "day", _("the day only")

    HEAVY_FIELDS = ("body", "text", "embeds", "links", "removed", "title_raw", "source_url")
    LATE_FIELDS = ("entered_at",)  # added by a later migration, so SQLite keeps them behind the heavy ones

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="articles", verbose_name=_("source"))
    title = models.CharField(_("title"), max_length=500)
    slug = models.SlugField(_("slug"), max_length=60, allow_unicode=True, db_index=False)
    standfirst = models.TextField(_("standfirst"), blank=True)
    excerpt = models.TextField(_("excerpt"), blank=True, help_text=_("For lists; made from the text when empty."))
    byline = models.CharField(_("byline"), max_length=500, blank=True)
    language = models.CharField(_("language"), max_length=20, blank=True)
    script = models.CharField(_("script"), max_length=5, blank=True)
    canonical_url = models.CharField(_("canonical address"), max_length=2000, unique=True, null=True, blank=True)
    address_key = models.CharField(_("address key"), max_length=2000, unique=True, null=True, editable=False)
    archive_id = models.CharField(_("number in the archive"), max_length=32, blank=True)

    published_at = models.DateTimeField(
        _("published"), null=True, blank=True, help_text=_("When the source published it.")
    )
    published_precision = models.CharField(_("precision"), max_length=6, choices=Precision, blank=True)
    published_from = models.CharField(_("date taken from"), max_length=12, blank=True)
    published_on = models.DateField(_("day"), null=True, blank=True, help_text=_("In the source's time zone."))
    listed_at = models.DateTimeField(_("sorted by"), default=UNDATED, editable=False)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)
    dateline_at = models.DateTimeField(_("the page's own time"), null=True, blank=True)

    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.DRAFT)
    go_live_at = models.DateTimeField(_("goes live"), null=True, blank=True)
    expire_at = models.DateTimeField(_("expires"), null=True, blank=True)
    entered_at = models.DateTimeField(
        _("entered"), null=True, editable=False, help_text=_("When readers here could first see it; orders the feeds.")
    )

    lead_image = models.ForeignKey(
        Image, on_delete=models.SET_NULL, null=True, blank=True, related_name="led", verbose_name=_("lead picture")
    )
    images = models.ManyToManyField(Image, through="articles.ArticleImage", related_name="articles", blank=True)
    tags = TaggableManager(through=TaggedArticle, blank=True, verbose_name=_("tags"))

    copyright = models.CharField(_("copyright line"), max_length=1000, blank=True)
    stub = models.BooleanField(_("stub"), default=False)
    warnings = models.JSONField(_("warnings"), default=list, blank=True)
    source_changed = models.BooleanField(
        _("source changed"), default=False, help_text=_("A newer original waits beside the text edited here.")
    )
    text_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    rules_version = models.CharField(_("rules"), max_length=32, blank=True, editable=False)
    policy_version = models.CharField(_("policy"), max_length=32, blank=True, editable=False)

    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("edited by")
    )

    # Long fields stand last: SQLite reads a row from the front, and lists stop before them.
    title_raw = models.TextField(_("title as given"), blank=True)
    source_url = models.TextField(_("address as given"), blank=True)
    embeds = models.JSONField(_("embeds"), default=list, blank=True)
    links = models.JSONField(_("links"), default=list, blank=True)
    removed = models.JSONField(_("removed by cleaning"), default=dict, blank=True)
    body = models.TextField(_("body"), blank=True)
    text = models.TextField(_("plain text"), blank=True, editable=False)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        """Each index serves one list."""

        verbose_name = _("article")
        verbose_name_plural = _("articles")
        permissions = [
            ("review_article", _("Can return, reject and edit articles in review")),
            ("publish_article", _("Can publish, schedule and withdraw articles")),
        ]
        indexes = [
            models.Index(fields=["status", "-listed_at", "-id"], name="article_by_date"),
            models.Index(fields=["source", "status", "-listed_at", "-id"], name="article_by_source"),
            models.Index(fields=["-listed_at", "-id"], name="article_by_date_alone"),
            # The two below cover the counts of archive, source and topic pages: all that `published` asks is in them.
            models.Index(fields=["status", "published_on", "go_live_at", "expire_at", "id"], name="article_by_day"),
            models.Index(
                fields=["status", "source", "published_on", "go_live_at", "expire_at", "id"],
                name="article_counts_by_source",
            ),
            # Covers the desk's map of days and sources, whatever the articles' states.
            models.Index(fields=["source", "published_on"], name="article_coverage"),
            models.Index(fields=["-listed_at"], condition=Q(source_changed=True), name="article_source_changed"),
            models.Index(fields=["-listed_at"], condition=Q(stub=True), name="article_stub"),
            models.Index(fields=["-listed_at"], condition=Q(IsNotEmptyList("warnings")), name="article_warned"),
            # The same within the inbox, where triage looks for them.
            models.Index(fields=["status", "-listed_at", "-id"], condition=Q(stub=True), name="article_stub_by_status"),
            models.Index(
                fields=["status", "-listed_at", "-id"],
                condition=Q(IsNotEmptyList("warnings")),
                name="article_warned_by_status",
            ),
            models.Index(fields=["script", "-listed_at", "-id"], name="article_by_script"),
            models.Index(fields=["text_sha256"], name="article_by_text"),
            # Covers the walk along the matches of a search: all that `published` asks, sources and years.
            models.Index(
                fields=["id", "status", "source", "published_on", "go_live_at", "expire_at"], name="article_facts"
            ),
            models.Index(fields=["status", "-entered_at", "-id"], name="article_by_entry"),
            models.Index(fields=["source", "status", "-entered_at", "-id"], name="article_by_source_and_entry"),
            # What has gone live or expired since: asked by every page's validation.
            models.Index(fields=["go_live_at"], condition=Q(go_live_at__isnull=False), name="article_going_live"),
            models.Index(fields=["expire_at"], condition=Q(expire_at__isnull=False), name="article_expiring"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(published_at__isnull=True, published_precision="")
                | Q(published_at__isnull=False, published_precision__in=["second", "day"]),
                name="a_date_has_a_precision",
            ),
            # The same moment may stand in both: such an article is never seen.
            models.CheckConstraint(
                condition=Q(go_live_at__isnull=True) | Q(expire_at__isnull=True) | Q(expire_at__gte=F("go_live_at")),
                name="an_end_not_before_the_beginning",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args, **kwargs) -> None:
        """A published article enters the feeds."""
        self.enter()
        fields = kwargs.get("update_fields")
        if fields is not None and "status" in fields:
            kwargs["update_fields"] = {*fields, "entered_at"}
        super().save(*args, **kwargs)

    def enter(self, *, in_a_set: bool = False) -> None:
        """Fix the article's place in the feeds when it is published: the moment from which readers can see it.

        In a set (an import) only what its source published lately is news; the rest stands where its date puts it,
        so that an archive of old articles never floods subscribers. A place that has passed is never changed.
        """
        now = timezone.now()
        if self.status != self.Status.PUBLISHED or (self.entered_at and self.entered_at <= now):
            return
        is_news = not in_a_set or self.listed_at > now - FRESH
        self.entered_at = self.go_live_at or (now if is_news else self.listed_at)

    def get_absolute_url(self) -> str:
        """Address of the article; the number decides, the slug is for people."""
        return reverse("article", args=[self.pk, self.slug])


class Reference(Public):
    """A link in an article's text. It opens the local copy when an article with that key is (or comes to be) here:
    the two meet by key at read time, so nothing must be updated when the target arrives later.
    """

    # No index of its own: that of the constraint below begins with it.
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="references", db_index=False)
    url = models.CharField(_("address"), max_length=2000)
    key = models.CharField(_("address key"), max_length=2000, db_index=True)

    objects = PublicQuerySet.as_manager()

    class Meta:
        """One row a link target."""

        verbose_name = _("reference")
        verbose_name_plural = _("references")
        constraints = [models.UniqueConstraint(fields=["article", "key"], name="one_reference_a_target")]

    def __str__(self) -> str:
        return f"{self.article_id} → {self.url}"
