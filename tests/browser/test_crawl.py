"""Every page of the admin that the table of rights shows to a superuser: it fits, is quiet, and is open to everybody.

Too long for every run of the tests: `make crawl` looks at all of them in all four ways; `NEWSROOM_CRAWL=once` at each
once, at one of two widths in one of two colour schemes in turns, and one stands for those that differ in words alone.
"""

import itertools
import os

import pytest
from django.contrib.auth.models import Group

from articles.models import Article, Image
from tests import makers
from tests.admin.conftest import fill
from tests.browser.looking import WIDER, faults_of
from tests.browser.steps import sign_in
from tests.test_security_rights import path_of, written

CRAWL = os.environ.get("NEWSROOM_CRAWL", "")
EVERY = CRAWL == "all"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.skipif(not CRAWL, reason="minutes: make crawl")]
NO_PAGES = ("jsi18n", "autocomplete", "progress", "unsaved", "export", "/text/", "nowhere")  # JSON, scripts, files
STOCK = ("search-label-icon",)  # of Django's own choice of rights and roles, whose names stand on what is no label
ALIKE = ("/history/", "/delete/")  # of any kind of row
PLAIN = ("bulkitem", "reference", "ping", "rendition", "imagehost", "revision", "articleimage", "tagalias")
PLAIN += ("taggedarticle", "synonymset", "articlemerge", "savedfilter")  # whose forms are the stock admin's
LOOKS = [(390, "light"), (1280, "dark"), (390, "dark"), (1280, "light")]
LONG = "觀點：為什麼一座小城的公共圖書館值得全國關注？來自河谷地帶的三封長信與一份被遺忘的預算表"


def pages() -> list[str]:
    """Patterns of the admin's pages, without those that say the same as another."""
    shown = [pattern for pattern, cells in written().items() if cells["superuser"].startswith("o")]
    found = [one for one in shown if one.startswith("admin/") and not any(part in one for part in NO_PAGES)]
    return [one for one in found if EVERY or not _is_like_another(one)]


def _is_like_another(pattern: str) -> bool:
    """Those of tags stand for all histories and questions before deleting, those of spellings for all plain forms."""
    is_form = pattern.endswith(("/add/", "/change/"))
    is_plain = is_form and any(f"/{model}/" in pattern for model in PLAIN)
    return is_plain or (any(part in pattern for part in ALIKE) and "/tag/" not in pattern)


@pytest.fixture
def rows(db):
    """Rows of everything, with long names, and pictures that wait."""
    rows = fill(3)
    Article.objects.update(title=LONG)
    Image.objects.update(state="waiting", file="")
    return rows


@pytest.mark.parametrize("part", range(4))
def test_every_page_of_the_admin_fits_is_quiet_and_open_to_everybody(page, live_server, rows, watch, part):
    sign_in(page, live_server, "chief")
    rows |= {"user": makers.UserMaker(username="somebody"), "group": Group.objects.first()}
    patterns = pages()
    todo = itertools.product(patterns, LOOKS) if EVERY else zip(patterns, itertools.cycle(LOOKS), strict=False)
    looked, faults = 0, []
    rows["article"].revisions.update(title=LONG[:20])
    texts = rows["article"].revisions.order_by("pk").values_list("pk", flat=True)
    compared = f"admin/articles/article/<int:pk>/compare/?before={texts[0]}&after={texts[1]}"
    for pattern, (width, scheme) in [*list(todo)[part::4], (compared, LOOKS[part])]:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.goto(live_server.url + path_of(pattern, rows))
        told = [page.evaluate(WIDER) or "", *watch.complaints, *watch.strangers]
        told += [fault for fault in faults_of(page) if not any(part in fault[1] for part in STOCK)]
        faults += [f"{page.url} {width} {scheme} {one}" for one in told if one]
        watch.complaints.clear()  # axe itself sets styles, of which the policy complains
        looked += 1
    assert looked > 10
    assert not faults, "\n".join(faults)
