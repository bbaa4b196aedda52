"""Hostile bodies wherever they come out: pages under their real policy, previews, feeds, exports, the API."""

import io
import itertools
import json
import mimetypes
import re
import zipfile
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from selectolax.lexbor import LexborHTMLParser

from articles import search
from articles.ingest import sanitize
from articles.models import Article, Unsaved, preview_address, unsaved_preview_address
from tests import makers
from tests.admin.test_articles import form_of, page_of
from tests.hostile.bare import ADDRESS, EVERYTHING, TOUCH, deeds_of
from tests.hostile.conftest import edited_bodies, read_bodies, typed_bodies
from tests.hostile.vectors import EVIL, vectors

pytestmark = pytest.mark.django_db(transaction=True)

TOGETHER = 70  # vectors in an article
NAMESPACES = {
    "atom": "{http://www.w3.org/2005/Atom}content",
    "rss": "{http://purl.org/rss/1.0/modules/content/}encoded",
}
# Whatever in the text of an article reaches out of its column, and whatever around it cannot be clicked any more.
COVERED = """() => {
    const column = document.querySelector('.prose');
    const [box, faults] = [column.getBoundingClientRect(), []];
    for (const node of column.querySelectorAll('*')) {
        const at = node.getBoundingClientRect();
        const scrolls = node.parentElement.closest('.prose [tabindex="0"]');
        if (!at.width || !at.height || scrolls) continue;
        if (at.left < box.left - 1 || at.right > box.right + 1 || at.top < box.top - 40 || at.bottom > box.bottom + 40)
            faults.push(`reaches out: ${node.outerHTML.slice(0, 100)}`);
        if (getComputedStyle(node).position === 'fixed') faults.push(`is fixed: ${node.outerHTML.slice(0, 100)}`);
    }
    for (const node of document.querySelectorAll('.masthead a, .masthead input, .story-head a, .colophon a')) {
        node.scrollIntoView({block: 'center'});
        const at = node.getClientRects()[0];
        if (!at) continue;
        const hit = document.elementFromPoint(at.left + at.width / 2, at.top + at.height / 2);
        if (!node.contains(hit) && !hit?.contains(node)) faults.push(`is covered: ${node.outerHTML.slice(0, 100)}`);
    }
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) faults.push('the page scrolls sideways');
    return faults;
}"""


def batches():
    """The bodies that both doors let through, some at a time."""
    for bodies in (read_bodies(), edited_bodies()):
        rows = iter(bodies.values())
        while batch := "".join(itertools.islice(rows, TOGETHER)):
            yield batch


@pytest.fixture
def fed(transactional_db):
    """Articles that hold all vectors as an import stores them, and as an editor's save does: body by number."""
    cache.clear()
    source = makers.SourceMaker()
    articles = {}
    for body in batches():
        article = makers.ArticleMaker(source=source, body=body, published_at=timezone.now(), embeds=[])
        articles[article.pk] = body
    search.index(articles)
    return articles


def marks(html: str) -> set[str]:
    """The texts around the vectors that stand in it."""
    return set(re.findall("潮[前後][0-9]+號", html))


def strings(told) -> list[str]:
    """All strings of a JSON value."""
    if isinstance(told, dict):
        return [text for value in told.values() for text in strings(value)]
    if isinstance(told, list):
        return [text for value in told for text in strings(value)]
    return [told] if isinstance(told, str) else []


def got(client, address) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_pages_and_previews_run_nothing_ask_for_nothing_and_keep_the_text(page, fed, admin_client):
    """The pages as they come, on a page without a policy of its own."""
    pieces = {}
    first, body = next(iter(fed.items()))
    unsaved = Unsaved.objects.create(
        page="a" * 32,
        user=makers.UserMaker(is_superuser=True),
        article_id=first,
        values={"body": [body + "".join(vector.body for vector in vectors()[::40])]},
        typed_at=timezone.now(),
    )
    writer = Client()
    writer.force_login(unsaved.user)
    for number, body in fed.items():
        address = Article.objects.get(pk=number).get_absolute_url()
        for each in (address, preview_address(number)):
            pieces[each] = got(Client(), each)
            assert marks(pieces[each]) == marks(body), each
    pieces["unsaved"] = got(writer, unsaved_preview_address(unsaved.page))
    pieces["hans"] = got(Client(), f"/zh-hans{Article.objects.get(pk=first).get_absolute_url()}")

    assert len(pieces) > 40
    assert deeds_of(page, list(pieces.values())) == []


def test_feeds_run_nothing_ask_for_nothing_and_keep_the_text(page, fed):
    expected = marks("".join(fed.values()))
    found = {}
    for address, name in (("/feed.xml", "atom"), ("/rss.xml", "rss")):
        tree = ElementTree.fromstring(got(Client(), address))
        found[name] = [node.text for node in tree.iter(NAMESPACES[name])]
    items = json.loads(got(Client(), "/feed.json"))["items"]
    found["json"] = [item["content_html"] for item in items]
    for name, pieces in found.items():
        assert marks("".join(pieces)) == expected, name

    assert deeds_of(page, [piece for pieces in found.values() for piece in pieces]) == []


def test_exports_and_the_api_hand_out_nothing_that_runs_and_keep_the_text(page, fed):
    out = io.StringIO()
    call_command("export_articles", "--format", "jsonl", "--all", stdout=out)
    records = [json.loads(line) for line in out.getvalue().splitlines()]
    client = Client()
    for number in fed:
        records += [json.loads(got(client, f"/a/{number}.json")), json.loads(got(client, f"/api/articles/{number}"))]
    for address in ("/api/articles/", "/search.json?q=潮前", "/feed.json"):
        told = json.loads(got(client, address))
        assert told
        records.append(told)
    expected = marks("".join(fed.values()))
    assert len(records) >= len(fed) * 3
    assert marks("".join(record["html"] for record in records[: len(fed)])) == expected

    markup = {text for text in strings(records) if "<" in text}
    assert deeds_of(page, [f"<section>{'</section><section>'.join(markup)}</section>"], pictures=True) == []


def opened(page, archive: zipfile.ZipFile, suffixes: tuple[str, ...]) -> tuple[set[str], list[str]]:
    """Open each page of an exported archive in a browser, as the kind of file it is: its marks, and what it did."""
    found, done = set(), []
    files = {name: archive.read(name) for name in archive.namelist()}

    def answer(route):
        request = route.request
        name = unquote(request.url.removeprefix(ADDRESS))
        kind = "application/xhtml+xml" if name.endswith(".xhtml") else mimetypes.guess_type(name)[0] or "text/plain"
        if request.url.startswith(ADDRESS) and name in files:
            route.fulfill(content_type=f"{kind}; charset=utf-8", body=files[name])
            return
        done.append(f"{request.method} {request.url}")
        route.abort()

    page.on("dialog", lambda dialog: done.append(dialog.message) or dialog.dismiss())
    page.route(EVERYTHING, answer)
    for name in [name for name in files if name.endswith(suffixes)]:
        page.goto(ADDRESS + name)
        found |= marks(page.evaluate("document.documentElement.textContent"))
        page.evaluate(f"({TOUCH})(document)")
        ran = page.evaluate("window.ran")
        if ran is not None or page.url != ADDRESS + name:
            done.append(f"{name}: ran {ran}, at {page.url}")
    page.unroute(EVERYTHING, answer)
    return found, done


@pytest.mark.parametrize(("kind", "suffixes"), [("epub", (".xhtml",)), ("site", (".html",))])
def test_an_exported_book_or_site_runs_nothing_asks_for_nothing_and_keeps_the_text(page, fed, tmp_path, kind, suffixes):
    path = tmp_path / f"all.{kind}"
    call_command("export_articles", str(path), format=kind, all=True, stdout=io.StringIO(), stderr=io.StringIO())
    with zipfile.ZipFile(path) as archive:
        found, done = opened(page, archive, suffixes)
    assert done == []
    assert found == marks("".join(fed.values()))


def test_typed_bodies_hold_every_vector_and_none_hides_another():
    bodies = typed_bodies()
    assert re.findall("潮前[0-9]+號", "".join(bodies)) == [vector.before for vector in vectors()]
    assert len(bodies) < len(vectors()) / 6


def test_previews_of_what_is_typed_run_nothing_and_keep_what_the_policy_keeps_before_and_after_the_save(
    page, desk_of_all
):
    """Every vector by the desk's form: previewed unsaved, saved, previewed again."""
    client, article = desk_of_all
    user = get_user_model().objects.get()
    pieces = []
    for number, body in enumerate(typed_bodies()):
        expected = marks(sanitize.sanitize(body))
        typed = Unsaved.objects.create(
            page=f"{number:032x}", user=user, article=article, values={"body": [body]}, typed_at=timezone.now()
        )
        shown = got(client, unsaved_preview_address(typed.page))
        answer = client.post(page_of(article), form_of(client, article, body=body))
        assert answer.status_code == 302, body[:80]
        article.refresh_from_db()
        assert sanitize.apply_policy(article.body) == article.body
        assert marks(article.body) == expected, body[:80]
        for html in (shown, got(Client(), preview_address(article.pk))):
            prose = LexborHTMLParser(html).css_first(".prose").html
            assert marks(prose) == expected, body[:80]
            pieces.append(prose)
    assert len(pieces) > 100
    together = [f"<!doctype html>{''.join(pieces[at : at + TOGETHER])}" for at in range(0, len(pieces), TOGETHER)]
    assert deeds_of(page, together) == []


@pytest.fixture
def desk_of_all(transactional_db, admin_client):
    return admin_client, makers.ArticleMaker(status="draft")


def test_under_the_real_policy_nothing_is_even_tried_nothing_is_covered_and_nobody_else_asked(
    page, live_server, watch, fed
):
    """As readers have them: the policy has nothing to refuse, and what stands around the text can be reached."""
    for number in fed:
        page.goto(live_server.url + Article.objects.get(pk=number).get_absolute_url())
        assert page.evaluate("window.ran") is None
        assert page.evaluate(COVERED) == []
        assert not page.locator(f'.prose img[src^="{EVIL}"]').count()
    for address in ("/", "/sources/", "/tags/", "/archive/", "/stories/", "/search/?q=潮前", "/api/", "/nowhere/"):
        page.goto(live_server.url + address)
    assert page.context.cookies() == []
    assert [line for line in watch.complaints if "404" not in line] == []
    assert watch.strangers == []


def test_a_covering_and_a_running_piece_would_be_seen(page):
    covering = '<div style="position:fixed;inset:0;background:red"></div>'
    page.set_content(f'<nav class="masthead"><a href="#x">x</a></nav><div class="prose"><p>x</p>{covering}</div>')
    assert len(page.evaluate(COVERED)) >= 2
    harms = ["<img src=x onerror=top.ran=1>", '<p onclick="top.ran=1">x</p>', f"<img src={EVIL}>"]
    harms += [
        f"<form action={EVIL}><input></form><script>document.forms[0].submit()</script>",
        "<script>alert(1)</script>",
    ]
    for harm in harms:
        assert deeds_of(page, [harm]), harm
