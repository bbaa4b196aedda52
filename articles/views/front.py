"""The front page: it edits itself, and follows the shape that editors gave it."""

import calendar
import dataclasses
import datetime
from collections.abc import Callable, Iterable

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from articles import search
from articles.models import Article, FrontPage, Plan, Source, Tag, front_previewed, kept, live_plan, plan_of, tag_key
from articles.models.front import SECONDS, Kind, Part
from articles.views.reading import PUBLISHERS

NEWEST = 18  # articles that the upper part of the page chooses from
LEAD_AMONG = 8  # a big picture may lift an article to the top, but not an old one
EACH_SOURCE = 3
SOURCES = 12  # those with the newest articles; all of them are a page of their own
TOPICS = 18
TOPICS_AMONG = 300  # newest articles whose topics are shown where a week has too few
WEEK = datetime.timedelta(days=7)
WEEK_AT_MOST = 3000  # articles that are looked at for the topics of a week
YEARS_BACK = 40
ON_THIS_DAY = 4
SPARE = SECONDS + 1  # as many of a section may stand above it already
Keep = Callable[[str, Callable[[], object]], object]
Numbers = dict[str, set[int]]


@dataclasses.dataclass(frozen=True)
class SourceNews:
    """A source and its newest articles."""

    source: Source
    articles: list[Article]


@dataclasses.dataclass(frozen=True)
class Topics:
    """The most used topics of the seven days up to `until`; of the newest articles where it is None."""

    tags: list[Tag]
    until: datetime.date | None

    @property
    def is_of_this_week(self) -> bool:
        """Whether the seven days reach up to now, so that nobody needs to be told which they are."""
        return self.until is not None and self.until >= timezone.localdate() - WEEK


@dataclasses.dataclass(frozen=True)
class Block:
    """A part of the page below the top; `name` chooses its template. A section's `title` is empty for no more than
    its own name, `address` where all of it is.
    """

    name: str
    articles: list = dataclasses.field(default_factory=list)
    topics: Topics | None = None
    title: str = ""
    address: str = ""
    layout: str = ""
    of_source: bool = False
    is_cut: bool = False  # there is more of it at its address

    @property
    def template(self) -> str:
        """The partial that shows it."""
        return f"articles/_front_{self.name}.html"


@dataclasses.dataclass(frozen=True)
class Stock:
    """All rows that a page of this shape may show, and which part each belongs to."""

    rows: dict[int, Article]
    numbers: Numbers

    def of(self, part: str) -> list[Article]:
        """A part's articles, newest first."""
        found = [self.rows[pk] for pk in self.numbers.get(part, ()) if pk in self.rows]
        return sorted(found, key=lambda article: (article.listed_at, article.pk), reverse=True)


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """The front page in six queries with validation, whatever the rows and sections; two kept parts of the edition."""

    def keep(name: str, make: Callable[[], object]) -> object:
        return kept(request.validators.edition, f"front page: {name}", make)

    plan = keep("plan", live_plan)
    with search.synonyms_read_once(request.validators.synonyms):
        return render(request, "articles/front.html", _page(plan, keep))


@require_safe
def front_preview(request: HttpRequest, token: str) -> HttpResponse:
    """A shape of the front page before readers see it, for whoever has its signed address; never kept by anybody."""
    number = front_previewed(token)
    shape = get_object_or_404(FrontPage, pk=number) if number else None
    if shape is None:
        raise Http404
    with search.synonyms_read_once():
        context = _page(plan_of(shape.plan), lambda _name, make: make()) | {"is_preview": True}
    response = render(request, "articles/front.html", context)
    response["Cache-Control"] = "no-store, private"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _page(plan: Plan, keep: Keep) -> dict:
    """What the template shows of a shape at this moment; four queries, and one when the shape has topics."""
    tags = keep("tags", lambda: _named_topics(plan.parts))
    stock = keep(f"stock of {timezone.localdate()}", lambda: _stock(plan, tags))
    plan = plan.at(timezone.now())
    newest = stock.of("newest")
    seconds = [stock.rows[pin.article] for pin in plan.seconds if pin.article in stock.rows]
    pinned = stock.rows.get(plan.lead.article) if plan.lead else None
    lead = pinned or _lead([article for article in newest if article not in seconds])
    seconds = [article for article in dict.fromkeys(seconds) if article != lead]
    rest = [article for article in newest if article != lead and article not in seconds]
    by_picture = sorted(rest[: SECONDS * 2], key=lambda article: not _has_picture(article))
    seconds += by_picture[: SECONDS - len(seconds)]
    line = plan.breaking
    if line and line.article and line.article not in stock.rows:  # its words are those of what readers may not see
        line = None
    topics = keep("topics", lambda: _current_topics(newest)) if lead and plan.topics else None
    above = {article.pk for article in (lead, *seconds) if article}
    latest = [article for article in rest if article.pk not in above][: NEWEST - SECONDS - 1]
    return {
        "lead": lead,
        "seconds": seconds,
        "breaking": line,
        "breaking_article": stock.rows.get(line.article) if line else None,
        "blocks": list(_blocks(plan, tags, stock, latest, topics, above)),
    }


def _has_picture(article: Article) -> bool:
    return article.lead_image is not None and article.lead_image.is_stored


def _lead(newest: list[Article]) -> Article | None:
    """The newest article with a picture and a text among the first few; else the newest."""
    whole = [article for article in newest[:LEAD_AMONG] if not article.stub]
    return next(filter(_has_picture, whole), None) or next(iter(whole or newest), None)


def _blocks(
    plan: Plan, tags: dict[str, Tag], stock: Stock, latest: list[Article], topics: Topics | None, above: set[int]
) -> Iterable[Block]:
    """The parts of the page that have something to show, in their order.

    What stands in the top stands in no section, and the latest are those that stand nowhere above them.
    """
    top = frozenset(above)
    for place, part in enumerate(plan.parts):
        if part.kind != Kind.AUTOMATIC:
            articles = [article for article in stock.of(f"part {place}") if article.pk not in top][: part.count]
            if articles and part.shown:
                title, address = _name_of(part, articles[0], tags)
                above |= {article.pk for article in articles}
                of_source = part.kind == Kind.SOURCE
                yield Block("section", articles, None, part.title or title, address, part.layout, of_source)
        elif part.name == "latest":
            shown = [article for article in latest if article.pk not in above] if part.shown else []
            if shown or (topics and topics.tags):
                yield Block("latest", shown, topics)
        elif part.name == "on_this_day" and part.shown and stock.of("this day"):
            yield Block("on_this_day", stock.of("this day")[:ON_THIS_DAY])
        elif part.name == "by_source" and part.shown and len(news := _by_source(stock)) > 1:
            yield Block("by_source", news[:SOURCES], is_cut=len(news) > SOURCES)


def _name_of(part: Part, article: Article, tags: dict[str, Tag]) -> tuple[str, str]:
    """What a section is called where editors gave no title, and the address of everything like it."""
    if part.kind == Kind.SOURCE:
        return article.source.name, article.source.get_absolute_url()
    if part.kind == Kind.TOPIC:
        tag = tags[tag_key(part.name)]
        return tag.name, tag.get_absolute_url()
    return part.name, f"{reverse('search')}?{urlencode({'q': part.name})}"


def _by_source(stock: Stock) -> list[SourceNews]:
    """The newest of each source, the source with the newest first."""
    news: dict[Source, list[Article]] = {}
    for article in stock.of("by source"):
        news.setdefault(article.source, []).append(article)
    return [SourceNews(source, articles) for source, articles in news.items()]


def _named_topics(parts: Iterable[Part]) -> dict[str, Tag]:
    """The topics that sections name, by the key they are named with, merged and renamed ones too; one query or none."""
    keys = {tag_key(part.name) for part in parts if part.kind == Kind.TOPIC}
    if not keys:
        return {}
    named = Tag.objects.filter(Q(key__in=keys) | Q(aliases__key__in=keys)).with_commonness()
    rows = named.annotate(other_key=Subquery(_alias_keys(keys)))
    return {key: tag for tag in rows for key in (tag.key, tag.other_key) if key in keys}


def _alias_keys(keys: set[str]) -> QuerySet:
    aliases = Tag.objects.filter(pk=OuterRef("pk"), aliases__key__in=keys)
    return aliases.values("aliases__key")[:1]


def _stock(plan: Plan, tags: dict[str, Tag]) -> Stock:
    """Everything the page may show in two queries: which articles, each found by an index, and their rows."""
    parts = list(_parts(plan, tags))
    first, *rest = (
        found.order_by().values_list(Value(label, IntegerField()), "pk") for label, (_, found) in enumerate(parts)
    )
    numbers: Numbers = {}
    for label, pk in first.union(*rest, all=True):
        numbers.setdefault(parts[label][0], set()).add(pk)
    wanted = {pk for pks in numbers.values() for pk in pks}
    rows = {article.pk: article for article in Article.objects.published().for_lists().filter(pk__in=wanted)}
    return Stock(rows, numbers)


def _parts(plan: Plan, tags: dict[str, Tag]) -> Iterable[tuple[str, QuerySet]]:
    """Each part of the page and its articles."""
    published = Article.objects.published()
    pinned = [pin.article for pin in (plan.lead, *plan.seconds) if pin]
    if plan.breaking and plan.breaking.article:
        pinned.append(plan.breaking.article)
    yield "newest", _only(published.newest_first()[: NEWEST + SPARE])
    if pinned:
        yield "pinned", Article.objects.filter(pk__in=pinned)
    for place, part in enumerate(plan.parts):
        if not part.shown:
            continue
        if part.kind != Kind.AUTOMATIC:
            yield f"part {place}", _only(_section(published, part, tags)[: part.count + SPARE])
        elif part.name == "on_this_day":
            yield "this day", _only(published.filter(published_on__in=_this_day()).newest_first()[:ON_THIS_DAY])
        elif part.name == "by_source":
            yield from (("by source", place) for place in _newest_of_sources(published))


def _only(part: QuerySet) -> QuerySet:
    """The same articles. SQLite allows a limit in a part of a union only inside a subquery."""
    return Article.objects.filter(pk__in=part.values("pk"))


def _newest_of_sources(published: QuerySet) -> Iterable[QuerySet]:
    """The newest article of each source, the second, the third: an index probe for each source."""
    own = published.filter(source=OuterRef("pk")).newest_first().values("pk")
    for place in range(EACH_SOURCE):
        yield Article.objects.filter(pk__in=Source.objects.order_by().values_list(Subquery(own[place : place + 1])))


def _section(published: QuerySet, part: Part, tags: dict[str, Tag]) -> QuerySet:
    """A section's articles, newest first; none where what it names is gone."""
    if part.kind == Kind.SOURCE:
        return published.filter(source=part.name if part.name.isdecimal() else 0).newest_first()
    if part.kind == Kind.TOPIC:
        tag = tags.get(tag_key(part.name))
        return published.of_topic(tag).newest_first() if tag else published.none()
    query = search.query_of(part.name)
    if query.is_empty:
        return published.none()
    return search.matching(published, query).filter(entry__isnull=False).order_by("-entry__id")


def _current_topics(newest: list[Article]) -> Topics:
    """The most used topics of the last seven days that the archive tells of, up to its newest article (`newest`, the
    first of them all, newest first) by its source's date; of the newest articles where that week has only a few.
    """
    since = newest[0].listed_at - WEEK
    is_week = len(newest) >= NEWEST and newest[-1].listed_at > since
    found = Article.objects.published().newest_first()
    current = found.filter(listed_at__gt=since)[:WEEK_AT_MOST] if is_week else found[:TOPICS_AMONG]
    topics = Tag.objects.filter(uses__content_object__in=current.values("pk")).annotate(count=Count("uses"))
    tags = list(topics.exclude(key__in=PUBLISHERS).order_by("-count", "name")[:TOPICS])
    return Topics(tags, newest[0].listed_at.date() if is_week else None)


def _this_day() -> list[datetime.date]:
    """The dates of this day in earlier years."""
    today = timezone.localdate()
    years = range(today.year - YEARS_BACK, today.year)
    return [today.replace(year=year) for year in years if today.day <= calendar.monthrange(year, today.month)[1]]
