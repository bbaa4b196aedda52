"""What machines read is what its formats demand: feeds and sitemaps by schemas, structured data by its rules, HTML.

The schemas in tests/schemas are written down from the specifications; nothing is fetched.
"""

import dataclasses
import datetime
import email.utils
import functools
import itertools
import json
import os
import pathlib
import re
import shutil
import subprocess
import zlib
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import PermissionDenied
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from django.views.defaults import permission_denied
from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from articles import search
from articles.models import Correction, Image, Plan, front_preview_address, preview_address
from articles.models.front import Breaking, Kind, Layout, Part, Pin
from tests.makers import (
    ArticleImageMaker,
    ArticleMaker,
    FrontPageMaker,
    HoldMaker,
    ImageMaker,
    OriginalMaker,
    ReferenceMaker,
    SourceMaker,
    StoryMaker,
    StoryPlaceMaker,
    TagMaker,
)
from tests.services import ROOT, missing

pytestmark = pytest.mark.django_db
SCHEMAS = pathlib.Path(__file__).parent / "schemas"
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")
BODY = """<figure><img src="https://pictures.example/here.jpg" alt="倉庫"><figcaption>說明 <cite>林</cite></figcaption>
</figure><p>冬天的<sup><a href="#fn1">1</a></sup>碼頭</p><h2>一盞燈</h2><blockquote><p>「缺人。」</p></blockquote>
<figure><img src="https://pictures.example/away.jpg" alt="燈"><figcaption>夜</figcaption></figure><h4>小</h4>
<table><tr><th>年</th></tr><tr><td>2022</td></tr></table><pre>x = 1 &lt; 2</pre><p><a href="{0}">{0}</a></p>
<p><a href="https://www.youtube.com/watch?v=a">https://www.youtube.com/watch?v=a</a></p><ol><li id="fn1">註</li></ol>"""


@pytest.fixture
def site():
    """Articles with everything a page, a feed or a sitemap can say; returns the richest."""
    source = SourceMaker(name="德国之声 & Co", slug="dw", language="zh-Hans", home_url="https://dw.example/")
    image = ImageMaker(origin_url="https://pictures.example/here.jpg", state=Image.State.STORED, file="images/a.jpg",
                       sha256="ab" * 32, width=1600, height=1000, alt='船 "甲" & 乙', credit="林")  # fmt: skip
    other = ArticleMaker(title="另一篇", lead_image=image, published_at=timezone.now() - datetime.timedelta(hours=1))
    whole = ArticleMaker(
        title='十九 <個> 小島 & "船"', source=source, standfirst="導語 <b>", lead_image=image, copyright="© DW",
        body=BODY.format(other.canonical_url), edited_at=timezone.now(),
        embeds=[{"url": "https://www.youtube.com/watch?v=a", "provider": "YouTube", "title": "一天",
                 "poster": image.origin_url}],
    )  # fmt: skip
    ArticleImageMaker(article=whole, image=image)
    ArticleImageMaker(article=whole, image=ImageMaker(origin_url="https://pictures.example/away.jpg"))
    ReferenceMaker(article=whole, url=other.canonical_url, key=other.address_key)
    topic = TagMaker(name="島嶼 & 船", slug="島嶼-船")
    whole.tags.add(topic, "AI")
    other.tags.add(topic)
    for kind in Correction.Kind:
        Correction.objects.create(article=whole, kind=kind, text="是 <十九> 個")
    undated = {"published_at": None, "published_on": None, "published_precision": ""}
    bare = ArticleMaker(byline="", excerpt="", body="", text="", source_url="", **undated)
    day_only = ArticleMaker(source=source, published_precision="day", language="en", script="latn", title="The Valley")
    story = StoryMaker(title="一艘船 & 十九個島", slug="story", standfirst="導語")
    StoryPlaceMaker(story=story, article=whole)
    StoryPlaceMaker(story=story, article=other)
    search.index([whole.pk, other.pk, bare.pk, day_only.pk])
    return whole


def feeds(article):
    topic = article.tags.get(name="島嶼 & 船")
    return ["/", article.source.get_absolute_url(), topic.get_absolute_url(), "/search/"]


def complaints(schema, content):
    schema.validate(etree.fromstring(content))
    return [f"{error.line}: {error.message}" for error in schema.error_log]


@pytest.mark.parametrize("hubs", [[], ["https://hub.example/"]])
@pytest.mark.parametrize(("file", "name"), [("feed.xml", "atom"), ("rss.xml", "rss")])
def test_feeds_keep_the_rules_of_their_format(client, settings, site, hubs, file, name):
    settings.WEBSUB_HUBS = hubs
    schema = etree.RelaxNG(etree.parse(SCHEMAS / f"{name}.rng"))
    for prefix in feeds(site):
        query = "?q=小島" if prefix == "/search/" else ""
        content = client.get(prefix + file + query).content
        assert not complaints(schema, content), prefix
        names = [node.text for node in etree.fromstring(content).iter("{*}id", "guid")]
        assert len(names) == len(set(names)) > 0
    empty = SourceMaker(slug="none")
    assert not complaints(schema, client.get(empty.get_absolute_url() + file).content)


def test_the_schemas_refuse_what_the_formats_forbid(client, site):
    atom, rss = (etree.RelaxNG(etree.parse(SCHEMAS / f"{name}.rng")) for name in ("atom", "rss"))
    good, bad = client.get("/feed.xml").content.decode(), []
    bad.append(good.replace("<updated>", "<updated>x", 1))
    bad.append(re.sub("<id>.*?</id>", "", good, count=1))
    bad.append(good.replace('rel="via"', 'rel=""', 1))
    bad.append(good.replace("<author>", "<writer>", 1).replace("</author>", "</writer>", 1))
    assert all(complaints(atom, content.encode()) for content in bad)
    good = client.get("/rss.xml").content.decode()
    bad = [good.replace("<title>", "<titel>", 1).replace("</title>", "</titel>", 1), good.replace(" +0000", "", 1)]
    assert all(complaints(rss, content.encode()) for content in bad)
    for schema, root in (("sitemap", "urlset"), ("siteindex", "sitemapindex")):
        wrong = f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><x/></{root}>'
        assert complaints(etree.XMLSchema(etree.parse(SCHEMAS / f"{schema}.xsd")), wrong)


def test_dates_of_rss_are_real_days(client, site):
    tree = etree.fromstring(client.get("/rss.xml").content)
    dates = [node.text for node in tree.iter("pubDate")]
    assert dates
    for date in dates:
        assert email.utils.format_datetime(email.utils.parsedate_to_datetime(date)) == date


def test_the_json_feed_keeps_the_rules_of_version_1_1(client, settings, site):
    settings.WEBSUB_HUBS = ["https://hub.example/"]
    for prefix in feeds(site):
        feed = client.get(prefix + "feed.json" + ("?q=小島" if prefix == "/search/" else "")).json()
        allowed = {"version", "title", "home_page_url", "feed_url", "description", "language", "hubs", "items"}
        assert set(feed) <= allowed
        assert feed["version"] == "https://jsonfeed.org/version/1.1"
        assert feed["title"]
        for item in feed["items"]:
            assert isinstance(item["id"], str)
            assert isinstance(item["content_html"], str)
            for name in ("url", "external_url", "image"):
                assert urlsplit(item.get(name, "https://x.example")).scheme in ("http", "https")
            for name in ("date_published", "date_modified"):
                assert name not in item or MOMENT.fullmatch(item[name])
            assert all(author["name"] for author in item["authors"])
            assert all(isinstance(tag, str) for tag in item.get("tags", []))
            known = {"id", "url", "external_url", "title", "content_html", "summary", "image", "authors", "tags"}
            assert set(item) <= known | {"date_published", "date_modified", "language"}


def test_sitemaps_keep_to_their_schemas(client, settings, site):
    schema = etree.XMLSchema(etree.parse(SCHEMAS / "sitemap.xsd"))
    content = client.get("/sitemap.xml").content
    assert not complaints(etree.XMLSchema(etree.parse(SCHEMAS / "siteindex.xsd")), content)
    parts = [node.text.removeprefix(settings.SITE_URL) for node in etree.fromstring(content).iter("{*}loc")]
    assert len(parts) > 3
    for part in [*parts, "/sitemap-news.xml"]:
        content = client.get(part).content
        assert not complaints(schema, content), part
        assert list(etree.fromstring(content).iter("{*}url")), part


def structured(page):
    found = LexborHTMLParser(page).css("script[type='application/ld+json']")
    return {thing["@type"]: thing for node in found for thing in json.loads(node.text())}


def test_structured_data_has_all_that_search_engines_ask_of_news(client, site):
    news = structured(client.get(site.get_absolute_url()).content.decode())["NewsArticle"]
    assert 0 < len(news["headline"]) <= 110
    assert {round(picture["width"] / picture["height"], 2) for picture in news["image"]} == {1.78, 1.33, 1.0}
    for picture in news["image"]:
        assert picture["width"] * picture["height"] >= 50_000
        assert urlsplit(picture["url"]).scheme
    assert all(MOMENT.fullmatch(news[name]) for name in ("datePublished", "dateModified"))
    assert news["datePublished"] <= news["dateModified"]
    authors = news["author"] if isinstance(news["author"], list) else [news["author"]]
    assert all(author["@type"] in ("Person", "NewsMediaOrganization") and author["name"] for author in authors)
    logo = news["publisher"]["logo"]
    assert logo["@type"] == "ImageObject"
    assert min(logo["width"], logo["height"]) >= 112
    assert urlsplit(news["isBasedOn"]).scheme == "https"
    assert all(MOMENT.fullmatch(note["datePublished"]) and note["text"] for note in news["correction"])
    assert news["mainEntityOfPage"] == news["url"]


def test_ways_to_a_page_are_complete_lists(client, site):
    pages = [site.get_absolute_url(), site.source.get_absolute_url(), site.tags.first().get_absolute_url()]
    for address in pages:
        items = structured(client.get(address).content.decode())["BreadcrumbList"]["itemListElement"]
        assert [item["position"] for item in items] == list(range(1, len(items) + 1))
        assert all(item["name"] for item in items)
        assert all(urlsplit(item["item"]).scheme for item in items[:-1])


def test_an_article_that_nobody_knows_much_about_says_nothing_empty(client, site):
    def empties(value):
        if isinstance(value, dict):
            return any(map(empties, value.values()))
        return any(map(empties, value)) if isinstance(value, list) else value in ("", None)

    undated = ArticleMaker(byline="", standfirst="", excerpt="", published_at=None, published_on=None,
                           published_precision="", source_url="")  # fmt: skip
    for article in (undated, site):
        data = structured(client.get(article.get_absolute_url()).content.decode())
        assert not any(empties(thing) for thing in data.values())


# --- HTML ---


@dataclasses.dataclass(frozen=True)
class Gone:
    """Pages of what there is not, or not for everybody."""

    tombstone: str
    article_preview: str
    front_preview: str


@pytest.fixture
def gone(site):
    """A take-down with all that its page can tell, previews of an article and of a front page with a breaking line."""
    moment = timezone.now() - datetime.timedelta(days=2, microseconds=7)
    held = HoldMaker(
        article_number=ArticleMaker(source=site.source).pk, take_down__begins_at=moment,
        take_down__public_note="依裁定", take_down__ends_at=moment + datetime.timedelta(days=90),
        take_down__source_name="德国之声",
    )  # fmt: skip
    HoldMaker(take_down__state="restored", take_down__restored_at=moment, take_down__restore_asked_at=moment)
    parts = [Part(Kind.SOURCE, str(site.source_id), layout=layout) for layout in Layout]
    parts += [Part(Kind.TOPIC, "島嶼 & 船", title="島 & 船"), *Plan().parts]
    plan = Plan(lead=Pin(site.pk), parts=tuple(parts), breaking=Breaking("地震 & 海嘯", site.pk))
    shape = FrontPageMaker(plan=plan.written())
    for number, text in enumerate(("守塔人叫阿嬤。", "守塔人叫林小安。")):
        raw = f"[燈塔 {number}](https://www.dw.com/zh/a-1)\n------\n\n<p>{text}</p>".encode()
        OriginalMaker(
            article=site, path=f"articles/dw/1_{number}.md", content_sha256=str(number), newest=not number,
            bytes=zlib.compress(raw),
        )  # fmt: skip
    draft = ArticleMaker(status="draft", body=BODY.format("https://news.example/x"), source=site.source)
    return Gone(f"/a/{held.article_number}/", preview_address(draft.pk), front_preview_address(shape.pk, shape.saves))


def every_page(article, gone):
    """Addresses of all kinds of page and what they answer, the two scripts among them."""
    day = article.published_on
    topic = article.tags.get(name="島嶼 & 船")
    lists = (
        "sources",
        "tags",
        "topics_by_name",
        "archive",
        "undated",
        "on_this_day",
        "stories",
        "search",
        "api",
        "transparency",
    )
    dated = [reverse(name, args=parts) for name, *parts in (
        ("year", day.year), ("month", day.year, day.month), ("day", day.year, day.month, day.day),
        ("on_this_day_of", day.month, day.day),
    )]  # fmt: skip
    found = [
        "/",
        article.get_absolute_url(),
        reverse("changes", args=[article.pk]),
        article.source.get_absolute_url(),
        article.source.get_absolute_url() + "?before=99999999999999999-1",
        topic.get_absolute_url(),
        reverse("story", args=["story"]),
        *map(reverse, lists),
        *dated,
        "/search/?q=小島",
        "/search/?q=沒有這個",
        gone.article_preview,
        gone.front_preview,
        *(f"/{script}{address}" for script in ("zh-hans", "zh-hant") for address in ("/", article.get_absolute_url())),
    ]
    return dict.fromkeys(found, 200) | {"/nothing/": 404, gone.tombstone: 451}


def faults_told():
    """The pages of a refusal and of a fault of our own."""
    refused = permission_denied(RequestFactory().get("/"), PermissionDenied("Not & yours"))
    return {"403": refused.content, "500": render_to_string("500.html").encode()}


def pages_of(client, article, gone):
    """Each kind of page by its address."""
    pages = {}
    for address, status in every_page(article, gone).items():
        answer = client.get(address)
        assert answer.status_code == status, address
        pages[address] = answer.content
    return pages | faults_told()


MACHINE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2}))?")


def test_times_are_written_to_the_second_as_html_allows(client, site, gone):
    for address, page in pages_of(client, site, gone).items():
        for time in LexborHTMLParser(page.decode()).css("time"):
            assert MACHINE_TIME.fullmatch(time.attributes["datetime"]), (address, time.html)
    for file in (ROOT / "templates").rglob("*.html"):
        assert not re.search(r"""date:.c['"]""", file.read_text()), f"{file}: “c” writes microseconds"


@functools.cache
def vnu():
    """The checker's jar: of NEWSROOM_VNU_JAR, or of an npm folder beside the project."""
    named = os.environ.get("NEWSROOM_VNU_JAR")
    places = [pathlib.Path(named)] if named else [ROOT / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"]
    return next((str(place) for place in places if place.is_file()), None)


def test_every_page_is_valid_html(client, site, gone, tmp_path):
    if not (shutil.which("java") and vnu()):
        missing("vnu is missing: npm install vnu-jar, NEWSROOM_VNU_JAR=…/vnu.jar, and a java")
    names = {}
    for number, (address, page) in enumerate(pages_of(client, site, gone).items()):
        file = tmp_path / f"{number}.html"
        file.write_bytes(page)
        names[file.name] = address
    command = [
        "java",
        "-Xss1m",
        "-jar",
        vnu(),
        "--format",
        "json",
        "--exit-zero-always",
        *map(str, tmp_path.glob("*.html")),
    ]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stderr)
    faults = [fault for fault in told["messages"] if fault["type"] == "error"]
    by_page = itertools.groupby(faults, key=lambda fault: names[pathlib.PurePosixPath(fault["url"]).name])
    assert not [(page, fault["message"], fault.get("extract")) for page, group in by_page for fault in group]
