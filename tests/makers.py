"""Makers of test data: one line makes a whole, valid, published article."""

import datetime

import factory
from django.contrib.auth import get_user_model
from django.utils import timezone
from factory.django import DjangoModelFactory

from articles.models import (
    UNDATED,
    Article,
    ArticleImage,
    ArticleMerge,
    BulkItem,
    BulkJob,
    Correction,
    Deed,
    FrontPage,
    Hold,
    Image,
    ImageHost,
    ImportFile,
    ImportRun,
    Original,
    Ping,
    Reference,
    Rendition,
    Revision,
    SavedFilter,
    Source,
    Spelling,
    Step,
    Story,
    StoryArticle,
    SynonymSet,
    Tag,
    TagMerge,
    TakeDown,
    slug_of,
)


class SourceMaker(DjangoModelFactory):
    """A source with a German zone, as DW has."""

    slug = factory.Sequence(lambda n: f"source-{n}")
    name = factory.Sequence(lambda n: f"來源 {n}")
    hosts = factory.LazyAttribute(lambda self: [f"{self.slug}.example"])
    timezone = "Europe/Berlin"

    class Meta:
        model = Source


class UserMaker(DjangoModelFactory):
    """A staff member without rights."""

    username = factory.Sequence(lambda n: f"member-{n}")
    is_staff = True

    class Meta:
        model = get_user_model()


class ImageMaker(DjangoModelFactory):
    """A picture that waits for its bytes."""

    origin_url = factory.Sequence(lambda n: f"https://pictures.example/{n}.jpg")
    host = "pictures.example"

    class Meta:
        model = Image


class ArticleMaker(DjangoModelFactory):
    """A published article of a second-exact date, one a day backwards from 2025-01-28."""

    source = factory.SubFactory(SourceMaker)
    title = factory.Sequence(lambda n: f"瓦倫港第 {n} 號倉庫變身城市農場")
    slug = factory.LazyAttribute(lambda self: slug_of(self.title))
    byline = "林小安"
    language = "zh-Hant"
    script = "hant"
    source_url = factory.LazyAttribute(lambda self: self.canonical_url)
    canonical_url = factory.Sequence(lambda n: f"https://news.example/a-{n}")
    address_key = factory.LazyAttribute(
        lambda self: self.canonical_url and self.canonical_url.split("://", 1)[1].removeprefix("www.")
    )
    published_at = factory.Sequence(
        lambda n: datetime.datetime(2025, 1, 28, 6, 17, 4, tzinfo=datetime.UTC) - datetime.timedelta(days=n % 400)
    )
    published_precision = "second"
    published_from = "epoch"
    published_on = factory.LazyAttribute(lambda self: self.published_at and self.published_at.date())
    archived_at = factory.SelfAttribute("published_at")
    status = Article.Status.PUBLISHED
    body = "<p>冬天的碼頭風大得讓人睜不開眼。</p><p>燈光仍然是一筆開銷。</p>"
    text = "冬天的碼頭風大得讓人睜不開眼。\n燈光仍然是一筆開銷。"
    excerpt = "冬天的碼頭風大得讓人睜不開眼。"

    class Meta:
        model = Article

    @factory.lazy_attribute
    def listed_at(self):
        """As the importer sets it."""
        return self.published_at or UNDATED


class SpellingMaker(DjangoModelFactory):
    """A name in both scripts."""

    hans = factory.Sequence(lambda n: f"范伟{n}")
    hant = factory.Sequence(lambda n: f"范偉{n}")

    class Meta:
        model = Spelling


class SynonymSetMaker(DjangoModelFactory):
    """Two words of one meaning."""

    words = factory.Sequence(lambda n: f"川普{n}\n特朗普{n}")

    class Meta:
        model = SynonymSet


class TagMaker(DjangoModelFactory):
    """A topic."""

    name = factory.Sequence(lambda n: f"主題 {n}")

    class Meta:
        model = Tag


class ArticleImageMaker(DjangoModelFactory):
    """A picture's place."""

    article = factory.SubFactory(ArticleMaker)
    image = factory.SubFactory(ImageMaker)
    position = factory.Sequence(int)
    caption = "倉庫外牆仍保留著褪色的字樣"

    class Meta:
        model = ArticleImage


class ImageHostMaker(DjangoModelFactory):
    """A host in good health."""

    name = factory.Sequence(lambda n: f"pictures-{n}.example")
    next_request_at = datetime.datetime(2025, 1, 28, tzinfo=datetime.UTC)

    class Meta:
        model = ImageHost


class RenditionMaker(DjangoModelFactory):
    """A record of a file that nobody made."""

    image = factory.SubFactory(ImageMaker)
    stem = factory.Sequence(lambda n: f"renditions/1/ab/abc/whole-{n}")
    suffixes = "avif webp jpg"
    width = 640
    height = 480
    size = 90_000

    class Meta:
        model = Rendition


class ReferenceMaker(DjangoModelFactory):
    """A link in an article's text."""

    article = factory.SubFactory(ArticleMaker)
    url = factory.Sequence(lambda n: f"https://elsewhere.example/{n}")
    key = factory.LazyAttribute(lambda self: self.url.split("://", 1)[1])

    class Meta:
        model = Reference


class ImportRunMaker(DjangoModelFactory):
    """A run."""

    class Meta:
        model = ImportRun


class ImportFileMaker(DjangoModelFactory):
    """A file of a run."""

    run = factory.SubFactory(ImportRunMaker)
    path = factory.Sequence(lambda n: f"articles/dw/{n}.md")

    class Meta:
        model = ImportFile


class OriginalMaker(DjangoModelFactory):
    """Bytes as they came (zlib)."""

    article = factory.SubFactory(ArticleMaker)
    path = factory.Sequence(lambda n: f"articles/dw/{n}.md")
    path_sha256 = factory.Sequence(lambda n: f"{n:064d}")
    sha256 = factory.Sequence(lambda n: f"{n:064d}")
    rules_version = "1"
    newest = True
    bytes = b""

    class Meta:
        model = Original


class StepMaker(DjangoModelFactory):
    """A move through the workflow."""

    article = factory.SubFactory(ArticleMaker)
    move = "publish"
    origin = Article.Status.REVIEW
    target = Article.Status.PUBLISHED

    class Meta:
        model = Step


class RevisionMaker(DjangoModelFactory):
    """What an article said once."""

    article = factory.SubFactory(ArticleMaker)
    title = "舊的標題"
    author = factory.SubFactory(UserMaker)

    class Meta:
        model = Revision


class CorrectionMaker(DjangoModelFactory):
    """A note to the readers of an article."""

    article = factory.SubFactory(ArticleMaker)
    text = "城市名寫錯了：應為「哥本哈根」。"
    made_by = factory.SubFactory(UserMaker)

    class Meta:
        model = Correction


class FrontPageMaker(DjangoModelFactory):
    """A shape that readers have seen; the one that edits itself."""

    is_draft = False
    went_live_at = factory.Sequence(
        lambda n: datetime.datetime(2025, 1, 28, tzinfo=datetime.UTC) + datetime.timedelta(hours=n)
    )
    changed_by = factory.SubFactory(UserMaker)

    class Meta:
        model = FrontPage


class ArticleMergeMaker(DjangoModelFactory):
    """An article that leads to another."""

    article = factory.SubFactory(ArticleMaker, status="withdrawn")
    winner = factory.SubFactory(ArticleMaker)
    kept = factory.LazyFunction(lambda: {"status": "draft", "tags": [], "verdict": None, "pairs": []})

    class Meta:
        model = ArticleMerge


class StoryMaker(DjangoModelFactory):
    """A confirmed story without reports."""

    title = factory.Sequence(lambda n: f"帆船環球 {n}")
    slug = factory.LazyAttribute(lambda self: slug_of(self.title))
    language = "zh-Hant"
    state = "confirmed"
    began_at = datetime.datetime(2025, 1, 28, 6, 17, 4, tzinfo=datetime.UTC)

    class Meta:
        model = Story


class StoryPlaceMaker(DjangoModelFactory):
    """A report of a story."""

    story = factory.SubFactory(StoryMaker)
    article = factory.SubFactory(ArticleMaker)
    state = "in"

    class Meta:
        model = StoryArticle


class TakeDownMaker(DjangoModelFactory):
    """A request that waits for a chief; its article is not here (any more)."""

    article_number = 1_000_000
    subject = "一篇文章"
    basis = "court"
    requester_kind = "court"
    reason = "Az. 7 O 12/25"
    begins_at = datetime.datetime(2025, 1, 28, tzinfo=datetime.UTC)

    class Meta:
        model = TakeDown


class HoldMaker(DjangoModelFactory):
    """An article that a take-down in force keeps from readers."""

    take_down = factory.SubFactory(
        TakeDownMaker,
        article_number=factory.SelfAttribute("..article_number"),
        state="in_force",
        decided_at=datetime.datetime(2025, 1, 28, 6, 17, 4, 123456, tzinfo=datetime.UTC),
    )
    article_number = factory.Sequence(lambda n: 1_000_000 + n)
    begins_at = factory.SelfAttribute("take_down.begins_at")

    class Meta:
        model = Hold


class TagMergeMaker(DjangoModelFactory):
    """A merge that has been done."""

    tag_number = factory.Sequence(lambda n: 1_000_000 + n)
    name = factory.Sequence(lambda n: f"舊主題 {n}")
    target = factory.SubFactory(TagMaker)
    kept = factory.LazyAttribute(
        lambda self: (
            {"name": self.name, "slug": self.name, "intro": "", "parent": None, "target_was_child": False}
            | dict.fromkeys(("moved", "doubled", "aliases", "children"), ())
        )
    )

    class Meta:
        model = TagMerge


class DeedMaker(DjangoModelFactory):
    """A line of the audit."""

    verb = "change"
    kind = "article"
    actor_kind = "person"
    actor = "chief"
    number = factory.SelfAttribute("subject.pk")

    class Params:
        subject = None

    class Meta:
        model = Deed


class PingMaker(DjangoModelFactory):
    """A feed that a hub shall hear of."""

    hub = "https://hub.example/"
    feed = factory.Sequence(lambda number: f"https://news.example/feed-{number}.xml")
    wanted_at = factory.LazyFunction(timezone.now)

    class Meta:
        model = Ping


class BulkJobMaker(DjangoModelFactory):
    """A job that waits to be confirmed."""

    deed = "publish"
    state = "ready"
    made_by = factory.SubFactory(UserMaker)

    class Meta:
        model = BulkJob


class BulkItemMaker(DjangoModelFactory):
    """An article that a job would change."""

    job = factory.SubFactory(BulkJobMaker)
    article = factory.SubFactory(ArticleMaker)
    result = "ready"
    origin = "draft"
    seen_at = datetime.datetime(2025, 1, 28, tzinfo=datetime.UTC)

    class Meta:
        model = BulkItem


class SavedFilterMaker(DjangoModelFactory):
    """A filter of the list of articles that somebody shares."""

    name = factory.Sequence(lambda n: f"Filter {n}")
    desk = "list"
    query = "has=no_topic"
    owner = factory.SubFactory(UserMaker)
    is_shared = True

    class Meta:
        model = SavedFilter
