"""Hostile words in every text of every table, file name, address and form: no page runs them."""

import io
import tarfile
import zipfile

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode

from articles import search
from articles.models import Article, ImportFile, ImportRun, Source, preview_address
from tests import makers
from tests.admin.conftest import fill
from tests.admin.test_articles import form_of, page_of
from tests.hostile.bare import deeds_of

pytestmark = pytest.mark.django_db(transaction=True)

RUN = "<img src=x onerror=top.ran=1>"
# In text, in an attribute, in a script, in a comment, in a style, as an address: one of them fits wherever it stands.
WORDS = f"毒\"'>{RUN}</title></textarea></script></style>--><script>top.ran=1</script>{{{{7*7}}}}"
SHORT = f"\"'>{RUN}"
ADDRESS = "javascript:top.ran=1//\"'>" + RUN
# Words with a meaning to the program: changing them would only make pages that are not there.
MEANT = {
    *("slug", "former_slug", "address_key", "sha256", "text_sha256", "path_sha256", "content_sha256", "digest"),
    *("timezone", "key", "head", "file", "stem", "suffixes", "token", "session_key", "session_data", "desk"),
    *("status", "state", "kind", "result", "move", "origin", "deed", "verb", "published_precision", "actor_kind"),
    *("rules_version", "policy_version", "page", "host", "query", "code", "withdrawn_because"),
    "body",  # is HTML: its vectors are elsewhere
}


def poisoned(model) -> None:
    """Every text of every row of a table; each row with a number of its own, for what must be unique."""
    fields = [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not field.choices
        and field.name not in MEANT
        and not field.generated
        and not field.primary_key
    ]
    for row in model._base_manager.all():
        values = {}
        for field in fields:
            is_address = "url" in field.name or field.name in ("feed", "hub")
            words = ADDRESS if is_address else WORDS if (field.max_length or 999) >= len(WORDS) + 9 else SHORT
            values[field.name] = f"{row.pk} {words}"[: field.max_length] if field.name != "language" else SHORT[:20]
        if values:
            models.QuerySet(model).filter(pk=row.pk).update(**values)


@pytest.fixture
def rows(transactional_db):
    """One of everything, poisoned."""
    cache.clear()
    rows = fill(2)
    Article.objects.filter(pk=rows["article"].pk).update(
        embeds=[{"url": ADDRESS, "provider": WORDS, "title": WORDS, "poster": ADDRESS}],
        links=[ADDRESS],
        warnings=[WORDS],
        removed={WORDS: 1},
        body="<p>潮水退去。</p>",
    )
    rows["person"] = makers.UserMaker(first_name=SHORT, last_name=SHORT, email="a@b.example")
    for model in apps.get_app_config("articles").get_models():
        if model._meta.model_name != "deed":  # only ever added to
            poisoned(model)
    makers.DeedMaker(
        subject=rows["article"],
        actor=SHORT,
        note=WORDS,
        details={WORDS: WORDS, "changes": [{"changed": {"fields": [WORDS], "name": WORDS, "object": WORDS}}]},
        name=WORDS,
    )
    ImportRun.objects.update(options={"source": WORDS, "paths": [WORDS]}, counts={"failed": 1}, undone={WORDS: 1})
    search.index(list(Article.objects.values_list("pk", flat=True)))
    return rows


def public_addresses(rows) -> list[str]:
    article, asked = rows["article"], urlencode({"q": f"{WORDS} 毒", "source": WORDS, "tag": WORDS, "from": WORDS})
    return [
        *("/", "/sources/", "/tags/", "/tags/by-name/", "/archive/", "/stories/", "/archive/undated/", "/api/"),
        *(article.get_absolute_url(), f"/a/{article.pk}/changes/", preview_address(article.pk)),
        *(rows[name].get_absolute_url() for name in ("source", "tag", "story")),
        *("/search/?q=毒", f"/search/?{asked}", f"/{WORDS}/", f"/tag/{SHORT}/", f"/zh-hans/search/?{asked}"),
        *(f"/search/?{urlencode({name: WORDS})}" for name in ("before", "page", "to", "sort")),
        *("/feed.xml", "/rss.xml", f"/search/feed.xml?{asked}", "/sitemap.xml", "/sitemap-news.xml"),
        *(
            f"/oembed?url={WORDS}",
            f"/api/articles/?{urlencode({'source': WORDS})}",
            f"/{article.published_on:%Y/%m/%d}/",
        ),
    ]


def desk_addresses(rows) -> list[str]:
    found = ["/admin/", "/admin/account/", "/admin/second-factor/", "/admin/auth/user/", f"/admin/{SHORT}/"]
    found.append(reverse("admin:auth_user_change", args=[rows["person"].pk]))
    for name, row in rows.items():
        if name == "person":
            continue
        base = f"/admin/articles/{name}/"
        found += [f"{base}?{urlencode({'q': WORDS})}", f"{base}{row.pk}/change/"]
        if name in ("article", "tag", "source", "savedfilter"):
            found += [f"{base}{row.pk}/history/", f"{base}{row.pk}/delete/", f"{base}{SHORT.replace('/', '')}/change/"]
            found.append(f"{base}?{urlencode({'e': WORDS, SHORT: WORDS})}")
    return found


def texts(client, addresses) -> dict[str, str]:
    """Pages by address, whatever they answer; a fault of ours would raise."""
    pages = {}
    for address in addresses:
        answer = client.get(address)
        told = answer.get("Content-Type", "")
        if answer.status_code not in (301, 302) and told.startswith(("text/html", "application/")):
            pages[address] = answer.content.decode()
    return pages


def test_no_page_for_readers_runs_words_of_any_table(page, rows):
    pages = texts(Client(), public_addresses(rows))
    assert sum("onerror" in text for text in pages.values()) > 15, "the words are there, and are words"
    html = [text for text in pages.values() if text.lstrip().lower().startswith("<!doctype html")]
    assert len(html) > 20
    assert deeds_of(page, html) == []


def test_no_page_of_the_desk_runs_words_of_any_table(page, rows, admin_client):
    pages = texts(admin_client, desk_addresses(rows))
    assert sum("onerror" in text for text in pages.values()) > 60
    assert deeds_of(page, list(pages.values())) == []


def test_no_fault_that_a_form_tells_runs_what_was_typed(page, rows, admin_client):
    article = Article.objects.get(pk=rows["article"].pk)
    form = form_of(admin_client, article)
    kept = {
        name: value
        for name, value in form.items()
        if name.endswith(("_FORMS", "-id", "-article", "lead_image", "topics", "source"))
    }
    wrong = dict.fromkeys(form, WORDS) | kept
    told = [admin_client.post(page_of(article), wrong | {"_save": "x"}).content.decode()]
    texts_of = ("name", "slug", "language", "timezone", "hosts", "home_url", "hans", "hant", "words", "alt")
    for name in ("source", "tag", "image", "spelling", "synonymset"):
        for place in ("add", f"{rows[name].pk}/change"):
            address = f"/admin/articles/{name}/{place}/"
            told.append(admin_client.post(address, dict.fromkeys(texts_of, WORDS), follow=True).content.decode())
    action = {"action": WORDS, "_selected_action": [WORDS, str(article.pk)], "note": WORDS}
    told.append(admin_client.post("/admin/articles/article/", action, follow=True).content.decode())
    told.append(Client().post("/admin/login/", {"username": WORDS, "password": "x", "next": ADDRESS}).content.decode())
    told.append(Client().get(f"/admin/login/?{urlencode({'next': ADDRESS})}").content.decode())
    told.append(Client(enforce_csrf_checks=True).post(f"/admin/login/?{SHORT}", {}).content.decode())
    assert sum("onerror" in text for text in told) > 8
    assert deeds_of(page, told) == []


def test_no_name_of_a_file_or_of_a_member_of_an_archive_runs(page, transactional_db, admin_client, settings, tmp_path):
    settings.DATA_DIR = tmp_path / "data"
    names = [f"\"'>{RUN.replace('/', '')}{n}.md" for n in range(2)] + [f"../{SHORT}.md", f"articles/{SHORT}/1.md"]
    head = "<!--1738045024000-->\n[{0}](https://www.dw.com/zh/x/a-70000{1})\n------\n\n<p>潮水退去。</p>{0}"
    holder = io.BytesIO()
    with zipfile.ZipFile(holder, "w") as archive:
        for number, name in enumerate(names):
            archive.writestr(name, head.format(WORDS, number) if number else "not an article")
    tarball = tmp_path / f"{SHORT[:20].replace('/', '')}.tar.gz"
    with tarfile.open(tarball, "w:gz") as archive:
        for number, name in enumerate(names, start=50):
            member = tarfile.TarInfo(name)
            raw = head.format(WORDS, number).encode()
            member.size = len(raw)
            archive.addfile(member, io.BytesIO(raw))
    options = {"publish": True, "no_images": True, "jobs": 1, "verbosity": 0}
    (tmp_path / "hostile.zip").write_bytes(holder.getvalue())
    for path in (tmp_path / "hostile.zip", tarball):
        with pytest.raises(SystemExit):
            call_command("import_articles", str(path), **options)
    told = []
    for name in (f"{SHORT}.zip", f"{SHORT}.md", f"{SHORT}.exe"):
        file = SimpleUploadedFile(name.replace("/", ""), holder.getvalue())
        answer = admin_client.post(reverse("admin:articles_importrun_upload"), {"files": file}, follow=True)
        told.append(answer.content.decode())
    assert ImportFile.objects.filter(path__contains="onerror").exists()
    assert Article.objects.exists()
    runs = [f"/admin/articles/importrun/{run.pk}/change/" for run in ImportRun.objects.all()]
    lists = ["/admin/articles/importfile/", "/admin/articles/original/", "/admin/articles/importrun/", "/admin/"]
    pages = texts(admin_client, runs + lists) | texts(Client(), [a.get_absolute_url() for a in Article.objects.all()])
    told += pages.values()
    assert sum("onerror" in text for text in told) > 5
    assert deeds_of(page, told) == []


def test_no_script_of_the_desk_makes_markup_of_words(page, live_server, watch, rows):
    """The desk's own scripts build parts of pages: there it is looked at as editors have it."""
    chief = makers.UserMaker(username="chief", is_superuser=True, first_name=SHORT)
    client = Client()
    client.force_login(chief)
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    dialogs, refused = [], []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message) or dialog.dismiss())
    page.on("console", lambda said: "Content Security" in said.text and refused.append(f"{said.location} {said.text}"))
    article = rows["article"].pk
    for address in (
        "/admin/",
        "/admin/articles/article/",
        f"/admin/articles/article/{article}/change/",
        f"/admin/articles/source/{rows['source'].pk}/change/",
        f"/admin/articles/image/{rows['image'].pk}/change/",
        "/admin/articles/frontpage/",
        f"/admin/articles/importrun/{rows['importrun'].pk}/change/",
        f"/search/?{urlencode({'q': WORDS})}",
    ):
        page.goto(live_server.url + address)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.ran") is None, address
    assert dialogs == []
    assert refused == []
    assert watch.strangers == []
    assert Source.objects.filter(name__contains="onerror").exists()
