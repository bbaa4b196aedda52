"""An archive as editors find it, of any size: articles in every state and a row of every kind that a desk shows.

What grows with the archive in life grows with it here: pictures, originals, files of imports, tags in use, revisions,
steps, the audit, pairs, proposals. One import holds three quarters of all files, one bulk job a fifth of all articles.
"""

from __future__ import annotations

import datetime
import random
import zlib

from articles import search
from articles.models import (
    Article,
    ArticleImage,
    ArticleMerge,
    BulkItem,
    BulkJob,
    Correction,
    Deed,
    FrontPage,
    Image,
    ImageHost,
    ImportFile,
    ImportRun,
    Original,
    Ping,
    PossibleDuplicate,
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
    TagAlias,
    TagClue,
    TaggedArticle,
    TagMerge,
)

BATCH, SOURCES, HOSTS, RUNS, SIGNS = 1000, 12, 40, 60, 500
END = datetime.datetime(2025, 6, 1, tzinfo=datetime.UTC)
SPAN = datetime.timedelta(days=3 * 365)
WORDS = "冬天的碼頭風大得讓人睜不開眼，燈光仍然是一筆開銷。島上的圖書船每星期來一次，孩子們在雨裡等它靠岸。"
SELDOM = "鐘樓"  # in one article of 25 up to 1,000, in 40 at every size
STATES = ("inbox", "inbox", "inbox", "inbox", "draft", "review", "published", "published", "published", "withdrawn")
ENDS = ("created",) * 14 + ("unchanged", "updated", "kept", "duplicate", "refused", "failed")
VERBS = ("change", "move", "accept", "refuse", "merge", "delete", "sign_in", "fetch")
PICTURES = ("stored", "stored", "stored", "waiting", "gone", "blocked")


def make(number: int, chief) -> bool:
    """Fill the database up to `number` articles; what an earlier call made stays, so it can be broken off.

    Whether there was anything to make.
    """
    if BulkJob.objects.exists():
        return False
    library = _library(chief)
    for start in range(Article.objects.count() // BATCH * BATCH, number, BATCH):
        _batch(range(start, min(start + BATCH, number)), number, library, chief)
    _once(number, chief)
    return True


def _library(chief) -> tuple[list[Source], list[Tag], list[ImportRun]]:
    """What does not grow with the archive: sources, hosts, imports, some filters."""
    if not Source.objects.exists():
        sources = (Source(slug=f"s{n}", name=f"來源 {n}", hosts=[f"n{n}.example"]) for n in range(SOURCES))
        Source.objects.bulk_create(sources)
        ImageHost.objects.bulk_create(ImageHost(name=f"p{n}.example", next_request_at=END) for n in range(HOSTS))
        runs = [ImportRun(state="finished", finished_at=END, started_by=chief) for _ in range(RUNS)]
        ImportRun.objects.bulk_create(runs)
        Spelling.objects.bulk_create(Spelling(hans=f"范伟{n}", hant=f"范偉{n}") for n in range(60))
        SynonymSet.objects.bulk_create(SynonymSet(words=f"川普{n}\n特朗普{n}") for n in range(60))
        SavedFilter.objects.bulk_create(
            SavedFilter(name=f"Filter {n}", desk=("list", "triage")[n % 2], query="has=no_topic", owner=chief)
            for n in range(60)
        )
        FrontPage.objects.bulk_create(
            FrontPage(is_draft=False, went_live_at=END + datetime.timedelta(hours=n), changed_by=chief)
            for n in range(60)
        )
        Ping.objects.bulk_create(
            Ping(hub="https://hub.example/", feed=f"https://news.example/{n}.xml", wanted_at=END) for n in range(60)
        )
        Tag.objects.bulk_create(Tag(name="常見", slug="common", key="常见") for _ in range(1))
    runs = list(ImportRun.objects.order_by("pk"))
    return list(Source.objects.order_by("pk")), list(Tag.objects.order_by("pk")[:1]), runs


def _batch(places: range, number: int, library: tuple, chief) -> None:
    """A thousand articles with all that hangs on them; one transaction would be one more thing to wait for."""
    sources, (common,), runs = library
    chance = random.Random(places.start)
    seldom = max(25, number // 40)
    tags = Tag.objects.bulk_create(Tag(name=f"主題 {n}", slug=f"t{n}", key=f"主题 {n}") for n in places if n % 10 == 0)
    TagAlias.objects.bulk_create(TagAlias(tag=tag, name=f"又名 {tag.name}", key=f"又名 {tag.key}") for tag in tags[::2])
    pictures = Image.objects.bulk_create(
        Image(origin_url=f"https://p{n % HOSTS}.example/{n}.jpg", host=f"p{n % HOSTS}.example", sha256=f"{n:064x}",
              state=PICTURES[n % 6], width=1200, height=800, alt="" if n % 2 else WORDS[:20],
              file=f"images/{n}.jpg" if PICTURES[n % 6] == "stored" else "")
        for n in places
    )  # fmt: skip
    articles = Article.objects.bulk_create(
        _article(n, number, sources[chance.randrange(SOURCES)], pictures[n - places.start], seldom, chief)
        for n in places
    )
    pairs = list(zip(places, articles, pictures, strict=True))
    uses = {(article.pk, common.pk) for n, article, _ in pairs if n % 3 == 0}
    uses |= {(article.pk, tags[chance.randrange(len(tags))].pk) for n, article, _ in pairs if n % 4}
    TaggedArticle.objects.bulk_create(TaggedArticle(content_object_id=one, tag_id=tag) for one, tag in sorted(uses))
    ArticleImage.objects.bulk_create(
        ArticleImage(article=article, image=picture, position=0, caption=WORDS[:30]) for _, article, picture in pairs
    )
    Rendition.objects.bulk_create(
        Rendition(image=picture, stem=f"renditions/{n}", suffixes="webp", width=640, height=480, size=90_000)
        for n, _, picture in pairs
        if n % 2
    )
    Reference.objects.bulk_create(
        Reference(article=article, url="https://n.example/x", key=f"n.example/{chance.randrange(number)}")
        for article in articles
    )
    packed = zlib.compress(WORDS.encode() * 10)
    Original.objects.bulk_create(
        Original(article=article, run=runs[-1], path=f"articles/{n}.md", path_sha256=f"{n:064x}", sha256=f"{n:064x}",
                 rules_version="1", newest=True, bytes=packed, size=3000)
        for n, article, _ in pairs
    )  # fmt: skip
    ImportFile.objects.bulk_create(
        ImportFile(run=runs[-1] if n % 4 else runs[n % RUNS], path=f"articles/{n}.md", result=ENDS[n % len(ENDS)],
                   code=f"cause_{n % 3}" if ENDS[n % len(ENDS)] in ("refused", "failed") else "", article=article)
        for n, article, _ in pairs
    )  # fmt: skip
    Step.objects.bulk_create(
        Step(article=article, move="publish", origin="review", target="published", made_by=chief)
        for n, article, _ in pairs
        if n % 2
    )
    Revision.objects.bulk_create(
        Revision(article=article, title=article.title, author=chief, digest=f"{n:032x}", body=article.body)
        for n, article, _ in pairs
        if n % 3 == 0
    )
    Correction.objects.bulk_create(
        Correction(article=article, text=WORDS[:40], made_by=chief) for n, article, _ in pairs if n % 15 == 0
    )
    Deed.objects.bulk_create(
        Deed(verb=VERBS[n % len(VERBS)], kind=("article", "tag", "image")[n % 3], actor_kind="person", actor="chief",
             number=article.pk, name=article.title, made_at=article.listed_at)
        for n, article, _ in pairs
    )  # fmt: skip
    PossibleDuplicate.objects.bulk_create(
        PossibleDuplicate(article=one, other=other, reason="same text", likeness=chance.randrange(60, 100),
                          verdict="" if n % 20 else "apart")
        for n, (one, other) in enumerate(zip(articles[::15], articles[1::15], strict=False))
    )  # fmt: skip
    stories = Story.objects.bulk_create(
        Story(title=article.title, slug=f"story-{n}", state=("proposed", "confirmed")[n % 2],
              began_at=article.listed_at, score=n % 100)
        for n, article, _ in pairs
        if n % 15 == 0
    )  # fmt: skip
    StoryArticle.objects.bulk_create(
        StoryArticle(story=story, article=article) for story, article in zip(stories, articles[::15], strict=False)
    )
    ArticleMerge.objects.bulk_create(
        ArticleMerge(article=one, winner=other, made_by=chief, kept={"status": "draft", "tags": [], "verdict": None})
        for one, other in zip(articles[7::15], articles[8::15], strict=False)
    )
    TagMerge.objects.bulk_create(
        TagMerge(tag_number=10_000_000 + n, name=f"舊主題 {n}", target=tags[0], made_by=chief)
        for n in places
        if n % 15 == 0
    )
    TagClue.objects.bulk_create(
        TagClue(tag=tag, kind="title", words=WORDS[n % 40 : n % 40 + 2], share=0.5, seen=4)
        for n, tag in enumerate(tags)
        if tag.pk % max(1, number // 10 // SIGNS) == 0
    )
    search.index([article.pk for article in articles])


def _article(n: int, number: int, source: Source, picture: Image, seldom: int, chief) -> Article:
    moment = END - SPAN / number * n
    text = f"{WORDS}\n" * 12 + (SELDOM if n % seldom == 0 else "")
    state = STATES[(n * 7) % len(STATES)]
    is_draft, is_scheduled = state in ("draft", "review"), n % max(40, number // 25) == 8  # as many at every size
    return Article(
        source=source, title=f"瓦倫港第 {n} 號倉庫變身城市農場", slug=f"w-{n}", status=state, published_at=moment,
        published_precision="second", published_from="epoch", published_on=moment.date(), listed_at=moment,
        excerpt=WORDS, language="zh-Hant", script="hant", canonical_url=f"https://n.example/{n}",
        address_key=f"n.example/{n}", source_url=f"https://n.example/{n}", lead_image=picture if n % 5 else None,
        stub=n % 20 == 3, source_changed=n % 20 == 6, edited_by=chief if is_draft else None,
        edited_at=moment if is_draft else None,
        go_live_at=datetime.datetime(2100, 1, 1, tzinfo=datetime.UTC) if is_scheduled else None,
        body="".join(f"<p>{line}</p>" for line in text.split("\n")), text=text,
    )  # fmt: skip


def _once(number: int, chief) -> None:
    """Bulk jobs, the last of them of a fifth of all articles, and the counts of imports."""
    jobs = BulkJob.objects.bulk_create(
        BulkJob(deed="publish", state="ready", made_by=chief, total=number // 5) for _ in range(60)
    )
    articles = Article.objects.filter(pk__lte=Article.objects.order_by("pk").first().pk + number // 5 - 1)
    rows = articles.order_by("pk").values_list("pk", "status", "updated_at").iterator(BATCH)
    BulkItem.objects.bulk_create(
        (
            BulkItem(job=jobs[-1], article_id=pk, origin=state, seen_at=seen,
                     result=("ready", "already", "blocked")[pk % 3], code="" if pk % 3 < 2 else "no_text")
            for pk, state, seen in rows
        ),
        batch_size=BATCH,
    )  # fmt: skip
    for run in ImportRun.objects.all():
        run.counts, run.total = {"created": run.files.count()}, run.files.count()
        run.save(update_fields=["counts", "total"])
