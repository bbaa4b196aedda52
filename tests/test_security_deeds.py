"""Every deed × every role: does anything change? Against the table in deeds.txt, which people read.

rights.txt tries each address with an empty body; here each button is pressed as its page would press it. A new move,
bulk deed, step, action or deed of a page fails until it has a row: `NEWSROOM_WRITE_DEEDS=true pytest
tests/test_security_deeds.py` writes the table anew, and its difference is what has to be judged.
"""

import datetime
import os
import re
from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME as TICKED
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import RequestFactory
from django.utils import timezone

from articles import tagging
from articles.admin import duplicates, proposals, stories, takedowns
from articles.curation import MOVES, bulk, note_deed
from articles.curation import takedowns as taking
from articles.curation.bulk_deeds import BULK_DEEDS
from articles.models import (
    Article,
    Claim,
    Image,
    PossibleDuplicate,
    Source,
    TaggedArticle,
    TagVerdict,
    Unsaved,
)
from tests import makers
from tests.admin.conftest import fill
from tests.admin.test_articles import form_of, page_of
from tests.test_curation_merging import FIRST, original
from tests.test_security_rights import PASSWORD, client_of, written

TABLE = Path(__file__).with_name("deeds.txt")
ROLES = ("nobody", "reporter", "editor", "chief")
# Tables that looking writes, and being refused.
LOOKED_AT = {f"articles_{name}" for name in ("staffsession", "edition", "presence", "claim")} | {"django_session"}
WRITTEN = re.compile(r'\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM|REPLACE INTO) "?(\w+)"?', re.I)
ADMIN = "/admin/articles"
NOW = datetime.datetime(2025, 1, 28, 6, tzinfo=datetime.UTC)
# What the last part of an address does on every desk alike, by the right that rights.txt tries.
STOCK = re.compile(r"/(add|change|history|progress|receipt|text)/$|<path:object_id>/$|/articles/\w+/$|/auth/\w+/$")
# Addresses that take no deed of a desk, change one's own account alone, or ask for one's password first (signing in has
# its own tests).
NO_DEEDS = {
    *("admin/", "admin/login/", "admin/logout/", "admin/password_change/", "admin/account/", "admin/second-factor/"),
    "admin/second-factor/<int:number>/",
    *("admin/account/export/", "admin/articles/deed/export/", "admin/auth/user/<int:pk>/export/"),
    *("admin/articles/article/<int:pk>/original/", "admin/articles/article/<int:pk>/compare/"),
    *("admin/articles/possibleduplicate/of/<int:pk>/", "admin/articles/takedown/of/<int:pk>/"),
    "admin/r/<path:content_type_id>/<path:object_id>/",
    *(r"admin/^(?P<app_label>articles|auth)/$", r"admin/(?P<url>.*)$"),
}


@pytest.fixture
def newsroom(db, tmp_path, monkeypatch, settings):
    """A row of everything, and something in each state that a deed wants."""
    monkeypatch.setattr("articles.tasks.imports.spawn", lambda *_command: None)
    monkeypatch.setattr("articles.tasks.offer", lambda *_args, **_options: None)
    settings.FETCH_IMAGES = True
    rows = fill(1)
    Source.objects.update(publish_on_import=False)
    rows |= {state: makers.ArticleMaker(status=state) for state in Article.Status.values}
    rows["proposed"] = makers.TagMaker(name="農場", slug="農場")
    rows["refused"] = makers.TagMaker(name="碼頭", slug="碼頭")
    TagVerdict.objects.create(article=rows["draft"], tag=rows["refused"], accepted=False)
    TaggedArticle.objects.create(tag=rows["refused"], content_object=rows["inbox"])
    makers.TagMaker(name="沒有人用", slug="沒有人用")
    other = makers.TagMaker(name="別名", slug="別名")
    rows["merge"] = tagging.merge_tags(other, rows["proposed"], None)
    pair = PossibleDuplicate.objects.create(article=rows["draft"], other=rows["published"], reason="alike")
    rows["pair"] = pair
    one, two = makers.ArticleMaker.create_batch(2)
    rows["apart"] = PossibleDuplicate.objects.create(article=one, other=two, reason="alike", verdict="different")
    rows["articlemerge"].kept = {"status": "draft", "step": 0, "tags": [], "verdict": None, "pairs": []}
    rows["articlemerge"].save()
    rows["proposal"] = makers.StoryMaker(state="proposed")
    for _number in range(2):
        makers.StoryPlaceMaker(story=rows["proposal"])
    changed = makers.ArticleMaker(body=FIRST.replace("燈", "新燈"), status="draft", source_changed=True)
    original(changed, FIRST)
    original(changed, FIRST.replace("船", "渡輪"), newest=False, waiting=True)
    rows["changed"] = changed
    rows["old"] = makers.RevisionMaker(
        article=rows["draft"], title="舊", facts=_facts(rows["draft"]), digest="old", body="<p>舊的正文。</p>"
    )
    rows["note"] = makers.CorrectionMaker(article=rows["published"])
    rows["asked"] = makers.TakeDownMaker(article_number=rows["published"].pk)
    rows["gone"] = makers.TakeDownMaker(article_number=makers.ArticleMaker().pk, asked_by=makers.UserMaker())
    rows["failed"] = makers.ImportRunMaker(state="finished", finished_at=NOW)
    lost = tmp_path / "lost.md"
    lost.write_text("no article")
    rows["file"] = makers.ImportFileMaker(
        run=rows["failed"], result="failed", code="no_header", path="lost.md", location=str(lost)
    )
    for state in ("running", "stopped", "undone"):
        rows[state] = makers.ImportRunMaker(state=state, heartbeat_at=timezone.now(), options={"paths": [str(lost)]})
    rows["picture"] = Image.objects.filter(state="stored").first()
    rows["claimed"] = makers.ArticleMaker(status="inbox")
    Claim.objects.create(
        article=rows["claimed"],
        user=makers.UserMaker(),
        begun_at=timezone.now(),
        ends_at=timezone.now() + datetime.timedelta(minutes=5),
    )
    return rows


def _facts(article) -> dict:
    return {
        "language": article.language,
        "slug": article.slug,
        "source_id": article.source_id,
        "published_at": article.published_at.isoformat(),
        "published_precision": "second",
        "lead_image_id": None,
        "go_live_at": None,
        "expire_at": None,
        "tags": [],
        "pictures": [],
    }


class Pressed:
    """The deeds, each as (address, what its page sends); what needs the page's own form asks `client` for it."""

    def __init__(self, client, rows: dict) -> None:
        self.client, self.rows, self.deeds = client, rows, {}
        self.me = get_user_model().objects.filter(pk=client.session.get("_auth_user_id")).first()
        for part in (self._forms, self._triage, self._bulk, self._articles, self._tags, self._pairs_and_stories):
            part()
        for part in (self._take_downs, self._imports, self._pictures, self._rest, self._deletions_and_actions):
            part()

    def add(self, name: str, address: str, sent=None) -> None:
        assert name not in self.deeds
        self.deeds[name] = (address, sent if callable(sent) else lambda: sent or {})

    def form(self, name: str, article: Article, **changes) -> None:
        def sent() -> dict:
            return form_of(self.client, article, **changes) if self.me else changes

        self.add(name, page_of(article), sent)

    def _forms(self) -> None:
        rows = self.rows
        for name, one in MOVES.items():
            for origin in sorted(one.origins):
                self.form(f"move {name} from {origin}", rows[origin], _move=name, _note="weil")
        for state in Article.Status.values:
            self.form(f"edit {state}", rows[state], title="別的標題")
        later = {"go_live_at_0": "2031-01-01", "go_live_at_1": "00:00:00"}
        self.form("set a schedule", rows["draft"], **later)
        self.form("set topics", rows["draft"], topics=[rows["proposed"].pk])
        self.form("change the source", rows["draft"], source=makers.SourceMaker().pk)
        self.form("edit what is in another hand", rows["claimed"], title="別的標題")
        self.form("take over", rows["claimed"], title="別的標題", _take_over="1")
        self.form("accept a proposal on the form", rows["draft"], _proposal=f"accept-{rows['proposed'].pk}")

    def _triage(self) -> None:
        rows, address = self.rows, f"{ADMIN}/article/triage/"
        item = rows["inbox"].pk
        for name, one in MOVES.items():
            if "inbox" in one.origins:
                self.add(f"triage {name}", address, {"deed": name, "item": item, "words": "weil"})
        self.add("triage tag", address, {"deed": "tag", "item": item, "words": "農場"})
        self.add("triage tag that is new", address, {"deed": "tag", "item": item, "words": "全新"})
        self.add("triage duplicate", address, {"deed": "duplicate", "item": item, "words": rows["draft"].pk})
        if self.me:
            done = makers.StepMaker(article=rows["review"], move="submit", origin="inbox", target="review")
            note_deed(rows["review"], "submit", self.me, {"step": done.pk})
        self.add("triage undo of one's own", address, {"deed": "undo"})

    def _bulk(self) -> None:
        given = {"tag": "農場", "source": self.rows["source"].pk, "day": "2024-01-01"}
        for name, one in BULK_DEEDS.items():
            sent = {"deed": name, TICKED: [self.rows["inbox"].pk], "given": given.get(one.asks, "")}
            self.add(f"bulk {name}", f"{ADMIN}/article/bulk/", sent)
        states = {"confirm": "ready", "stop": "running", "go_on": "stopped", "undo": "finished"}
        for step in bulk.STEPS:
            job = makers.BulkJobMaker(state=states.get(step, "ready"), total=1, made_by=makers.UserMaker())
            makers.BulkItemMaker(job=job, article=self.rows["draft"], result="changed" if step == "undo" else "ready")
            self.add(f"bulk step {step} of another's job", f"{ADMIN}/bulkjob/{job.pk}/{step}/do/", {"note": "weil"})
        counting = makers.BulkJobMaker(state="counting", total=1, made_by=makers.UserMaker(is_superuser=True))
        makers.BulkItemMaker(job=counting, article=self.rows["draft"], result="")
        self.add("bulk progress of another's job", f"{ADMIN}/bulkjob/{counting.pk}/progress/")

    def _articles(self) -> None:
        rows = self.rows
        draft = f"{ADMIN}/article/{rows['draft'].pk}"
        self.add("restore a revision", f"{draft}/restore/", {"revision": rows["old"].pk})
        self.add("say that it is open", f"{draft}/presence/")
        self.add("end previews", f"{draft}/end-previews/")
        page = {"_page": "a" * 32, "title": "x"}
        self.add("keep unsaved words", f"{draft}/unsaved/", page)
        self.add("keep unsaved words of a new one", f"{ADMIN}/article/unsaved/", page)
        for name, article, address in (
            ("discard unsaved words", rows["draft"], f"{draft}/unsaved/discard/"),
            ("discard unsaved words of a new one", None, f"{ADMIN}/article/unsaved/discard/"),
        ):
            kept = f"{len(self.deeds):032}"
            if self.me:
                Unsaved.objects.create(page=kept, user=self.me, article=article, values={}, typed_at=timezone.now())
            self.add(f"{name} of one's own", address, {"discard": kept})
        for choice in ("ours", "theirs", "both"):
            self.add(
                f"settle {choice}",
                f"{ADMIN}/article/{rows['changed'].pk}/source/",
                lambda choice=choice: {"choice": choice, "version": self._token()},
            )
        notes = f"{ADMIN}/article/{rows['published'].pk}/corrections/"
        self.add("write a note", notes, {"kind": "correction", "text": "berichtigt"})
        self.add("withdraw a note", notes, {"withdraw": rows["note"].pk, f"reason-{rows['note'].pk}": "weil"})
        for deed in proposals.DEEDS:
            tag = rows["refused" if deed == "again" else "proposed"]
            self.add(f"proposal {deed}", f"{draft}/proposal/", {"proposal": f"{deed}-{tag.pk}"})
        self.add("save a filter", f"{ADMIN}/article/filters/save/", {"name": "x", "query": "has=no_topic"})
        shared = makers.SavedFilterMaker(desk="triage", query="has=stub")
        self.add("open triage with a filter", f"{ADMIN}/article/filters/{shared.pk}/first/")

    def _token(self) -> str:
        answer = self.client.get(f"{ADMIN}/article/{self.rows['changed'].pk}/source/")
        return answer.context["newer"].token if answer.status_code == 200 else ""

    def _tags(self) -> None:
        rows = self.rows
        self.add("merge tags", f"{ADMIN}/tag/{rows['tag'].pk}/merge/", {"target": "農場"})
        self.add("undo a merge of tags", f"{ADMIN}/tagmerge/{rows['merge'].pk}/undo/")
        self.add("clear unused tags", f"{ADMIN}/tag/unused/")
        parts = {"aliases-TOTAL_FORMS": 0, "aliases-INITIAL_FORMS": 0}
        change = f"{ADMIN}/tag/{rows['proposed'].pk}/change/"
        self.add("rename a tag", change, {"name": "城市農場", "parent": "", "intro": ""} | parts)
        self.add("make a tag", f"{ADMIN}/tag/add/", {"name": "全新", "slug": "", "parent": "", "intro": ""} | parts)

    def _pairs_and_stories(self) -> None:
        rows = self.rows
        for deed in (duplicates.LEFT, duplicates.RIGHT, duplicates.APART, duplicates.REOPEN, duplicates.UNDO):
            pair = rows["apart" if deed == duplicates.REOPEN else "pair"]
            self.add(f"pair {deed}", f"{ADMIN}/possibleduplicate/{pair.pk}/change/", {"deed": deed})
        if self.me:
            one, two = makers.ArticleMaker.create_batch(2)
            PossibleDuplicate.objects.create(
                article=one, other=two, reason="alike", verdict="different", judged_by=self.me, judged_at=NOW
            )
        self.add("undo a merge of articles", f"{ADMIN}/articlemerge/{rows['articlemerge'].pk}/undo/")
        reports = list(rows["proposal"].places.values_list("article", flat=True))
        sent = {"title": "故事", "slug": "", "standfirst": "", "report": reports, "words": rows["published"].pk}
        for deed in (stories.CONFIRM, stories.DISMISS, stories.REOPEN, stories.ADD):
            story = rows["story" if deed == stories.REOPEN else "proposal"]
            self.add(f"story {deed}", f"{ADMIN}/story/{story.pk}/change/", sent | {"deed": deed})

    def _take_downs(self) -> None:
        rows = self.rows
        sent = {"scope": "article", "article_number": rows["draft"].pk, "basis": "court", "requester_kind": "court"}
        sent |= {"reason": "Az. 1", "begins_at_0": "2025-01-28", "begins_at_1": "00:00:00", "public": "on"}
        for step in (takedowns.ASK, takedowns.TAKE):
            self.add(
                f"take down: {step}", f"{ADMIN}/takedown/add/", lambda step=step: self._seen(sent | {"step": step})
            )
        root = makers.UserMaker(is_superuser=True)
        taking.take(rows["gone"], root)
        given = makers.TakeDownMaker(article_number=makers.ArticleMaker().pk, asked_by=root)
        taking.take(given, root)
        taking.ask_back(given, root, "weil")
        for deed in (takedowns.TAKE, takedowns.DECLINE):
            self.add(
                f"request: {deed}", f"{ADMIN}/takedown/{rows['asked'].pk}/change/", {"deed": deed, "words": "weil"}
            )
        ask_back = {"deed": takedowns.ASK_BACK, "words": "weil"}
        self.add(f"take-down: {takedowns.ASK_BACK}", f"{ADMIN}/takedown/{rows['gone'].pk}/change/", ask_back)
        for deed in (takedowns.STAYS, takedowns.GIVE_BACK, takedowns.SETTLE):  # settling moves files, not rows
            self.add(f"take-down: {deed}", f"{ADMIN}/takedown/{given.pk}/change/", {"deed": deed})

    def _seen(self, sent: dict) -> dict:
        answer = self.client.post(f"{ADMIN}/takedown/add/", sent | {"step": "count"})
        return sent | {"seen": (answer.context or {}).get("seen") or ""}

    def _imports(self) -> None:
        rows = self.rows
        deeds = {"pause": "running", "cancel": "running", "resume": "stopped", "real": "undone", "retry": "failed"}
        for deed, state in deeds.items():
            self.add(f"import {deed}", f"{ADMIN}/importrun/{rows[state].pk}/steer/", {"deed": deed})
        self.add("import undo", f"{ADMIN}/importrun/{rows['failed'].pk}/undo/")
        sent = {"source": "", "publish": "", "deed": "try"}
        file = f"{ADMIN}/importfile/{rows['file'].pk}"
        self.add("import upload", f"{ADMIN}/importrun/upload/", lambda: sent | {"files": [self._file()]})
        self.add("import retry of a file", f"{file}/retry/")
        self.add("import correction of a file", f"{file}/correct/", lambda: sent | {"file": self._file()})

    def _file(self) -> SimpleUploadedFile:
        return SimpleUploadedFile("1.md", b"[x](https://news.example/x)\n------\n\n<p>x</p>")

    def _pictures(self) -> None:
        picture = self.rows["picture"]
        address = f"{ADMIN}/image/{picture.pk}/change/"
        self.add("describe a picture", address, lambda: self._image_form(address, alt="一艘船"))

    def _image_form(self, address: str, **changes) -> dict:
        answer = self.client.get(address)
        if answer.status_code != 200 or "adminform" not in (answer.context or {}):
            return changes
        form = answer.context["adminform"].form
        sent = {name: form[name].value() for name in form.fields if name != "replacement"}
        return {name: "" if value is None else value for name, value in sent.items()} | changes

    def _rest(self) -> None:
        rows = self.rows
        person = makers.UserMaker(username="other-person")
        new = {"password1": "ein-langes-Wort-9", "password2": "ein-langes-Wort-9", "usable_password": "true"}
        own, address = {"own_password": PASSWORD}, f"/admin/auth/user/{person.pk}/password/"
        self.add("set another's password", address, new | own)
        self.add("set another's password without one's own", address, new)
        self.add("erase a person", f"/admin/auth/user/{person.pk}/erase/", {"name": "other-person"})
        role = {"username": "other-person", "is_staff": "on", "is_active": "on"}
        role |= {"groups": [Group.objects.get(name="chief").pk], "date_joined_0": "2025-01-01", "date_joined_1": "0:0"}
        self.add("give a role", f"/admin/auth/user/{person.pk}/change/", role | own)
        self.add("give a role without one's own password", f"/admin/auth/user/{person.pk}/change/", role)
        shape = f"{ADMIN}/frontpage"
        makers.FrontPageMaker()
        self.add("shape the front page", f"{shape}/shape/", {"lead": rows["published"].pk, "deed": "save"})
        self.add("restore a front page", f"{shape}/{rows['frontpage'].pk}/restore/")
        self.add("undo a front page", f"{shape}/undo/")
        source = {"name": "DW", "slug": "dw-9", "hosts": "", "language": "zh", "timezone": "UTC", "indexing": "own"}
        self.add("make a source", f"{ADMIN}/source/add/", source)

    def _deletions_and_actions(self) -> None:
        asked = RequestFactory().get("/admin/")
        asked.user = makers.UserMaker(is_superuser=True)
        rows = self.rows | {"user": asked.user, "importfile": self.rows["file"]}
        for model, desk in admin.site._registry.items():
            name, row = model._meta.model_name, rows.get(model._meta.model_name)
            address = f"/admin/{model._meta.app_label}/{name}/"
            if row is not None:
                self.add(f"delete {name}", f"{address}{row.pk}/delete/", {"post": "yes"})
            for action in desk.get_actions(asked):
                sent = {"action": action, TICKED: [row.pk if row else 0], "post": "yes", "deed": "publish"}
                self.add(f"action {name} {action}", address, sent)


def judged() -> dict[str, dict[str, str]]:
    lines = TABLE.read_text("utf-8").splitlines() if TABLE.exists() else []
    rows = (line.rsplit(maxsplit=len(ROLES)) for line in lines)
    return {name: dict(zip(ROLES, cells, strict=True)) for name, *cells in rows}


def changes(client, address: str, sent: dict, before: dict[str, list]) -> bool:
    """Whether a deed changes any row; it is taken back. Only tables that were written are looked at."""
    tables: set[str] = set()

    def note(execute, sql, params, many, context):
        found = WRITTEN.match(sql)
        if found:
            tables.add(found[1])
        return execute(sql, params, many, context)

    cookies = client.cookies.copy()
    with transaction.atomic():
        with connection.execute_wrapper(note):
            answer = client.post(address, sent)
        assert answer.status_code < 500, (address, answer.status_code)
        answer.close()
        changed = any(rows_of(table) != before[table] for table in tables & before.keys())
        transaction.set_rollback(True)
    client.cookies = cookies
    return changed


def rows_of(table: str) -> list:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        return sorted(cursor.fetchall(), key=repr)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_does_what_the_table_says_and_nothing_else(newsroom, role):
    client = client_of(role)
    pressed = Pressed(client, newsroom)
    before = {name: rows_of(name) for name in connection.introspection.django_table_names() if name not in LOOKED_AT}
    got = {}
    for name, (address, sent) in pressed.deeds.items():
        with transaction.atomic():
            body = sent()  # looks at pages, which may note that somebody looked
            transaction.set_rollback(True)
        got[name] = "yes" if changes(client, address, body, before) else "-"
    if os.environ.get("NEWSROOM_WRITE_DEEDS") == "true":
        rows = judged()
        told = {name: rows.get(name, {}) | {role: cell} for name, cell in got.items()}
        lines = [f"{name:<44} {' '.join(cells.get(each, '?') for each in ROLES)}" for name, cells in told.items()]
        TABLE.write_text("\n".join(lines) + "\n", "utf-8")
    expected = {name: cells[role] for name, cells in judged().items()}
    assert not set(got) - set(expected), "say in deeds.txt who may do it"
    assert not set(expected) - set(got), "these deeds are gone: take their rows away"
    assert got == expected


def test_the_table_keeps_the_rules_that_every_deed_has():
    rows = judged()
    assert len(rows) > 100
    for name, cells in rows.items():
        assert cells["nobody"] == "-", f"{name}: open to strangers"
        if cells["reporter"] == "yes":
            assert cells["editor"] == "yes", f"{name}: a reporter may, and an editor may not"
        if cells["editor"] == "yes":
            assert cells["chief"] == "yes", f"{name}: an editor may, and a chief may not"


def test_every_address_that_takes_a_deed_has_a_row(newsroom):
    deeds = Pressed(client_of("nobody"), newsroom).deeds.values()
    pressed = {re.sub(r"\d+", "#", address) for address, _sent in deeds}
    for pattern, cells in written().items():
        takes = any(cells[role][2] not in "LFM" for role in ROLES[1:])
        if not takes or not pattern.startswith("admin/") or pattern in NO_DEEDS or STOCK.search(f"/{pattern}"):
            continue
        as_pressed = "/" + re.sub(r"<(?:\w+:)?(?:pk|number|id|object_id)>", "#", pattern)
        found = as_pressed in pressed or any(
            re.fullmatch(re.escape(as_pressed).replace(re.escape("<str:step>"), r"\w+"), one) for one in pressed
        )
        assert found, f"{pattern} takes a deed that has no row"
