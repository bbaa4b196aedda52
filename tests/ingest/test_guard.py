"""Hostile sizes: the work stays bounded, the words stay. Each case would take minutes or all memory unguarded."""

import re
import resource
import time
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from articles.ingest import Unreadable, read, sanitize
from articles.ingest.guard import bounded

HEADER = "<!--1700000000000-->\n[題](https://www.example.com/a)\n------\n\n"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("<div>" * 100_000 + "深", id="deep blocks"),
        pytest.param("<b><i>" * 50_000 + "深", id="deep formats"),
        pytest.param("<ul><li>" * 30_000 + "深", id="deep lists"),
        pytest.param("<table><tr><td>" * 20_000 + "深", id="deep tables"),
        pytest.param("<div><!--</div>-->" * 30_000 + "深", id="ends in comments"),
        pytest.param('<div><p title="</div>">' * 30_000 + "深", id="ends in attributes"),
        pytest.param("<p " + " ".join(f"a{n}=1" for n in range(200_000)) + ">深", id="many attributes"),
        pytest.param("<p " + " ".join(f"a{n} <b{n}=1" for n in range(100_000)) + ">深", id="many odd attributes"),
        pytest.param("".join(f"<font color={n}>" for n in range(3_000)) + "<p>x" * 3_000 + "深", id="open formats"),
        pytest.param("<p>中" + "\n<b>\n" * 50_000 + "深", id="gaps without end"),
        pytest.param("<!--" * 200_000 + "--><p>深", id="open comments"),
    ],
)
def test_hostile_bodies_are_read(body):
    assert "深" in read((HEADER + body).encode(), "a.md").text


def test_ordinary_bodies_are_left_alone():
    body = "<div><p title='a>b'>x</p></div>" * 100

    assert bounded(body) == body


def test_long_data_addresses_do_not_cost_a_picture_its_other_attributes():
    tag = f'<img src="data:image/png;base64,{"A" * 20_000}" data-src="/a.jpg">'

    assert 'data-src="/a.jpg"' in bounded(tag)


@pytest.mark.parametrize("body", ["<p>潮<e<!-->水</e<!-->退</p>", "<p>潮</p><a<!-- href=x>水</a>退 -->", "<e<!-->"])
def test_a_name_with_the_signs_of_a_comment_hides_no_text_and_leaves_no_empty_paragraph(body):
    kept = read((HEADER + body).encode(), "articles/bbc/1.md").html

    assert all(word in kept for word in "潮水退" if word in body)
    assert "<p></p>" not in kept


@pytest.mark.parametrize("tag", ["<{}>", "</{}>", '<{} title=">">', "<{}"])
def test_a_name_that_is_no_elements_is_cut_and_the_text_around_it_stays(tag):
    names = ("a" * 300, "a<b" * 5_000)
    for name in names:
        body = f"<p>潮{tag.format(name)}水</p>" + (">" if tag.endswith("}") else "") + "<p>退</p>"
        assert max(len(one) for one in re.findall("<[^ />]*", bounded(body))) <= 65
        assert sanitize.sanitize(bounded(body)) == sanitize.sanitize(body)
        assert "潮" in sanitize.sanitize(body)
        assert "退" in sanitize.sanitize(body)
    quoted = f'<img src="/a.jpg" alt="{names[1][:400]}">'
    assert bounded(quoted) == quoted


MANY = "<p><b>文</b></p>" * 700  # above the number of tags from which on depth is counted


def read_body(body):
    return read((HEADER + body).encode(), "a.md")


def test_what_a_long_article_embeds_stays():
    body = (
        '<iframe title="a>b" src="https://www.youtube.com/embed/abcdefghijk"><p>沒有框架</iframe>'
        '<video src="/v.mp4"><p>不支持</p></video><audio src="/a.mp3"></audio>'
        '<img src="data:image/gif;base64,AA" data-src="/p.jpg"><noscript><img src="/p.jpg"></noscript>'
    )
    document = read_body(body + MANY + '<iframe src="https://player.vimeo.com/video/42"></iframe>')

    assert [embed.url for embed in document.embeds] == [
        "https://www.youtube.com/watch?v=abcdefghijk",
        "https://www.example.com/v.mp4",
        "https://www.example.com/a.mp3",
        "https://vimeo.com/42",
    ]
    assert [picture.src for picture in document.images] == ["https://www.example.com/p.jpg"]
    assert "框架" not in document.html
    assert document.text.count("文") == 700
    assert "markup_cut" not in document.warnings


@pytest.mark.parametrize("times", [1, 700])
def test_raw_text_that_goes_is_counted_in_short_and_in_long_articles(times):
    body = "<p>文</p>" * times * 3 + "<script>1</script><style>p{}</style><textarea>x</textarea>"

    removed = read_body(body).removed

    assert removed == {"tag:script": 1, "tag:style": 1, "tag:textarea": 1}


def test_tags_that_are_cut_are_counted_and_told():
    document = read_body("<div>" * 400 + MANY)

    assert document.removed["rule:nested too deep"] >= 250
    assert "markup_cut" in document.warnings
    assert document.text.count("文") == 700


@pytest.mark.parametrize(
    "sloppy",
    [
        pytest.param("<p><span>文</p>", id="spans left open"),
        pytest.param("<p><a name=x>文</p>", id="anchors left open"),
        pytest.param("<div><span><i>文</i></div>", id="blocks closed over spans"),
        pytest.param("<ul><li><div>文<li>文</ul>", id="items closed over blocks"),
        pytest.param("<svg>" + "<path d=M0/>" * 160 + "</svg><p>文</p>", id="drawings"),
    ],
)
def test_what_a_long_article_leaves_open_costs_no_tag_behind_it(sloppy):
    end = '<h2>題</h2><p>見<a href="https://a.example/">此</a></p><blockquote>引</blockquote>'
    document = read_body(sloppy * 900 + end)

    assert document.html.replace(f' rel="{sanitize.LINK_REL}"', "").endswith(
        '<h2>題</h2><p>見<a href="https://a.example/">此</a></p><blockquote><p>引</p></blockquote>'
    )
    assert "markup_cut" not in document.warnings


_NAMES = """
    p div span b a font h2 ul li table tr td th caption select option button form noscript object template svg math desc
    foreignObject mtext path dl dd dt section custom-x ruby rt figure marquee applet pre nobr details iframe br input
"""
_PIECES = [f"<{end}{name}>" for name in _NAMES.split() for end in ("", "/")]
_PIECES += ["<!--", "-->", "<?", "</ x", ">", "'", '"', "<p '>", '<p =">', '<p a="', '">', '<p a==">', "<td/>", "]]>"]


def _deepest(html):
    deepest, below = 0, [(LexborHTMLParser("<!doctype html><body>" + html).root, 0)]
    while below:
        node, depth = below.pop()
        deepest = max(deepest, depth)
        below += [(child, depth + 1) for child in node.iter()]
    return deepest


@given(st.lists(st.sampled_from(_PIECES), min_size=1, max_size=6).map("".join), st.sampled_from(_PIECES))
@example("<a><table><td/>", "<p>")
@settings(max_examples=60, deadline=None)
def test_no_pattern_nests_deeper_than_a_parser_can_bear(unit, begin):
    # 150, each in a cell, a row, a table's body, and a link that a parser opens anew in each cell.
    assert _deepest(bounded(begin + (unit + "<br>") * 2_100)) <= 770


# Those that a filter that counts tags is led astray by.
@pytest.mark.parametrize(
    "unit",
    [
        *("<p '><div>", "<div><?</div>", '<p =">"<div><p =">', "<li><dd>", "<math><td>", "<svg><a>", "<rt><option>"),
        *("<form><div></form>", "<div><noscript></div>", "<div><svg><desc></div>", "<div><!--></div>-->"),
        # What ends a drawing, and what cannot.
        *(
            "<svg><span></svg>",
            "<svg><svg><span></svg></svg>",
            "<svg><foreignObject><span></svg>",
            "<svg><br><ins></svg>",
        ),
        *(
            "<svg><foreignObject><custom-x></foreignObject></svg>",
            "<svg></p><section></svg>",
            "<svg><desc><ruby></svg>",
        ),
        *("<svg><font color=x></font><ins></svg>", "<math><mtext><span></math>", "<svg><font x='color='></font>"),
        *("<svg><foreignObject><p></foreignObject></svg>", "<svg><foreignObject><b>x</foreignObject></svg></b>"),
        *("<div><svg></div><ins><ins><ins><ins><span>", "<table><td><svg></td><ins><ins><ins><ins><span>"),
        *("<a><svg></a><ins><ins><ins><ins><span>", "<svg><g><foreignObject><span></g>"),
        *("<svg><a><a></a></svg></a>", "<svg></div><a></svg><a>"),
    ],
)
def test_no_known_trick_nests_deeper(unit):
    assert _deepest(bounded(unit * 3_000)) <= 620


@pytest.mark.parametrize(
    "drawing",
    [
        "<svg viewBox='0 0 1 1'><g><text>x</text></g></svg>",
        "<svg><a href='#x'><text>x</text></a></svg>",
        "<svg><foreignObject><div><span>x</span></div></foreignObject></svg>",
        "<math><mrow><mi>x</mi><mo>=</mo><mn>1</mn></mrow></math>",
    ],
)
def test_drawings_and_formulas_that_are_in_order_stay_as_they_are(drawing):
    removed = Counter()
    html = f"<div><p>{drawing}</p></div>" * 140
    html = f"{html}{'<p>x</p>' * 1_000}"
    assert bounded(html, removed) == html
    assert not removed


# The sizes that are named: minutes or gigabytes where nothing bounds them. The bounds here are many times the usual.
MOST_SECONDS = 60
MOST_MEMORY = 2_000_000  # kB more than the process had taken before


def _bounded_work(deed):
    began, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcome = deed()
    assert time.process_time() - began < MOST_SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_MEMORY
    return outcome


def _text_or_code(body):
    try:
        return read_body(body).text
    except Unreadable as refusal:
        return refusal.code


SIZES = {
    "200,000 nested blocks": "<div>" * 200_000 + "深",
    "200,000 nested formats": "<b>" * 200_000 + "深",
    "200,000 nested elements without a meaning": "<x-y>" * 200_000 + "深",
    "items in items": "<li><dd>" * 5_000 + "深",
    "a million attributes of one tag": "<p " + " ".join(f"a{n}=1" for n in range(1_000_000)) + ">深",
    "a million attributes of many tags": ("<p " + " ".join(f"a{n}=1" for n in range(1_000)) + ">x") * 1_000 + "<p>深",
}


@pytest.mark.parametrize("body", SIZES.values(), ids=SIZES)
def test_a_file_of_a_named_size_is_read_or_refused_within_bounds(body):
    told = _bounded_work(lambda: _text_or_code(body))

    assert "深" in told or told == "too_large"


@pytest.mark.parametrize("body", SIZES.values(), ids=SIZES)
def test_an_edited_body_of_a_named_size_is_sanitized_within_bounds(body):
    assert "深" in _bounded_work(lambda: sanitize.sanitize(body))


def test_a_file_of_50_megabytes_is_refused_with_a_sentence():
    raw = HEADER.encode() + b"<p>x</p>" * 6_250_000

    with pytest.raises(Unreadable, match="larger than 10 MB") as refusal:
        _bounded_work(lambda: read(raw, "a.md"))

    assert refusal.value.code == "too_large"


@pytest.mark.parametrize(
    "content", ['<p title="', "<a href='", '<img alt="x', "<!-- ", "<style>", "<textarea>", "<p", "<script>"]
)
@pytest.mark.parametrize("times", [1, 700])
def test_what_a_noscript_leaves_open_takes_nothing_along(content, times):
    body = "<p>前</p>" * times * 3 + f"<noscript>{content}</noscript><p>後</p><NoScript>{content}</nOscript ><p>末</p>"

    for kept in (read_body(body).html, sanitize.sanitize(body)):
        assert kept.endswith("<p>後</p><p>末</p>")


def test_a_noscript_that_is_whole_or_within_something_else_is_left_alone():
    for html in (
        '<noscript><img src="/a.jpg" alt="a > b"></noscript><p>x</p>',
        '<p title="<noscript><a href=">x</p><!-- <noscript><a href=" -->',
    ):
        assert bounded(html) == html
