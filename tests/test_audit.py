"""The audit: every deed leaves one line that nobody can change, and the line outlives what it tells of."""

import datetime
import json
import subprocess

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from articles import curation, images, tagging
from articles.actors import COMMAND, acting
from articles.admin.telling import more_of
from articles.models import Article, Deed, ImportRun, Source, Tag, TagAlias, keep_revisions, record
from articles.models.append_only import guard, unguard
from articles.tasks import index_waiting
from tests import makers
from tests.admin.test_every_page import queries
from tests.services import Installation

pytestmark = pytest.mark.django_db
LIST = "/admin/articles/deed/"


@pytest.fixture
def chief():
    return makers.UserMaker(username="chief", is_superuser=True)


@pytest.fixture
def desk(client, chief):
    client.force_login(chief)
    Deed.objects.all().delete()  # signing in was one
    return client


def told():
    return [(deed.actor, deed.verb, deed.kind, deed.number) for deed in Deed.objects.order_by("id")]


@pytest.fixture
def guarded():
    """The guards that the migration puts up, and that tests take off to be able to empty tables."""
    guard("articles_deed", connection)
    yield
    unguard("articles_deed", connection)


@pytest.mark.parametrize("statement", ["UPDATE articles_deed SET actor = 'x'", "DELETE FROM articles_deed"])
def test_the_database_itself_refuses_to_change_or_delete_a_deed(guarded, chief, statement):
    record("add", chief, by=chief)
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
        cursor.execute(statement)
    assert Deed.objects.get().actor == "chief"


def test_the_migration_has_put_the_guards_up(tmp_path):
    newsroom = Installation(tmp_path)
    command = "from articles.models import Deed, record; record('run', 'x'); Deed.objects.all().delete()"
    done = subprocess.run(
        newsroom.command("shell", "-c", command), env=newsroom.environment, capture_output=True, text=True, check=False
    )
    assert "only added to" in done.stderr


def test_a_person_who_is_gone_keeps_their_name_in_the_audit(guarded):
    user = makers.UserMaker(username="gone")
    article = makers.ArticleMaker()
    record("delete", article, by=user)
    user.delete()
    title = article.title
    article.delete()
    deed = Deed.objects.get()
    assert (deed.actor, deed.name) == ("gone", title)


def test_a_deed_that_is_taken_back_leaves_no_line(chief):
    def fails():
        with transaction.atomic():
            record("add", chief, by=chief)
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fails()
    assert not Deed.objects.exists()


def test_an_unchanged_article_leaves_no_line_and_a_changed_one_leaves_one(chief):
    article = makers.ArticleMaker(status="draft")
    article.title = "berichtigt"
    curation.save_edited(article, chief, reason="Zahl berichtigt")
    curation.save_edited(article, chief)
    deed = Deed.objects.get()
    assert (deed.actor, deed.verb, deed.number, deed.note) == ("chief", "change", article.pk, "Zahl berichtigt")
    assert deed.details == {"revision": article.revisions.latest("id").pk}


def test_imports_of_many_articles_leave_no_line_each(chief):
    articles = makers.ArticleMaker.create_batch(3)
    keep_revisions([article.pk for article in articles], None, "Import 1", "import")
    assert not Deed.objects.exists()


def test_an_import_leaves_two_lines_whatever_the_number_of_files(tmp_path):
    for number in range(5):
        (tmp_path / f"{number}.md").write_text("no article")
    with acting(COMMAND, "import_articles"), pytest.raises(SystemExit):  # every file is refused
        call_command("import_articles", str(tmp_path), "--no-images", "--jobs", "1", verbosity=0)
    run = ImportRun.objects.get()
    assert told() == [
        ("import_articles", "start", "importrun", run.pk),
        ("import_articles", "finish", "importrun", run.pk),
    ]
    assert Deed.objects.get(verb="finish").details["counts"]["refused"] == 5


def test_moves_merges_and_clearings_are_told(chief):
    article = makers.ArticleMaker(status="draft")
    curation.move(article, "submit", chief)
    tag, target = makers.TagMaker(name="川普"), makers.TagMaker(name="特朗普")
    merge = tagging.merge_tags(tag, target, chief)
    tagging.undo_merge(merge, chief)
    TagAlias.objects.all().delete()
    with acting(COMMAND, "clear"):
        tagging.delete_unused()
    assert [(verb, kind) for _actor, verb, kind, _number in told()] == [
        ("move", "article"),
        ("merge", "tag"),
        ("undo", "tag"),
        ("clear", "tag"),
    ]
    assert sorted(Deed.objects.get(verb="clear").details["names"]) == ["川普", "特朗普"]


def test_a_task_acts_under_its_own_name(monkeypatch):
    monkeypatch.setattr("articles.search.index_waiting", lambda seconds: record("change", "entry"))
    index_waiting.delay()
    assert told() == [("index_waiting", "change", "entry", None)]


def test_the_desks_write_the_audit_and_not_djangos_own_log(desk):
    source = makers.SourceMaker(name="DW")
    form = {"name": "Deutsche Welle", "slug": source.slug, "hosts": "dw.com", "language": "zh", "indexing": "own"}
    desk.post(f"/admin/articles/source/{source.pk}/change/", form | {"timezone": "Europe/Berlin"})
    desk.post(f"/admin/articles/source/{source.pk}/delete/", {"post": "yes"})
    assert not Source.objects.exists()
    assert told() == [("chief", "change", "source", source.pk), ("chief", "delete", "source", source.pk)]
    assert "Name" in more_of(Deed.objects.get(verb="change"))
    assert not LogEntry.objects.exists()


def test_an_article_saved_at_the_desk_is_told_once(desk):
    article = makers.ArticleMaker(status="draft")
    address = f"/admin/articles/article/{article.pk}/change/"
    form = desk.get(address).context["adminform"].form
    page = {name: form[name].value() or "" for name in form.fields if name not in ("go_live_at", "expire_at")}
    page |= {"published_at_0": "2025-01-28", "published_at_1": "06:17:04", "title": "ein anderer", "topics": []}
    for prefix in ("article_images", "article_images-2"):
        page |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    answer = desk.post(address, {name: value for name, value in page.items() if value is not None})
    assert answer.status_code == 302, answer.context["errors"]
    assert [(deed.verb, deed.name) for deed in Deed.objects.all()] == [("change", "ein anderer")]


def test_roles_that_are_given_and_taken_are_named(desk, chief):
    chief.set_password("three boats on a river")
    chief.save()
    desk.force_login(chief)
    user = makers.UserMaker(username="new")
    user.groups.add(Group.objects.get(name="reporter"))
    editor = Group.objects.get(name="editor")
    desk.post(
        f"/admin/auth/user/{user.pk}/change/",
        {"username": "new", "is_staff": "on", "groups": [editor.pk], "date_joined_0": "2025-01-01"}
        | {"date_joined_1": "00:00:00", "own_password": "three boats on a river"},
    )
    deed = Deed.objects.get(verb="change", kind="user")
    assert "roles given: editor" in more_of(deed)
    assert "roles taken: reporter" in more_of(deed)
    assert "active:" not in more_of(deed)


def test_signing_in_and_out_and_failing_are_told_but_no_name_that_is_not_of_staff(client):
    user = makers.UserMaker(username="editor")
    user.set_password("a-good-one")
    user.save()
    sign_in = reverse("admin:login")
    client.post(sign_in, {"username": "editor", "password": "wrong"})
    client.post(sign_in, {"username": "my-password-by-mistake", "password": "wrong"})
    client.post(sign_in, {"username": "editor", "password": "a-good-one"})
    client.post(reverse("admin:logout"))
    assert told() == [
        ("", "fail_sign_in", "user", user.pk),
        ("", "fail_sign_in", "user", None),
        ("editor", "sign_in", "user", user.pk),
        ("editor", "sign_out", "user", user.pk),
    ]
    assert "mistake" not in str(list(Deed.objects.values()))


@pytest.mark.parametrize("role", ["", "reporter", "editor", "chief"])
def test_the_audit_is_the_chiefs_to_read(client, role):
    user = makers.UserMaker()
    if role:
        user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    wanted = 200 if role == "chief" else 403
    assert [client.get(LIST + page).status_code for page in ("", "export/")] == [wanted, wanted]


def shown(client, **asked):
    page = client.get(LIST, asked)
    assert page.status_code == 200
    return {deed.name for deed in page.context["cl"].result_list}


@pytest.fixture
def many(desk, chief):
    """Deeds of two people and a command on three kinds of things, on three days."""
    other = makers.UserMaker(username="wang")
    article, tag = makers.ArticleMaker(title="倉庫農場"), makers.TagMaker(name="關稅")
    record("change", article, by=chief)
    record("change", tag, by=other)
    with acting(COMMAND, "reclean"):
        record("delete", makers.SourceMaker(name="Old Source"))
    for day, deed in enumerate(Deed.objects.order_by("id"), start=10):
        Deed.objects.filter(pk=deed.pk).update(made_at=datetime.datetime(2025, 3, day, 12, tzinfo=datetime.UTC))
    return article


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"who": "wang"}, {"關稅"}),
        ({"who": "reclean"}, {"Old Source"}),
        ({"what": "change"}, {"倉庫農場", "關稅"}),
        ({"kind": "tag"}, {"關稅"}),
        ({"from": "2025-03-11", "until": "2025-03-11"}, {"關稅"}),
        ({"from": "2025-03-12"}, {"Old Source"}),
        ({"from": "nonsense"}, {"倉庫農場", "關稅", "Old Source"}),
        ({"q": "关税"}, {"關稅"}),
        ({"q": "仓库"}, {"倉庫農場"}),
        ({"q": "old"}, {"Old Source"}),
        ({"q": "wang"}, {"關稅"}),
        ({"q": "nichts"}, set()),
        ({"q": "", "who": "", "what": "", "kind": "", "from": "", "until": ""}, {"倉庫農場", "關稅", "Old Source"}),
        ({"who": "chief", "what": "change", "kind": "article", "q": "农场"}, {"倉庫農場"}),
    ],
)
def test_it_is_narrowed_by_who_what_object_and_day(desk, many, asked, names):
    curation.save_edited(Article.objects.get(pk=many.pk), None)  # writes the search entry
    Deed.objects.filter(actor="").delete()
    assert shown(desk, **asked) == names


def test_a_number_finds_the_deeds_of_that_object(desk, many):
    assert "倉庫農場" in shown(desk, q=f"#{many.pk}")


def test_deeds_of_an_actor_are_asked_for_only_when_somebody_of_that_name_acted(desk, many):
    """Databases reckon with the deeds of an average actor, and would read all deeds to find none."""
    asked = {
        name: sum(f"\"actor\" = '{name}'" in sql for sql in queries(desk, f"{LIST}?q={name}"))
        for name in ("wang", "關稅")
    }
    assert asked["關稅"] == 1  # whether there is anybody
    assert asked["wang"] > 1
    assert shown(desk, q="wang") == shown(desk, q="關稅") == {"關稅"}


def test_the_list_asks_as_much_with_many_deeds_as_with_few(desk, many, chief):
    few = queries(desk, LIST)
    for tag in makers.TagMaker.create_batch(30):
        record("add", tag, by=chief)
    assert len(queries(desk, LIST)) == len(few)


def test_the_narrowed_list_is_written_out_as_lines_of_json_and_that_is_told_too(desk, many):
    answer = desk.get(f"{LIST}export/", {"who": "wang"})
    lines = [json.loads(line) for line in b"".join(answer.streaming_content).decode().splitlines()]
    assert [(line["actor"]["name"], line["verb"], line["object"]["name"]) for line in lines] == [
        ("wang", "change", "關稅")
    ]
    assert Deed.objects.latest("id").verb == "export"


def test_an_articles_history_has_originals_texts_moves_notes_and_other_deeds_in_one(desk, chief):
    article = makers.ArticleMaker(status="published")
    makers.OriginalMaker(article=article, run=makers.ImportRunMaker())
    article.title = "berichtigt"
    curation.save_edited(article, chief, reason="getippt")
    curation.correct(article, "correction", "Die Zahl war falsch.", chief)
    curation.move(article, "withdraw", chief, "zurück")
    record("refuse", article, by=chief, tag="關稅")
    address = reverse("admin:articles_article_history", args=[article.pk])
    events = desk.get(address).context["events"]
    told = [(event.who, str(event.what), str(event.note)) for event in events]
    assert [who for who, _what, _note in told].count("chief") == 4
    for what in ("getippt", "Die Zahl war falsch.", "zurück", "關稅", "an original came"):
        assert len([one for one in told if what in "".join(one)]) == 1, what
    before = len(queries(desk, address))
    for _ in range(5):
        record("refuse", article, by=chief, tag="x")
    assert len(queries(desk, address)) == before


def test_a_tags_history_page_tells_what_was_done_to_it(desk, chief):
    tag = makers.TagMaker()
    record("change", tag, by=chief, note="umbenannt")
    page = desk.get(reverse("admin:articles_tag_history", args=[tag.pk]))
    assert "umbenannt" in page.content.decode()
    assert desk.get(reverse("admin:articles_tag_history", args=[tag.pk + 99])).status_code == 302


def test_the_front_of_the_admin_shows_what_i_did_and_nobody_elses(desk, chief):
    record("change", makers.TagMaker(name="meins"), by=chief)
    record("change", makers.TagMaker(name="deins"), by=makers.UserMaker())
    page = desk.get("/admin/").content.decode()
    assert "meins" in page
    assert "deins" not in page
    assert Tag.objects.count() == 2


def test_commands_that_change_something_are_told(capsys):
    with acting(COMMAND, "repair_roles"):
        call_command("repair_roles")
    with acting(COMMAND, "createsuperuser"):
        call_command("createsuperuser", "--noinput", username="root", email="root@news.example")
    with acting(COMMAND, "export_articles"):
        call_command("export_articles", "--all")
    assert [(actor, verb, kind) for actor, verb, kind, _number in told()] == [
        ("repair_roles", "restore", "group"),
        ("createsuperuser", "add", "user"),
        ("export_articles", "export", "article"),
    ]
    assert Deed.objects.get(kind="user").name == "root"


def test_pictures_asked_for_again_are_one_line(desk):
    image = makers.ImageMaker(state="gone")
    images.begin_again([image.pk, makers.ImageMaker().pk])
    deed = Deed.objects.get()
    assert (deed.verb, deed.kind, deed.details["images"]) == ("fetch", "image", 2)


def test_words_of_notes_and_details_are_found_in_either_script(desk, chief):
    article = makers.ArticleMaker()
    record("change", article, by=chief, note="台灣電池廠的數字更正")
    record("refuse", article, by=chief, tag="劇院")
    record("change", article, by=chief, note="別的")
    for words, number in (("台湾电池", 1), ("剧院", 1), ("數字", 1), ("沒有", 0)):
        assert desk.get(LIST, {"q": words}).context["cl"].result_count == number, words


def test_only_the_latest_notes_are_read(desk, chief, monkeypatch):
    monkeypatch.setattr("articles.admin.audit.READ_AT_MOST", 2)
    article = makers.ArticleMaker()
    for note in ("甲", "乙", "丙"):
        record("change", article, by=chief, note=note)
    assert [desk.get(LIST, {"q": note}).context["cl"].result_count for note in "甲乙丙"] == [0, 1, 1]


def test_pairs_that_are_found_anew_and_stories_are_a_deed_and_an_idle_run_is_none():
    text = "".join(f"第{number}句寫的是{number * 7}號倉庫裡的燈與風。" for number in range(60))
    makers.ArticleMaker.create_batch(2, text=text)
    with acting(COMMAND, "find_duplicates"):
        call_command("find_duplicates")
        call_command("find_duplicates")
    deed = Deed.objects.get()
    assert (deed.actor, deed.verb, deed.kind) == ("find_duplicates", "run", "possibleduplicate")
    assert deed.details == {"signatures": 2, "pairs": 1, "withdrawn_pairs": 0}
