"""Hostile markup in a real Chromium: nothing runs, nothing is asked for, no text is lost."""

import re

import pytest

from articles.ingest import sanitize
from tests.hostile.bare import ADDRESS, BAD, TOUCH
from tests.hostile.conftest import edited_bodies, read_bodies, stored_bodies
from tests.hostile.vectors import vectors

pytestmark = pytest.mark.django_db(transaction=True)

# Read as pages are, whose scripts may run: a noscript is raw text to them, unlike to a DOMParser.
READ = """([bodies, dropped]) => bodies.map((html) => {
    const body = document.createElement('body');
    body.innerHTML = html;
    for (const node of body.querySelectorAll(dropped)) node.remove();
    return body.textContent;
})"""


def test_what_browsers_read_as_text_is_kept(page, transactional_db, tmp_path):
    """The texts around each vector that Chromium finds outside of elements that the policy drops as wholes (forms,
    drawings, scripts) stand in what is stored, too.
    """
    bodies = stored_bodies(tmp_path / "hostile")
    page.route(re.compile("."), lambda route: route.abort())  # pictures are asked for even where nobody sees them
    assert page.evaluate(READ, [["潮<noscript><p title='</noscript>水"], "noscript"]) == ["潮水"]
    texts = page.evaluate(READ, [[vector.body for vector in vectors()], f"{sanitize.WITH_CONTENT}, noscript"])
    expected = [
        (vector, text, door, kept)
        for vector, shown in zip(vectors(), texts, strict=True)
        for text in (vector.before, vector.after)
        for door, kept in (("import", bodies.get(vector.number)), ("edit", edited_bodies()[vector.number]))
        if text in shown and kept is not None
    ]

    assert bodies == read_bodies(), "what an import stores is what reading makes"
    assert len(expected) > len(bodies) * 3.8
    lost = [(vector.html, door) for vector, text, door, kept in expected if text not in kept]
    assert not lost, [(html[:60], door) for html, door in lost]


def test_nothing_runs_where_only_the_policy_guards(page):
    """The stored bodies and the edited ones on a page without any other protection, parsed once, twice and thrice."""
    faults = []
    bodies, edited = read_bodies(), edited_bodies()
    page.on("dialog", lambda dialog: faults.append(dialog.message) or dialog.dismiss())
    html = "".join(f"<section>{body}</section>" for body in (*bodies.values(), *edited.values()))

    def answer(route):
        if route.request.url == ADDRESS:
            route.fulfill(content_type="text/html; charset=utf-8", body=f"<!doctype html><body>{html}")
        else:
            if route.request.resource_type != "image":  # pictures come by the program's own addresses on real pages
                faults.append(route.request.url)
            route.abort()

    page.route(re.compile("."), answer)
    page.goto(ADDRESS)
    sections = page.locator("section").count()
    page.evaluate("for (const s of document.querySelectorAll('section')) { s.innerHTML = s.innerHTML; }")
    page.evaluate("document.body.innerHTML = document.body.innerHTML")
    page.evaluate(f"({TOUCH})(document)")
    page.wait_for_timeout(300)

    assert sections == len(bodies) + len(edited)
    assert page.evaluate("window.ran") is None
    assert page.url == ADDRESS
    assert faults == []
    assert page.evaluate(BAD, sorted(sanitize.TAGS | {"section"})) == []


STAND = ("/a/1/", "/", "/?q=1#x", "#note-1", "https://a.example/", "HTTPS://a.example", "mailto:a@b.example")
FALL = (
    *("//a.example/", "/\\a.example/", "/&Tab;/a.example/", "/&NewLine;\\a.example/", "x", "?x", "#x", ""),
    *("https:x", "http:/x", "javascript:1", "data:,x", "ftp://a.example/", "\\\\a.example/"),
)


@pytest.mark.parametrize(("addresses", "faults"), [(STAND, 0), (FALL, len(FALL))])
@pytest.mark.parametrize("tag", ['<a href="{}">x</a>', '<img src="{}">'])
def test_the_verdict_knows_paths_of_this_site_from_addresses_in_disguise(page, tag, addresses, faults):
    page.route(re.compile("."), lambda route: route.abort())
    page.set_content("".join(tag.format(address) for address in addresses))
    assert len(page.evaluate(BAD, ["a", "img"])) == faults
