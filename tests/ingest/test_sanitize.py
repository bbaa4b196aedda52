"""The policy on an editor's or an attacker's HTML."""

import re
from types import SimpleNamespace

import pytest

from articles.ingest import sanitize
from tests.hostile.vectors import vectors

CASES = {
    "script": ("<p>a<script>alert(1)</script>b</p>", "<p>ab</p>"),
    "handlers and styles": ('<p onclick="x" style="y" class="z" id="content">a</p>', "<p>a</p>"),
    "unknown blocks are paragraphs": ("<div>a</div><div>b</div>", "<p>a</p><p>b</p>"),
    "schemes": ('<p><a href="javascript:x">a</a><a href="JAVA&#115;cript:x">b</a></p>', None),
    "hidden characters in a scheme": ('<p><a href="javas\u200bcript:x">a</a></p>', None),
    "addresses that leave the site in disguise": (
        '<p><a href="//evil.example">a</a><a href="/\\evil.example">b</a></p>',
        None,
    ),
    "the same with what browsers leave out": (
        '<a href="/&Tab;/evil.example">a</a><a href="/\r\n\\evil.example">b</a><a href="/&NewLine;&Tab;/x">c</a>',
        None,
    ),
    "frames and forms": ("<iframe srcdoc='x'></iframe><form><input><button>x</button></form><p>a</p>", "<p>a</p>"),
    "mutation": ("<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=x&gt;'>", ""),
    "comments": ("<p>a<!-- <img src=x onerror=y> -->b</p>", "<p>ab</p>"),
    "a comment's signs in a name": ("<p>a<e<!-->b</e<!-->c</p><p>--></p>", "<p>abc</p><p>--&gt;</p>"),
    "our own notes": (
        '<p id="note-1">a<a href="#note-1">b</a></p>',
        '<p id="note-1">a<a href="#note-1" rel="noopener noreferrer">b</a></p>',
    ),
    "links within the site": ('<p><a href="/a/5/">a</a></p>', '<p><a href="/a/5/" rel="noopener noreferrer">a</a></p>'),
    "leading lines of pre": ("<pre>\n\n\na</pre>", "<pre>a</pre>"),
    "text about markup": ("<p>&lt;script&gt; &amp;lt;</p>", "<p>&lt;script&gt; &amp;lt;</p>"),
    "languages": (
        '<p lang="en">a<em lang="zh-Hant-HK">b</em><cite lang="x y">c</cite><q lang="fr" xml:lang="fr">d</q></p>'
        '<blockquote lang="sr-Latn-RS"><p lang="">e</p></blockquote><a lang="en" href="/x">f</a>',
        '<p lang="en">a<em lang="zh-Hant-HK">b</em><cite>c</cite><q lang="fr">d</q></p>'
        '<blockquote lang="sr-Latn-RS"><p>e</p></blockquote><a href="/x" rel="noopener noreferrer">f</a>',
    ),
    "controls": ("<p>a\x08b</p>", "<p>ab</p>"),
}


@pytest.mark.parametrize(("html", "expected"), CASES.values(), ids=CASES)
def test_sanitizes(html, expected):
    clean = sanitize.sanitize(html)

    assert "href" not in clean if expected is None else clean == expected


def test_deep_nesting_is_flattened_and_its_text_kept():
    assert "深" in sanitize.sanitize("<blockquote>" * 20_000 + "深")


def test_nh3_is_handed_no_long_run_of_marks_and_nothing_comes_out_differently(monkeypatch):
    bodies = [f"<p>{vector.body}{'&amp;x' * 500}</p>" for vector in vectors()[::9]]
    bodies.append(f'<p>潮{"&amp;" * 900}<img src="/a.png" alt="{"&lt;" * 700}&gt;">水{"&lt;&amp;" * 500}</p>')
    bodies.append(f"<p>{'© 2020 ' * 900}</p><ul><li>{'·' * 700}<b>{'&nbsp;' * 450}</b></li></ul>")
    monkeypatch.setattr(sanitize, "_MANY_MARKS", 10**9)
    whole = [sanitize.apply_policy(body) for body in bodies]
    monkeypatch.setattr(sanitize, "_MANY_MARKS", 0)
    handed, real = [], sanitize._NH3
    monkeypatch.setattr(sanitize, "_NH3", SimpleNamespace(clean=lambda html: handed.append(html) or real.clean(html)))

    assert [sanitize.apply_policy(body) for body in bodies] == whole
    texts = [text for html in handed for text in re.split(r"<(?:[^<>\"]|\"[^\"]*\")*>", html)]
    assert max(len(re.findall("[&\x80-\xbf]", text)) for text in texts) <= 200
    assert not any("<!--" in html for html in whole)


def test_a_policy_has_a_version():
    assert len(sanitize.POLICY_VERSION) == 16


@pytest.mark.parametrize(
    "name", ["_ADDRESS", "_FOREIGN_BLOCK", "_CONTROL", "_EMPTY_PARAGRAPH", "_PRE_BREAKS", "_MARKUP"]
)
def test_another_pattern_is_another_policy(monkeypatch, name):
    monkeypatch.setattr(sanitize, name, re.compile("other"))

    assert sanitize.policy_version() != sanitize.POLICY_VERSION


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("TAGS", frozenset("p")),
            ("ATTRIBUTES", {}),
            ("SCHEMES", frozenset()),
            ("VALUES", {}),
            ("WITH_CONTENT", "x"),
        ),
        *(("LINK_REL", "x"), ("_CODE", 0), ("_MOST_ROUNDS", 1), ("BOUNDS", ()), ("PATTERNS", ())),
    ],
)
def test_another_table_bound_or_number_is_another_policy(monkeypatch, name, value):
    monkeypatch.setattr(sanitize, name, value)

    assert sanitize.policy_version() != sanitize.POLICY_VERSION


def test_the_same_policy_has_the_same_version():
    assert sanitize.policy_version() == sanitize.POLICY_VERSION
