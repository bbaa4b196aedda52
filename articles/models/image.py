"""Pictures and their places in articles."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from articles.models.edition import Public, PublicQuerySet

SHARE = [MinValueValidator(0.0), MaxValueValidator(1.0)]


class Image(Public):
    """A picture by its origin's address; the bytes come later, or never."""

    class State(models.TextChoices):
        """Where the fetching of a picture stands."""

        WAITING = "waiting", _("waiting")
        STORED = "stored", _("stored")
        GONE = "gone", _("gone")
        BLOCKED = "blocked", _("blocked")
        TOO_LARGE = "too_large", _("too large")
        NOT_AN_IMAGE = "not_an_image", _("not an image")
        UNSAFE = "unsafe", _("unsafe")
        TAKEN_DOWN = "taken_down", _("taken down")

    origin_url = models.CharField(_("origin address"), max_length=2000, unique=True)
    proxy_url = models.CharField(_("proxy address"), max_length=2000, blank=True)
    host = models.CharField(_("host"), max_length=255, blank=True)
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    file = models.FileField(_("file"), max_length=255, blank=True)
    width = models.PositiveIntegerField(_("width"), null=True, blank=True)
    height = models.PositiveIntegerField(_("height"), null=True, blank=True)
    alt = models.TextField(_("alternative text"), blank=True)
    decorative = models.BooleanField(_("decorative"), default=False)
    credit = models.TextField(_("credit"), blank=True)
    rights = models.TextField(_("rights"), blank=True)
    focal_x = models.FloatField(_("focal point, across"), default=0.5, validators=SHARE)
    focal_y = models.FloatField(_("focal point, down"), default=0.5, validators=SHARE)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.WAITING)
    reason = models.TextField(_("reason"), blank=True)
    tone = models.CharField(max_length=3, blank=True, editable=False)  # placeholder: red, green, blue, 0 to 3 each
    animated = models.BooleanField(_("animated"), default=False, editable=False)
    prepared = models.CharField(max_length=20, blank=True, editable=False)  # recipe and focal point of its renditions
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)
    tried_at = models.DateTimeField(_("last tried"), null=True, editable=False)
    next_try_at = models.DateTimeField(_("next try"), null=True, editable=False)
    fetched_from = models.CharField(_("fetched from"), max_length=4000, blank=True, editable=False)
    etag = models.CharField(max_length=255, blank=True, editable=False)
    last_modified = models.CharField(max_length=255, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    stored_at = models.DateTimeField(_("stored"), null=True, blank=True)

    objects = PublicQuerySet.as_manager()

    class Meta:
        """Newest first; the lists of the admin filter by state and host."""

        ordering = ["-id"]
        verbose_name = _("image")
        verbose_name_plural = _("images")
        indexes = [
            models.Index(fields=["state", "id"], name="image_by_state"),
            models.Index(fields=["host", "state"], name="image_by_host"),
            models.Index(
                fields=["-id"], condition=models.Q(state="stored", alt="", decorative=False), name="image_without_alt"
            ),
            models.Index(fields=["-id"], condition=models.Q(decorative=True), name="image_decorative"),
        ]

    def __str__(self) -> str:
        return self.origin_url or f"image {self.pk}"

    @property
    def is_stored(self) -> bool:
        """Whether our own copy can be shown; readers are never sent to the origin's."""
        return self.state == self.State.STORED and bool(self.file)

    @property
    def is_taken_down(self) -> bool:
        """Whether not even its origin's address may be told."""
        return self.state == self.State.TAKEN_DOWN


class ArticleImage(Public):
    """A picture's place in an article, with the words that stand under it there."""

    # No index of its own: that of the constraint below begins with it.
    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="article_images", db_index=False
    )
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="places", verbose_name=_("image"))
    position = models.PositiveIntegerField(_("position"))
    caption = models.TextField(_("caption"), blank=True)
    credit = models.TextField(_("credit"), blank=True)

    objects = PublicQuerySet.as_manager()

    class Meta:
        """In reading order; a picture stands once in an article."""

        ordering = ["article_id", "position"]
        verbose_name = _("picture in an article")
        verbose_name_plural = _("pictures in articles")
        constraints = [
            models.UniqueConstraint(fields=["article", "image"], name="a_picture_once_an_article"),
        ]

    def __str__(self) -> str:
        return f"{self.article_id} · {self.position}"


class Poster(Public):
    """A still picture of something that another site plays (an embed of the article names it by its origin address):
    our own copy stands on the link card, so that nobody is asked for it before a reader opens the link.
    """

    article = models.ForeignKey("articles.Article", on_delete=models.CASCADE, related_name="posters")
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="posters", verbose_name=_("image"))

    objects = PublicQuerySet.as_manager()

    class Meta:
        """A picture is a poster once an article."""

        verbose_name = _("still picture of an embed")
        verbose_name_plural = _("still pictures of embeds")
        constraints = [models.UniqueConstraint(fields=["article", "image"], name="a_poster_once_an_article")]

    def __str__(self) -> str:
        return f"{self.article_id} · {self.image_id}"


class Rendition(models.Model):
    """A picture at one width, in several formats under one name; `stem` and a format's suffix make the file's name."""

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="renditions", verbose_name=_("image"))
    stem = models.CharField(_("name"), max_length=200)
    suffixes = models.CharField(_("formats"), max_length=40)  # with blanks between, best first
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    size = models.PositiveIntegerField(_("bytes"), help_text=_("Of all formats together."))
    made_at = models.DateTimeField(_("made"), auto_now_add=True)

    class Meta:
        """Made once a picture."""

        ordering = ["image_id", "stem"]
        verbose_name = _("rendition")
        verbose_name_plural = _("renditions")
        constraints = [models.UniqueConstraint(fields=["image", "stem"], name="a_rendition_once_an_image")]

    def __str__(self) -> str:
        return self.stem


class ImageHost(models.Model):
    """A host that pictures come from: when it may be asked next, and how it has answered."""

    name = models.CharField(_("host"), max_length=255, unique=True)
    next_request_at = models.DateTimeField(_("next request"))
    faults = models.PositiveIntegerField(_("faults in a row"), default=0)
    rests_until = models.DateTimeField(_("rests until"), null=True, blank=True)
    last_success_at = models.DateTimeField(_("last success"), null=True, blank=True)
    last_fault_at = models.DateTimeField(_("last fault"), null=True, blank=True)
    last_fault = models.TextField(_("last reason"), blank=True)

    class Meta:
        """By name."""

        ordering = ["name"]
        verbose_name = _("image host")
        verbose_name_plural = _("image hosts")

    def __str__(self) -> str:
        return self.name
