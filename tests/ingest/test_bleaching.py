"""bleach with less bookkeeping against bleach itself."""

from pathlib import Path

import bleach.sanitizer
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.ingest import read, sanitize
from articles.ingest.bleaching import _CHILDREN, _VOID, _WITHOUT_TEXT, Cleaner, regular
from articles.ingest.rules.words import words
from tests.ingest.made_html import HTML

OPTIONS = {
    "tags": sanitize.TAGS,
    "attributes": sanitize._is_allowed,
    "protocols": sanitize.SCHEMES,
    "strip": True,
    "strip_comments": True,
}
OURS, BLEACH = Cleaner(**OPTIONS), bleach.sanitizer.Cleaner(**OPTIONS)
PIECES = st.sampled_from(
    [
        *("<", ">", "</", "/>", "=", '"', "'", " ", "\n", "&", "&amp;", "&#", "<!--", "-->", "<![CDATA[", "<?", "\0"),
        *("p", "a", "href", "http://x.y/?a=1&b", "javascript:x", "script", "svg", "table", "字", "<p", "<a href="),
        *("</p>", "\ufffe"),
    ]
)
SOUP = st.lists(PIECES, max_size=30).map("".join)

TEXT = st.sampled_from(
    [
        *(
            "字",
            "台灣 a",
            " ",
            "\n",
            "\t",
            "\xa0",
            "\u200b",
            "\u2028",
            ">",
            '"',
            "'",
            "=",
            "/>",
            "]]>",
            "--",
            "𠀀",
            "&",
        ),
        *("&amp;", "&lt;script&gt;", "&#60;", "&#x3c;b", "&amp", "&notit;", "&nbsp;", "&nosuch;", "& ", "&&amp;lt;"),
    ]
)
NAME = st.sampled_from(
    sorted(words("href src alt width id lang class style start colspan onclick srcset title checked"))
)
VALUE = st.sampled_from(
    [
        *("", "1", "http://x.y/?a=1&b=2", "http://x.y/?a=1&amp;b", "javascript:x", "&#106;avascript:x", "note-1", "/x"),
        *(
            "#note-1",
            "//x.y",
            "mailto:a@x.y",
            "zh-Hant",
            " http://x.y",
            "'",
            "a\nb",
            "&quot;",
            "&lt;b",
            "data:x,y",
            "字",
        ),
    ]
)
WRITTEN = st.dictionaries(NAME, VALUE, max_size=3).map(
    lambda values: "".join(f' {name}="{value}"' for name, value in values.items())
)
SEEDS = sorted((Path(__file__).parents[2] / "seeds").rglob("*.md"))


@st.composite
def in_order(draw, inside: str = "", outer: tuple[str, ...] = ()) -> str:
    """HTML in which every element is closed and stands where it may."""
    parts = []
    for _ in range(draw(st.integers(0, 4 if len(outer) < 5 else 0))):
        name = draw(st.sampled_from(["", *sorted(_CHILDREN[inside] - set(outer))]))
        if name:
            within = "" if name in _VOID else draw(in_order(name, (*outer, name))) + f"</{name}>"
            parts.append(f"<{name}{draw(WRITTEN)}>{within}")
        elif inside not in _WITHOUT_TEXT:
            parts.append(draw(TEXT))
    return "".join(parts)


@given(HTML | SOUP)
@settings(max_examples=800, deadline=None)
def test_cleans_as_bleach_does_to_the_letter(html):
    assert OURS.clean(html) == BLEACH.clean(html)


def test_a_long_text_is_cleaned_as_bleach_does():
    html = "<p>字&amp;<a href='http://x.y/'>b</a></p>\r\n" * 2_000 + "</ broken"

    assert OURS.clean(html) == BLEACH.clean(html)


@given(in_order())
@settings(max_examples=200, deadline=None)
def test_what_is_in_order_is_cleaned_as_bleach_does_to_the_letter(html):
    assert regular(html) is not None or "<pre>\n" in html or "<pre " in html
    assert OURS.clean(html) == BLEACH.clean(html)


@given(
    in_order(), st.integers(0), st.integers(0), st.sampled_from(["", "<", ">", "<p>", "</p>", "</b>", "<a>", "\0", '"'])
)
@settings(max_examples=200, deadline=None)
def test_what_is_nearly_in_order_is_cleaned_as_bleach_does_to_the_letter(html, start, length, instead):
    start %= len(html) + 1
    html = html[:start] + instead + html[start + length % 9 :]

    assert OURS.clean(html) == BLEACH.clean(html)


@pytest.mark.parametrize(
    "html",
    [
        *(
            "<p>a<p>b",
            "<b>a</b>",
            "<p><p>a</p></p>",
            "<a><a>b</a></a>",
            "<p>a</p",
            "<p a=b>c</p>",
            "<ul>a</ul>",
            "<!-- -->",
        ),
        *(
            "<table><tr><td>a</td></tr></table>",
            "<table> </table>",
            "<p id='a'>b</p>",
            '<p id="a" id="b">c</p>',
            "</p>",
        ),
        *(
            "<P>a</P>",
            "<p/>",
            "<svg><p>a</p></svg>",
            "<pre>\na</pre>",
            "a\0b",
            "a\rb",
            "<em><p>a</p></em>",
            "<strong>a",
        ),
        *(
            "<p>a</p x>",
            "<p><br>a</br></p>",
            "<ul><p>a</p></ul>",
            "<h2><h3>a</h3></h2>",
            "a < b",
            "<em><s><em>a</em></s></em>",
        ),
    ],
)
def test_what_browsers_would_mend_is_left_to_the_parser(html):
    assert regular(html) is None
    assert OURS.clean(html) == BLEACH.clean(html)


def test_what_cleanup_writes_is_in_order():
    bodies = [read(path.read_bytes(), path.name).html for path in SEEDS if path.name != "README.md"]

    assert [html for html in bodies if regular(html.replace(f' rel="{sanitize.LINK_REL}"', "")) is None] == []


def test_no_element_is_looked_for_among_its_siblings(monkeypatch):
    html = "<div>一<p>二<i>三</i>四</p><p><i>五</i><b></b></p>六</div><x-y><ul>七<li><i>八</i></ul></x-y>" * 30
    expected, real, asked = BLEACH.clean(html), BLEACH.walker.getParentNode, []
    monkeypatch.setattr(
        BLEACH.walker, "getParentNode", lambda walker, node: asked.append(node[3]) or real(walker, node)
    )

    assert OURS.clean(html) == expected
    assert set(asked) <= {"text"}
