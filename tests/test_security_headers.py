"""A crawl of every page, as a reader and as a chief, that looks at what browsers are told and what pages load.

It begins at every pattern of an address there is, and follows links from there; of one pattern it asks a few addresses.
"""

import collections
import re
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from articles import curation
from articles.models import Unsaved, front_preview_address, preview_address, unsaved_preview_address
from tests import makers
from tests.services import Installation
from tests.test_security_rights import addresses, path_of, values  # noqa: F401 (a fixture)

HOME = "http://testserver"
OF_A_PATTERN = {"": 2, "?": 2, "/zh-hans/": 1}  # addresses asked: plain, with a query, in the other script
SCRIPTS = re.compile("^(/zh-han[st])/")
BUILDERS = re.compile('src="[^"]*/(?:jquery|editor)/')  # scripts that make markup of strings
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


def faults_of_headers(address, answer, *, builds=False) -> list[str]:
    """What is missing or loose; a page that `builds` markup from strings cannot be held to Trusted Types."""
    faults = [f"{name}: {answer.get(name)}" for name, value in EVERYWHERE.items() if answer.get(name) != value]
    if answer.get("Referrer-Policy") not in ("strict-origin-when-cross-origin", "no-referrer"):
        faults.append(f"Referrer-Policy: {answer.get('Referrer-Policy')}")
    policy = policy_of(answer)
    words = [word for given in policy.values() for word in given]
    faults += [f"{word} in the policy" for word in words if word in FORBIDDEN_IN_POLICY or "unsafe" in word]
    if policy.get("default-src") != ["'none'"] and "sandbox" not in policy:
        faults.append("default-src is not 'none'")
    if "sandbox" not in policy:
        faults += [
            f"no {name}" for name in ("base-uri", "form-action", "object-src", "script-src") if name not in policy
        ]
        framed = policy.get("frame-ancestors")
        if framed != (["'self'"] if "/preview/unsaved/" in address and answer.status_code == 200 else ["'none'"]):
            faults.append(f"frame-ancestors {framed}")
        if policy.get("require-trusted-types-for") != ["'script'"] and not builds:
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
    is_page = answer.get("Content-Type", "").startswith("text/html")
    text = body.decode() if is_page else ""
    is_desk = address.startswith("/admin/")
    faults = faults_of_headers(address, answer, builds=is_desk and bool(BUILDERS.search(text)))
    if answer.status_code >= 500:
        faults.append(f"answers {answer.status_code}")
    if answer.status_code in (301, 302):
        return faults, {answer["Location"]}
    if not is_page:
        return faults, set()
    nonces = {word[7:-1] for word in policy_of(answer).get("script-src", []) if word.startswith("'nonce-")}
    page = Page(text, nonces)
    strangers = [a for a in page.loaded if urlsplit(urljoin(HOME, a)).netloc != "testserver"]
    return faults + page.faults + [f"loads {a}" for a in strangers], page.links


def route_of(path: str) -> tuple[str, str]:
    """The pattern of an address, and in which way it is asked for: a key of OF_A_PATTERN."""
    way = "/zh-hans/" if SCRIPTS.match(path) else "?" if "?" in path else ""
    try:
        return resolve(SCRIPTS.sub("/", path).partition("?")[0]).route, way
    except Resolver404:
        return "", way


class Crawl:
    """Every address of the `starts`, and of what is linked from there a few of each pattern; with their faults."""

    def __init__(self, client, starts) -> None:
        self.seen: dict[str, list[str]] = {}
        self.asked = collections.Counter()
        waiting = [(address, True) for address in starts]
        while waiting:
            address, is_start = waiting.pop(0)
            route = route_of(address)
            if address in self.seen or not (is_start or self.asked[route] < OF_A_PATTERN[route[1]]):
                continue
            self.asked[route] += 1
            self.seen[address], links = look(client, address)
            waiting += [(path, False) for path in sorted(map(lambda link, a=address: own(a, link), links)) if path]

    @property
    def faults(self) -> dict[str, list[str]]:
        """By address, where there are any."""
        return {address: faults for address, faults in self.seen.items() if faults}

    @property
    def patterns(self) -> set[str]:
        """Of which something was asked."""
        return {route for route, _way in self.asked}


def own(address: str, link: str) -> str:
    """Where a link on a page of ours leads on this site; empty for elsewhere."""
    target = urlsplit(urldefrag(urljoin(HOME + address, link)).url)
    return target.path + (f"?{target.query}" if target.query else "") if target.netloc == "testserver" else ""


@pytest.fixture
def newsroom(settings, values):  # noqa: F811 (the fixture)
    """One of everything, a stored picture, and static files as they are served."""
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    default_storage.save("b.jpg", ContentFile(b"\xff\xd8\xff\xe0 no picture, but named like one"))
    return values


def every_address(rows: dict, *, at_desk: bool) -> list[str]:
    """One of each pattern."""
    return [path_of(pattern, rows) for pattern in addresses() if pattern.startswith("admin/") == at_desk]


def not_asked(crawl: Crawl, *, at_desk: bool) -> set[str]:
    """Patterns of which the crawl saw nothing; a route is told without the mark of where its expression begins."""
    patterns = {pattern.replace("/^", "/") for pattern in addresses() if pattern.startswith("admin/") == at_desk}
    return patterns - crawl.patterns


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


def test_every_page_that_a_reader_reaches_is_strict_loads_nothing_from_elsewhere_and_sets_no_cookie(newsroom):
    number, client = newsroom["article"].pk, Client()
    draft = newsroom["frontpage"]
    previews = [preview_address(number), front_preview_address(draft.pk, draft.saves)]
    starts = [*every_address(newsroom, at_desk=False), *MACHINES, *FAULTY, *FILES, *previews]
    crawl = Crawl(client, ["/", *starts, "/search/?q=潮"])
    assert not not_asked(crawl, at_desk=False)
    assert len(crawl.seen) > 90
    assert not crawl.faults
    assert not client.cookies


def test_every_page_of_the_desk_is_strict_and_loads_nothing_from_elsewhere(newsroom):
    chief = makers.UserMaker(username="chief", is_superuser=True)
    chief.groups.add(*Group.objects.filter(name__in=curation.ROLES))
    client = Client()
    client.force_login(chief)
    typed = Unsaved.objects.create(
        page="c" * 32, user=chief, article=newsroom["article"], values={"body": ["<p>x</p>"]}, typed_at=timezone.now()
    )
    more = ["/admin/nowhere/", "/admin/articles/article/999/change/", unsaved_preview_address(typed.page)]
    crawl = Crawl(client, [*every_address(newsroom, at_desk=True), *more])
    assert not not_asked(crawl, at_desk=True)
    assert len(crawl.seen) > 250
    assert not crawl.faults


def test_the_page_for_signing_in_and_refusals_are_strict(newsroom):
    client = Client(enforce_csrf_checks=True)
    starts = [reverse("admin:login"), "/admin/", "/admin/articles/article/1/change/"]
    assert not {address: faults for address in starts if (faults := look(client, address)[0])}
    for answer in (client.post("/admin/login/", {}), client.put("/"), client.post("/")):
        assert answer.status_code in (403, 405)
        assert not faults_of_headers("/admin/login/", answer)


@pytest.mark.parametrize(
    ("address", "is_held"),
    [
        *(("/admin/", True), ("/admin/account/", True), ("/admin/second-factor/", True), ("/admin/status/", True)),
        *(("/admin/articles/article/triage/", True), ("/admin/articles/importrun/{importrun}/change/", True)),
        *(("/admin/login/", True), ("/admin/articles/takedown/add/", True), ("/admin/articles/article/", False)),
        ("/admin/articles/article/{article}/change/", False),
    ],
)
def test_pages_of_the_desk_that_do_without_jquery_are_held_to_trusted_types(newsroom, address, is_held):
    client = Client()
    if "login" not in address:
        client.force_login(makers.UserMaker(username="chief", is_superuser=True))
    answer = client.get(address.format(**{name: row.pk for name, row in newsroom.items()}))
    assert answer.status_code == 200
    assert ("require-trusted-types-for" in policy_of(answer)) is is_held
    assert ("trusted-types" in policy_of(answer)) is is_held


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
