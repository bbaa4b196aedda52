"""A crawl of every page, as a reader and as a chief, that looks at what browsers are told and what pages load."""

import re
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from articles import curation
from tests import makers
from tests.admin.conftest import fill
from tests.services import Installation

HOME = "http://testserver"
MOST_PAGES = 700
ENDLESS = re.compile(r"[?&](?:p|o|e|_changelist_filters|_popup|before|page|month|kind|who|what)=|/logout/|/jsi18n/")
LOADING = {"src", "poster", "data", "formaction", "background", "ping"}
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}
FORBIDDEN_IN_POLICY = ("unsafe-inline", "unsafe-eval", "unsafe-hashes", "http:", "https:", "data:", "blob:", "*")


class Page(HTMLParser):
    """What a page loads, where it leads, and whatever a strict policy would forbid."""

    def __init__(self, text: str, nonces: set[str]) -> None:
        super().__init__()
        self.links, self.loaded, self.faults, self.nonces = set(), set(), [], nonces
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        self.faults += [f"<{tag} {name}>" for name in given if name.startswith("on") or name == "style"]
        self.faults += [f"<{tag} {n}={v}>" for n, v in given.items() if v.strip().lower().startswith("javascript:")]
        runs = tag == "script" and given.get("type", "") not in ("application/json", "application/ld+json")
        if (tag == "style" or (runs and "src" not in given)) and given.get("nonce") not in self.nonces:
            self.faults.append(f"<{tag}> written into the page without a nonce of its policy")
        self.loaded |= {given[name] for name in LOADING & set(given)}
        self.loaded |= {part.split()[0] for part in given.get("srcset", "").split(",") if part.strip()}
        if tag == "link" and not {"canonical", "alternate", "me", "license"} & set(given.get("rel", "").split()):
            self.loaded.add(given.get("href", ""))
        if tag == "a":
            self.links.add(given.get("href", ""))
        if tag == "form":
            self.loaded.add(given.get("action", ""))


def policy_of(answer) -> dict[str, list[str]]:
    parts = [part.split() for part in answer["Content-Security-Policy"].split(";")]
    return {words[0]: words[1:] for words in parts if words}


def faults_of_headers(address, answer) -> list[str]:
    faults = [f"{name}: {answer.get(name)}" for name, value in EVERYWHERE.items() if answer.get(name) != value]
    if answer.get("Referrer-Policy") not in ("strict-origin-when-cross-origin", "no-referrer"):
        faults.append(f"Referrer-Policy: {answer.get('Referrer-Policy')}")
    policy = policy_of(answer)
    words = [word for values in policy.values() for word in values]
    faults += [f"{word} in the policy" for word in words if word in FORBIDDEN_IN_POLICY or "unsafe" in word]
    if policy.get("default-src") != ["'none'"] and "sandbox" not in policy:
        faults.append("default-src is not 'none'")
    if "sandbox" not in policy:
        faults += [
            f"no {name}" for name in ("base-uri", "form-action", "object-src", "script-src") if name not in policy
        ]
        framed = policy.get("frame-ancestors")
        if framed != (["'self'"] if "/preview/unsaved/" in address else ["'none'"]):
            faults.append(f"frame-ancestors {framed}")
        is_desk = address.startswith("/admin/")
        if not is_desk and policy.get("require-trusted-types-for") != ["'script'"]:
            faults.append("no Trusted Types")
    shared = address.startswith(("/media/", "/static/"))
    if answer.get("Cross-Origin-Resource-Policy") != ("cross-origin" if shared else "same-origin"):
        faults.append(f"Cross-Origin-Resource-Policy: {answer.get('Cross-Origin-Resource-Policy')}")
    if "camera=()" not in answer.get("Permissions-Policy", "camera=()" if shared or answer.status_code >= 300 else ""):
        faults.append("no Permissions-Policy")
    if answer.get("Access-Control-Allow-Origin") and not address.startswith(("/api/", "/oembed", "/static/")):
        faults.append("readable by any other site")
    return faults


def look(client, address) -> tuple[list[str], set[str]]:
    """Faults of one address, and the addresses of ours that it leads to."""
    answer = client.get(address)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    faults = faults_of_headers(address, answer)
    if answer.status_code in (301, 302):
        return faults, {answer["Location"]}
    if not answer.get("Content-Type", "").startswith("text/html"):
        return faults, set()
    nonces = {word[7:-1] for word in policy_of(answer).get("script-src", []) if word.startswith("'nonce-")}
    page = Page(body.decode(), nonces)
    strangers = [a for a in page.loaded if urlsplit(urljoin(HOME, a)).netloc != "testserver"]
    return faults + page.faults + [f"loads {a}" for a in strangers], page.links


def crawl(client, starts) -> dict[str, list[str]]:
    """Every address of ours that can be reached, with its faults."""
    seen, waiting = {}, list(starts)
    while waiting and len(seen) < MOST_PAGES:
        address = waiting.pop(0)
        if address in seen:
            continue
        seen[address], links = look(client, address)
        for link in links:
            target = urlsplit(urldefrag(urljoin(HOME + address, link)).url)
            if target.netloc == "testserver":
                path = target.path + (f"?{target.query}" if target.query else "")
                if not ENDLESS.search(path):
                    waiting.append(path)
    return seen


@pytest.fixture
def newsroom(settings, db):
    """One of everything, a stored picture, and static files as they are served."""
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    default_storage.save("a.jpg", ContentFile(b"\xff\xd8\xff\xe0 no picture, but named like one"))
    return fill(1)


MACHINES = [
    *("/feed.xml", "/rss.xml", "/feed.json", "/sitemap.xml", "/sitemap-news.xml", "/sitemap-pages.xml", "/robots.txt"),
    *("/healthz", "/readyz", "/search.json?q=x", "/manifest.webmanifest", "/speculation-rules.json", "/favicon.ico"),
    *("/api/", "/api/openapi.json", "/api/articles/", "/api/tags/", "/api/sources/", "/oembed?url=x"),
]
FAULTY = [
    "/nowhere/",
    "/a/999999/",
    "/a/1x/",
    "/media/none.jpg",
    "/media/../settings.py",
    "/static/none.css",
    "/a/0.json",
]
FILES = ["/media/a.jpg", "/static/articles/seal.svg", "/static/articles/reader.js", "/static/admin/js/core.js"]


def test_every_page_that_a_reader_reaches_is_strict_and_loads_nothing_from_elsewhere(newsroom):
    number = newsroom["article"].pk
    seen = crawl(Client(), ["/", *MACHINES, *FAULTY, *FILES, f"/a/{number}/", f"/a/{number}.json"])
    assert len(seen) > 50
    assert not {address: faults for address, faults in seen.items() if faults}


def test_no_reader_is_given_a_cookie(newsroom):
    client = Client()
    crawl(client, ["/", *MACHINES, *FAULTY])
    assert not client.cookies


def test_every_page_of_the_desk_is_strict_and_loads_nothing_from_elsewhere(newsroom):
    chief = makers.UserMaker(username="chief", is_superuser=True)
    chief.groups.add(*Group.objects.filter(name__in=curation.ROLES))
    client = Client()
    client.force_login(chief)
    seen = crawl(client, ["/admin/", "/admin/nowhere/", "/admin/articles/article/999/change/", "/admin/login/"])
    assert len(seen) > 80
    assert not {address: faults for address, faults in seen.items() if faults}


def test_the_page_for_signing_in_and_refusals_are_strict(newsroom):
    client = Client(enforce_csrf_checks=True)
    seen = crawl(client, [reverse("admin:login"), "/admin/", "/admin/articles/article/1/change/"])
    assert not {address: faults for address, faults in seen.items() if faults}
    for answer in (client.post("/admin/login/", {}), client.put("/"), client.post("/")):
        assert answer.status_code in (403, 405)
        assert not faults_of_headers("/admin/login/", answer)


def test_a_fault_of_ours_is_told_under_the_same_headers(newsroom, monkeypatch):
    monkeypatch.setattr("articles.views.front.render", lambda *_, **__: 1 / 0)
    client = Client(raise_request_exception=False)
    answer = client.get("/")
    assert answer.status_code == 500
    assert not faults_of_headers("/", answer)


def test_pictures_run_nothing_whatever_they_are(newsroom):
    answer = Client().get("/media/a.jpg")
    assert answer["Content-Type"] == "image/jpeg"
    assert {"sandbox", "default-src"} <= set(policy_of(answer))
    default_storage.save("b.svg", ContentFile(b"<svg onload='alert(1)'/>"))
    default_storage.save("c.html", ContentFile(b"<script>alert(1)</script>"))
    assert {Client().get(f"/media/{name}").status_code for name in ("b.svg", "c.html")} == {404}


def test_a_crawl_sees_what_it_looks_for():
    page = Page('<p style="x" onclick="x"><a href="javascript:x">x</a><script>x</script><style>x</style>', {"n"})
    assert len(page.faults) == 5
    assert not Page('<script nonce="n">x</script><script src="/x.js"></script>', {"n"}).faults


def test_production_settings_pass_the_checks_for_deployment_and_demand_https(tmp_path):
    installation = Installation(
        tmp_path,
        NEWSROOM_SECRET_KEY="a-long-text-of-many-different-letters-0123456789-abcdefghijklmnopq",
        NEWSROOM_SITE_URL="https://news.example",
        NEWSROOM_ALLOWED_HOSTS="news.example,testserver",
    )
    assert not installation.manage("check", "--deploy", "--fail-level", "WARNING").count("WARN")
    ask = "from django.test import Client; c = Client(); a = c.get('/robots.txt', secure=True); r = c.get('/');"
    tell = "print(a['Strict-Transport-Security'], r.status_code, r['Location'], r['Content-Security-Policy'][:18])"
    told = installation.manage("shell", "-v", "0", "-c", ask + tell)
    expected = "max-age=31536000; includeSubDomains; preload 301 https://testserver/ default-src 'none'"
    assert told.strip() == expected
