"""Texts that are too long for one page are read in parts, and nothing of them is lost."""

import gzip
import json
import random
import re

import pytest
from selectolax.lexbor import LexborHTMLParser

from articles.ingest.sanitize import sanitize
from articles.templatetags.parting import MOST, parts_of, weight_of
from tests.makers import ArticleMaker

LONGEST = 70_000  # characters: more than the longest that is known
LIMIT = 60_000  # bytes of a page with its styles and script
STYLES = ("reset.css", "tokens.css", "base.css", "parts.css", "pages.css", "tones.css", "print.css")


def words(number, *, ends=True, chance=None):
    """So many Chinese characters that no compressor can foresee."""
    chance = chance or random.Random(7)
    return "".join(
        "。" if ends and place % 23 == 22 else chr(0x4E00 + chance.randrange(4000)) for place in range(number)
    )


BODIES = {
    "paragraphs": "".join(f"<p>{words(350, chance=random.Random(n))}</p>" for n in range(200)),
    "one paragraph": f"<p>{words(LONGEST)}</p>",
    "no end of a sentence": f"<p><em>{words(LONGEST, ends=False)}</em></p>",
    "a list": "<ol>" + "".join(f"<li>{words(700, chance=random.Random(n))}</li>" for n in range(100)) + "</ol>",
}


def text_of(html):
    return re.sub(r"<[^>]*>", "", html)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_parts_together_are_the_text_and_each_is_whole_and_small(body):
    parts = parts_of(body)
    assert len(parts) > 1
    assert "".join(map(text_of, parts)) == text_of(body)
    for part in parts:
        assert weight_of(part) < MOST * 1.3
        assert LexborHTMLParser(f"<!doctype html><body>{part}").body.inner_html == part


def test_a_list_that_is_cut_goes_on_counting():
    body = BODIES["a list"]
    items = 0
    for part in parts_of(body):
        begun = re.match(r'<ol(?: start="(\d+)")?>', part)
        assert int(begun[1] or 1) == items + 1
        items += part.count("<li>")
    assert items == 100


def test_an_item_that_is_cut_keeps_its_number():
    parts = parts_of(f"<ol><li>{words(100)}</li><li>{words(LONGEST)}</li></ol>")
    assert all(part.startswith('<ol start="2"><li>') for part in parts[1:])


def test_no_part_ends_with_a_heading_and_tables_and_pictures_stay_whole():
    table = f"<table><tbody><tr><td>{words(9000)}</td></tr></tbody></table>"
    body = "".join(f"<h2>標題</h2><p>{words(3000, chance=random.Random(n))}</p>{table}" for n in range(6))
    parts = parts_of(body)
    assert sum(part.count("<table>") for part in parts) == sum(part.count("</table>") for part in parts) == 6
    assert not [part for part in parts if part.endswith("</h2>")]
    assert all(part.count("<table>") == part.count("</table>") for part in parts)


def test_a_text_of_usual_length_is_one_page_as_it_is():
    body = f"<p>{words(16_000)}</p>"
    assert parts_of(body) == [body]


@pytest.fixture
def long_article(db):
    """Five headings, a mark on the first page whose note is on the last, a standfirst."""
    sections = [
        f"<h2>第 {n} 節</h2><p>{words(14_000, chance=random.Random(n))}</p>"
        + ("<p><a href='#note-1'>1</a></p>" if not n else "")
        for n in range(5)
    ]
    body = sanitize("".join(sections) + "<ol><li id='note-1'>註</li></ol>")
    return ArticleMaker(body=body, standfirst="導語", language="zh-Hant")


def page(client, article, part=1, prefix=""):
    address = prefix + article.get_absolute_url() + (f"?part={part}" if part > 1 else "")
    answer = client.get(address)
    assert answer.status_code == 200, address
    return LexborHTMLParser(answer.content.decode())


@pytest.mark.django_db
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_no_page_of_the_longest_text_weighs_more_than_the_limit(client, settings, body):
    folder = settings.BASE_DIR / "articles/static/articles"
    rest = sum(len(gzip.compress((folder / name).read_bytes())) for name in (*STYLES, "reader.js"))
    article = ArticleMaker(body=body, text=text_of(body))
    number = int(page(client, article).css(".parts ol a")[-1].text(deep=True).split()[-1])
    assert number > 2
    for part in range(1, number + 1):
        address = article.get_absolute_url() + (f"?part={part}" if part > 1 else "")
        answer = client.get(address, headers={"accept-encoding": "gzip"})
        assert len(answer.content) + rest < LIMIT, address


def test_parts_lead_to_each_other_and_each_is_found_by_its_own_address(client, settings, long_article):
    first, second = page(client, long_article), page(client, long_article, 2)
    own = settings.SITE_URL + long_article.get_absolute_url()
    assert first.css_first("link[rel=canonical]").attributes["href"] == own
    assert second.css_first("link[rel=canonical]").attributes["href"] == f"{own}?part=2"
    assert first.css_first(".parts a[rel=next]").attributes["href"] == "?part=2"
    assert first.css_first(".parts a[rel=prev]") is None
    assert second.css_first(".parts a[rel=prev]").attributes["href"] == "./"
    assert second.css_first("title").text() != first.css_first("title").text()
    assert [one.text() for one in first.css(".standfirst")] == ["導語"]
    assert second.css_first(".standfirst") is None
    alternates = {link.attributes["hreflang"]: link.attributes["href"] for link in second.css("link[hreflang]")}
    assert alternates["x-default"] == f"{own}?part=2"
    assert alternates["zh-Hans"].endswith("?part=2")
    told = json.loads(second.css_first("script[type='application/ld+json']").text())
    assert [thing["@type"] for thing in told] == ["BreadcrumbList"]  # the article is told once, on its first page


def test_a_place_in_another_part_is_led_to_there(client, long_article):
    contents = [link.attributes["href"] for link in page(client, long_article).css(".contents a")]
    assert contents[0] == "#section-1"
    assert re.fullmatch(r"\?part=\d#section-5", contents[-1])
    number = int(contents[-1][6])
    last = page(client, long_article, number)
    assert last.css_first("#section-5")
    assert last.css_first(".contents a").attributes["href"] == "./#section-1"
    mark = page(client, long_article).css_first("a.note-mark")
    assert re.fullmatch(r"\?part=\d#note-1", mark.attributes["href"])
    notes = page(client, long_article, int(mark.attributes["href"][6]))
    assert notes.css_first("#note-1 a.note-back").attributes["href"] == "./#mark-1"


@pytest.mark.parametrize("part", ["9", "0", "-1", "x", "99999", "２"])
def test_a_part_that_there_is_not_is_not_found(client, long_article, part):
    assert client.get(long_article.get_absolute_url(), {"part": part}).status_code == 404


def test_programs_and_other_readers_get_the_text_whole(client, long_article):
    for address in (f"/a/{long_article.pk}.json", "/feed.json"):
        told = client.get(address).content.decode()
        assert all(f"第 {number} 節" in told for number in range(5)), address


def test_the_other_script_has_the_same_parts(client, long_article):
    assert page(client, long_article, 2, "/zh-hans").css_first(".parts a[aria-current]").text().endswith("2")
