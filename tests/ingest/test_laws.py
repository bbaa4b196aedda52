"""What holds for every body and every file, made-up ones included."""

import re
import unicodedata
from collections import Counter
from xml.etree import ElementTree

import pytest
from bleach._vendor import html5lib
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from articles.ingest import Document, Unreadable, read, sanitize
from tests.ingest.golden import SAMPLES, name_of
from tests.ingest.made_html import HTML

HEADER = "<!--1700000000000-->\n[題](https://www.example.com/a)\n------\n\n"
SCHEMES = ("http://", "https://", "mailto:")


CF_EMAIL = re.compile(r'data-cfemail="([^"]*)"|email-protection#(\w*)')
# Code as sites print it: lines and links that begin, end and stand alone in it.
_PRE_PIECES = [
    *(
        "\n",
        "\n\n",
        " ",
        "潮",
        "&lt;b&gt;",
        "<br>",
        "<code>",
        "</code>",
        "<b>",
        "</b>",
        "<p>",
        "<pre>",
        "</pre>",
        "</a>",
    ),
    *('<a href="#gone">', '<a href="#n1">', '<a href="https://example.org/">', '<i id="n1">', "</i>"),
]
PRE = st.lists(st.sampled_from(_PRE_PIECES), max_size=12).map(lambda pieces: f"<pre>{''.join(pieces)}</pre>")


def _squeezed(text):
    return re.sub(r"\s", "", text)


def _visible(html):
    tree = LexborHTMLParser("<!doctype html><body>" + html)
    for node in tree.css("script, style"):
        node.decompose(recursive=False)
    return _squeezed(tree.body.text() if tree.body is not None else "")


def _scripted(html):
    """The text where scripts run: to such a browser what a noscript holds is one text, which is read apart here."""
    tree = html5lib.HTMLParser(namespaceHTMLElements=False).parse("<!doctype html><body>" + html, scripting=True)
    told = []
    for node in tree.iter() if isinstance(tree, ElementTree.Element) else ():
        if node.tag not in ("script", "style"):
            told.append(_visible(node.text or "") if node.tag == "noscript" else node.text or "")
        told.append(node.tail or "")
    return _squeezed("".join(text for text in told if isinstance(text, str)))


def _most_letters(html):
    """As many as a browser could show of it."""
    return max(len(_visible(html)), len(_scripted(html)))


def _violations(html, *, addresses):
    tree = LexborHTMLParser("<!doctype html><body>" + html)
    found = []
    for node in tree.body.css("*"):
        if node.tag == "body":
            continue
        if node.tag not in sanitize.TAGS:
            found.append(node.tag)
        for name, value in node.attributes.items():
            if name != "rel" and name not in sanitize.ATTRIBUTES.get(node.tag, ()):
                found.append(f"{node.tag} {name}")
            if name in ("href", "src") and not (value or "").startswith(addresses):
                found.append(value)
    return found


@given(HTML)
@settings(max_examples=400, deadline=None)
def test_sanitizing_twice_changes_nothing(html):
    once = sanitize.sanitize(html)

    assert sanitize.sanitize(once) == once
    assert sanitize.mended(once) is None


@given(HTML)
@settings(max_examples=400, deadline=None)
def test_sanitizing_leaves_only_what_the_policy_names(html):
    assert _violations(sanitize.sanitize(html), addresses=(*SCHEMES, "/", "#note-")) == []


@given(HTML)
@settings(max_examples=400, deadline=None)
def test_visible_text_never_grows_by_sanitizing(html):
    assert len(_visible(sanitize.sanitize(html))) <= _most_letters(html)


def _made(body):
    return (HEADER + body).encode("utf-8", "replace").replace(b"\0", b"")


def _grown(document, body):
    """By how much a read body shows more than its source, but for what stands for something: a card's name for a
    player, a smiley's name for its picture, a hidden e-mail address for a notice.
    """
    tree = LexborHTMLParser("<!doctype html><body>" + document.html)
    for node in tree.css("figure > a"):
        node.decompose()
    hidden = sum(len(a or b) // 2 for a, b in CF_EMAIL.findall(body))
    smileys = sum(len(alt) for alt in re.findall(r'alt="([^"]*)"[^>]*', body)) if "emoji" in body else 0
    return len(_squeezed(tree.body.text())) - _most_letters(unicodedata.normalize("NFC", body)) - hidden - smileys


@given(HTML | PRE)
@settings(max_examples=400, deadline=None)
def test_visible_text_never_grows_by_reading(body):
    assert _grown(read(_made(body), "articles/dw/1.md"), body) <= 0


def _readable():
    for sample in SAMPLES:
        try:
            yield pytest.param(sample, read(sample.read_bytes(), name_of(sample)), id=name_of(sample))
        except Unreadable:
            continue


READABLE = list(_readable())


@pytest.mark.parametrize(("sample", "document"), READABLE)
def test_visible_text_of_a_sample_never_grows(sample, document):
    assert _grown(document, sample.read_text(encoding="utf-8", errors="replace")) <= 0
    assert "text_lost" not in document.warnings


@given(HTML | PRE)
@settings(max_examples=600, deadline=None)
def test_a_read_body_has_only_what_the_policy_names_and_is_left_alone_by_sanitizing(body):
    document = read(_made(body), "articles/dw/1.md")

    assert _violations(document.html, addresses=(*SCHEMES, "#note-")) == []
    assert sanitize.sanitize(document.html) == document.html


class _Listening:
    """nh3 as the policy has it, and what went in and came out."""

    def __init__(self):
        self.cleaner = sanitize._NH3
        self.heard = []

    def clean(self, html):
        clean = self.cleaner.clean(html)
        self.heard.append((html, clean))
        return clean


@pytest.fixture(scope="module")
def second():
    """The second sanitizer, listened to."""
    with pytest.MonkeyPatch.context() as patch:
        listening = _Listening()
        patch.setattr(sanitize, "_NH3", listening)
        yield listening


def _parts(html):
    """Its elements with their attributes, but the one that the policy has nh3 write, and its text."""
    body = LexborHTMLParser("<!doctype html><body>" + html).body
    elements = Counter(
        (node.tag, *sorted(pair for pair in node.attributes.items() if pair[0] != "rel")) for node in body.css("*")
    )
    return elements, _squeezed(body.text())


def _assert_nothing_was_removed(second):
    heard, second.heard = second.heard, []
    assert heard
    for left, clean in heard:
        assert _parts(clean) == _parts(left)
        assert set(re.findall(r'rel="([^"]*)"', clean)) <= {sanitize.LINK_REL}


@given(body=HTML | PRE)
@settings(max_examples=300, deadline=None)
def test_the_second_sanitizer_finds_nothing_to_remove_in_a_read_body_after_the_first(second, body):
    document = read(_made(body), "articles/bbc/1.md")

    assert "text_lost" not in document.warnings
    _assert_nothing_was_removed(second)


@given(html=HTML | PRE)
@settings(max_examples=300, deadline=None)
def test_the_second_sanitizer_finds_nothing_to_remove_in_an_edited_body_after_the_first(second, html):
    sanitize.sanitize(html)

    _assert_nothing_was_removed(second)


@pytest.mark.parametrize(("sample", "document"), READABLE)
def test_the_second_sanitizer_finds_nothing_to_remove_in_a_sample(second, sample, document):
    read(sample.read_bytes(), name_of(sample))

    _assert_nothing_was_removed(second)


def _read_or_refused(raw, name):
    try:
        return read(raw, name)
    except Unreadable as refusal:
        return refusal


@given(st.one_of(st.binary(max_size=300), HTML.map(lambda html: (HEADER + html).encode("utf-8", "surrogatepass"))))
@settings(max_examples=400, deadline=None)
def test_any_bytes_are_read_or_refused_with_a_reason(raw):
    outcome = _read_or_refused(raw, "articles/voa/1.md")

    assert isinstance(outcome, Document) or (outcome.code and str(outcome).endswith("."))


@given(st.text(max_size=200), st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_front_matter_and_header_is_read_or_refused_with_a_reason(matter, title, address):
    text = f"---\n{matter}\n---\n<!--{title}-->\n[{title}]({address})\n------\n\n<p>潮</p>"
    outcome = _read_or_refused(text.encode("utf-8", "replace"), address)

    assert isinstance(outcome, Document) or outcome.code


@pytest.mark.parametrize("long", ["https://e.example/" + "<" * 3000, "https://e.example/" + "&" * 1500])
def test_what_grows_when_it_is_escaped_stays_within_what_the_guard_lets_through(long):
    head = "<!--1700000000000-->\n[題](https://www.example.com/a)\n------\n\n"
    pictures = f"<img src='{long}' alt='船'><p>甲</p><img src='/b.jpg' alt='{'船<<<' * 800}'>"
    body = f"{pictures}<p><a href='{long}'>乙</a></p>"
    html = read((head + body).encode(), "articles/dw/1.md").html
    assert sanitize.sanitize(html) == html
    assert "b.jpg" in html
