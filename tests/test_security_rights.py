"""Every address × every role × every method, against the table in rights.txt, which people read.

A new address fails until it has a row: `NEWSROOM_WRITE_RIGHTS=true pytest tests/test_security_rights.py` writes the
table anew, and its difference is what has to be judged. A letter a method:
o done or shown, r led on, L led to signing in, F refused (403), N nothing there (404), M no such method (405),
B not understood (400, 409, 415, 422), G gone (410), T too often (429).
"""

import datetime
import os
import re
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.test import Client
from django.urls import get_resolver

from articles import search
from articles.models import Article
from tests import makers
from tests.admin.conftest import fill

TABLE = Path(__file__).with_name("rights.txt")
DAY = datetime.datetime(2025, 1, 28, 6, tzinfo=datetime.UTC)  # of the article that pages by date show
ROLES = ("nobody", "reporter", "editor", "chief", "superuser")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
LETTERS = {200: "o", 201: "o", 204: "o", 403: "F", 404: "N", 405: "M", 410: "G", 429: "T"}
LETTERS |= dict.fromkeys((400, 409, 415, 422), "B")
PUBLIC_POSTS = {"/admin/login/", "/admin/login/code/"}
CATCH_ALL = {r"admin/^(?P<app_label>articles|auth)/$": "admin/articles/", r"admin/(?P<url>.*)$": "admin/nowhere"}


def addresses(resolver=None, before="") -> list[str]:
    """Patterns of all addresses; one that stands behind an equal one is never reached, and not told."""
    found = []
    for pattern in (resolver or get_resolver()).url_patterns:
        whole = before + str(pattern.pattern)
        found += addresses(pattern, whole) if hasattr(pattern, "url_patterns") else [whole]
    return list(dict.fromkeys(found))


def written() -> dict[str, dict[str, str]]:
    rows = {}
    for line in TABLE.read_text("utf-8").splitlines():
        address, *cells = line.rsplit(maxsplit=len(ROLES))
        rows[address.removeprefix("/")] = dict(zip(ROLES, cells, strict=True))
    return rows


@pytest.fixture
def values(db, settings):
    """What stands in addresses; every row of the desk that a number can mean is there."""
    cache.clear()
    default_storage.save("a.jpg", ContentFile(b"a picture"))
    rows = fill(1)
    makers.ArticleMaker(status="published", published_at=DAY, published_on=DAY.date(), listed_at=DAY)
    search.index(list(Article.objects.values_list("pk", flat=True)))
    rows |= {"user": makers.UserMaker(username="other"), "group": Group.objects.get(name="reporter")}
    return rows


def path_of(pattern: str, rows: dict) -> str:
    """An address of this pattern that means something."""
    article = rows["article"]
    model = re.match(r"admin/(?:articles|auth)/(\w+)/", pattern)
    subject = rows[model[1]] if model else rows["user"] if "second-factor" in pattern else article
    slugs = {"source": article.source.slug, "tag": rows["tag"].slug, "story": rows["story"].slug, "a": article.slug}
    known = {
        **dict.fromkeys(("object_id", "pk", "id", "number"), subject.pk),
        "token": "none",
        "step": "cancel",
        "path": "a.jpg",
        "content_type_id": 1,
        "month": f"{DAY:%m}",
        "day": f"{DAY:%d}",
        "year": f"{DAY:%Y}",
        "slug": slugs.get(pattern.split("/", maxsplit=1)[0], "none"),
    }
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(known[found[1]]), CATCH_ALL.get(pattern, pattern))


PASSWORD = "three boats on a river"  # of each


def client_of(role: str, **options) -> Client:
    client = Client(raise_request_exception=False, **options)
    if role != "nobody":
        password, is_superuser = make_password(PASSWORD), role == "superuser"
        user = makers.UserMaker(username=f"the-{role}", is_superuser=is_superuser, password=password)
        user.groups.add(*Group.objects.filter(name=role))
        client.force_login(user)
    return client


def answer_to(client, method: str, path: str):
    """The answer; what it changed is taken back."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        answer = client.generic(method, path, b"", content_type="application/x-www-form-urlencoded")
        answer.close()
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer


def letter_of(answer) -> str:
    if answer.status_code in (301, 302, 303):
        return "L" if answer["Location"].startswith("/admin/login/") else "r"
    return LETTERS.get(answer.status_code, str(answer.status_code))


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_the_table_says_by_every_method(values, role):
    client = client_of(role)
    got = {
        pattern: "".join(letter_of(answer_to(client, method, path_of(pattern, values))) for method in METHODS)
        for pattern in addresses()
    }
    if os.environ.get("NEWSROOM_WRITE_RIGHTS") == "true":
        rows = written() if TABLE.exists() else {}
        lines = [
            f"{'/' + pattern:<73} {' '.join((rows.get(pattern, {}) | {role: cell}).get(each, '?') for each in ROLES)}"
            for pattern, cell in got.items()
        ]
        TABLE.write_text("\n".join(lines) + "\n", "utf-8")
    expected = {pattern: cells[role] for pattern, cells in written().items()}
    assert not set(got) - set(expected), "say in rights.txt who may do what there"
    assert not set(expected) - set(got), "these addresses are gone: take their rows away"
    assert got == expected


def test_the_table_keeps_the_rules_that_every_address_has():
    for pattern, cells in written().items():
        assert set("".join(cells.values())) <= set("orLFNMBGT"), f"{pattern}: an answer that nobody meant"
        for role, cell in cells.items():
            assert len(cell) == len(METHODS), (pattern, role)
            assert cell[1] in (cell[0], "M", "F"), f"{pattern}: HEAD gets more than GET for {role}"
            assert cell[3:] == "MMMM", f"{pattern}: {role} has a method that nothing uses"
        if not pattern.startswith("admin/"):
            assert len(set(cells.values())) == 1 or "unsaved" in pattern, f"{pattern}: readers and staff differ"
            assert cells["nobody"][2] == "M", f"{pattern}: readers change nothing"
        elif f"/{pattern}" not in PUBLIC_POSTS:
            assert set(cells["nobody"][:3]) <= set("LN") or "logout" in pattern, f"{pattern}: open to strangers"


@pytest.mark.parametrize("role", ["nobody", "superuser"])
def test_no_change_is_taken_without_the_token_of_our_own_pages(values, role):
    client = client_of(role, enforce_csrf_checks=True)
    for pattern in addresses():
        answer = answer_to(client, "POST", path_of(pattern, values))
        assert answer.status_code in (403, 404, 405) or letter_of(answer) == "L", (pattern, answer.status_code)


@pytest.mark.parametrize("role", ["reporter", "editor", "chief"])
def test_numbers_of_what_is_not_there_tell_nothing(values, role):
    client = client_of(role)
    for pattern in addresses():
        if "<" not in pattern or not pattern.startswith("admin/"):
            continue
        path = re.sub(r"<(?:\w+:)?(?:object_id|pk|id|number)>", "987654321", pattern)
        if "<" not in path:
            for method in ("GET", "POST"):
                answer = answer_to(client, method, f"/{path}")
                assert answer.status_code in (302, 403, 404, 405), (method, path, answer.status_code)


def test_the_table_says_something():
    assert len(written()) > 200
    assert {cell[0] for cells in written().values() for cell in cells.values()} >= set("orLFNM")
