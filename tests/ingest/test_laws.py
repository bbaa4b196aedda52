"""What holds for every body and every file, made-up ones included."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from articles.ingest import Document, Unreadable, read, sanitize
from tests.ingest.made_html import HTML

HEADER = "<!--1700000000000-->\n[題](https://www.example.com/a)\n------\n\n"
SCHEMES = ("http://", "https://", "mailto:")


def _squeezed(text):
    return re.sub(r"\s", "", text)


def _visible(html):
    tree = LexborHTMLParser("<!doctype html><body>" + html)
    for node in tree.css("script, style"):
        node.decompose(recursive=False)
    return _squeezed(tree.body.text() if tree.body is not None else "")


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
def test_visible_text_never_grows(html):
    before = _visible(html)

    assert len(_visible(sanitize.sanitize(html))) <= len(before)


@given(HTML)
@settings(max_examples=400, deadline=None)
def test_a_read_body_has_only_what_the_policy_names_and_is_left_alone_by_sanitizing(body):
    document = read((HEADER + body).encode("utf-8", "replace").replace(b"\0", b""), "articles/dw/1.md")

    assert _violations(document.html, addresses=(*SCHEMES, "#note-")) == []
    assert sanitize.sanitize(document.html) == document.html


@given(HTML)
@settings(max_examples=200, deadline=None)
def test_the_second_sanitizer_finds_nothing_to_remove_after_the_first(body):
    document = read((HEADER + body).encode("utf-8", "replace").replace(b"\0", b""), "articles/bbc/1.md")

    assert "text_lost" not in document.warnings
    assert sanitize.apply_policy(document.html) == document.html


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
