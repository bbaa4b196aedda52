"""A run taken back: the archive stands as if it had never been, but for what people have touched since."""

import io
import json
import runpy

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles import curation, importing, search
from articles.importing import undoing
from articles.models import (
    Article,
    FrontPage,
    Image,
    ImportRun,
    Original,
    PossibleDuplicate,
    Poster,
    Remainder,
    Revision,
    Tag,
    TaggedArticle,
)
from articles.models.front import Pin, Plan
from tests import makers
from tests.importing import archive
from tests.services import ROOT, Installation, postgres_database

pytestmark = pytest.mark.django_db(transaction=True)
NEW = 1738999999000


def run(folder, **options):
    """Import a folder; returns the run."""
    call_command("import_articles", str(folder), jobs=1, verbosity=0, **options)
    return ImportRun.objects.first()


def undo(one):
    importing.begin_undo(one)
    for _ in importing.undo_chunks(one):
        pass
    return one


def state(capsys):
    told = runpy.run_path(str(ROOT / "tests/importing/state_of.py"))["state"]
    capsys.readouterr()
    # These texts have more that are alike than are offered: which of them are depends on what came when.
    told["pairs"] = [pair for pair in told["pairs"] if pair[2] == "text"]
    return told


def preview(one):
    told = importing.preview_undo(one)
    return {name: getattr(told, name) for name in undoing.COUNTS}


@pytest.fixture
def first(tmp_path):
    """Twelve articles of one run."""
    return run(archive.write(tmp_path / "first", range(12)), publish=True)


@pytest.fixture
def second(first, tmp_path):
    """A run with newer versions of three of them, an older one, a copy and four new articles."""
    folder = archive.write(tmp_path / "second", [1, 2, 3], epoch=NEW, title="新的標題")
    archive.write(folder, [5], epoch=1600000000000)
    archive.write(folder, range(70, 74))
    (folder / "articles/dw/copy.md").write_text(archive.dw(7), "utf-8")
    return run(folder, publish=True)


def test_an_undone_run_leaves_all_as_it_was_before(first, tmp_path, capsys):
    before = state(capsys)
    folder = archive.write(tmp_path / "second", [1, 2, 3], epoch=NEW, title="新的標題")
    archive.write(folder, [5], epoch=1600000000000)
    archive.write(folder, range(70, 74))
    (folder / "articles/dw/copy.md").write_text(archive.dw(7), "utf-8")
    one = run(folder, publish=True)
    told = preview(one)
    assert state(capsys) != before
    undo(one)
    assert state(capsys) == before
    assert one.state == "undone"
    assert {name: one.undone[name] for name in undoing.COUNTS} == told
    assert told == {"removed": 4, "put_back": 3, "loosened": 2, "kept": 0, "pictures": 4}
    assert not search.check().any
    latest = Revision.objects.filter(article__title="第1號倉庫變身城市農場").latest("pk")
    assert (latest.reason, latest.title) == (f"Import {one.pk} undone", "第1號倉庫變身城市農場")


def test_importing_again_after_an_undo_works_as_the_first_time(first, tmp_path, capsys):
    folder = archive.write(tmp_path / "second", [1, 2, 70], epoch=NEW, title="新的標題")
    one = run(folder, publish=True)
    after, counts = state(capsys), one.counts
    undo(one)
    again = run(folder, publish=True)
    assert again.counts == counts
    assert state(capsys) == after


def test_undoing_the_first_run_leaves_what_the_second_brought(first, second, capsys):
    undo(first)
    assert first.undone["removed"] == 12 - 5
    assert set(Original.objects.values_list("run", flat=True)) == {second.pk}
    undo(second)
    assert (Article.objects.count(), Original.objects.count(), PossibleDuplicate.objects.count()) == (0, 0, 0)
    assert Image.objects.count() == 0


def test_what_people_touched_stays_and_is_listed(first, second):
    editor = makers.UserMaker()
    edited = Article.objects.get(address_key="dw.com/a-7000070")
    edited.title = "改過的標題"
    curation.save_edited(edited, editor)
    rewritten = Article.objects.get(address_key="dw.com/a-7000001")
    rewritten.title = "也改過"
    curation.save_edited(rewritten, editor)
    tagged = Article.objects.get(address_key="dw.com/a-7000071")
    TaggedArticle.objects.create(tag=Tag.objects.create(name="港口"), content_object=tagged, origin="editor")
    makers.StepMaker(article=Article.objects.get(address_key="dw.com/a-7000072"))
    pinned = Article.objects.get(address_key="dw.com/a-7000073")
    FrontPage.objects.create(plan=Plan(seconds=(Pin(pinned.pk),)).written(), is_draft=True)
    told = preview(second)
    undo(second)
    assert {name: second.undone[name] for name in undoing.COUNTS} == told
    assert (told["removed"], told["put_back"], told["kept"]) == (0, 2, 5)
    stayed = Remainder.objects.filter(run=second).values_list("article__address_key", "reason")
    assert dict(stayed) == {
        "dw.com/a-7000070": "edited",
        "dw.com/a-7000001": "edited",
        "dw.com/a-7000071": "handled",
        "dw.com/a-7000072": "handled",
        "dw.com/a-7000073": "handled",
    }
    edited.refresh_from_db()
    rewritten.refresh_from_db()
    assert (edited.title, rewritten.title) == ("改過的標題", "也改過")
    assert Original.objects.filter(article=rewritten, newest=True, run=second).exists()


def test_a_preview_of_the_first_articles_tells_of_them_alone_and_names_those_that_stay(first, second):
    numbers = list(Original.objects.filter(run=second).order_by("article").values_list("article", flat=True).distinct())
    edited, moved = Article.objects.get(pk=numbers[-1]), Article.objects.get(pk=numbers[-2])
    curation.save_edited(edited, makers.UserMaker())
    makers.StepMaker(article=moved)
    whole = importing.preview_undo(second)
    assert whole.stays == (
        (moved.pk, moved.title, moved.language, False),
        (edited.pk, edited.title, edited.language, True),
    )
    assert whole.is_whole
    assert importing.preview_undo(second, len(numbers)) == whole
    told = [importing.preview_undo(second, number) for number in (1, len(numbers) - 2, len(numbers) - 1)]
    assert [preview.is_whole for preview in told] == [False] * 3
    assert [preview.removed + preview.put_back + preview.loosened + preview.kept for preview in told] == [
        1,
        len(numbers) - 2,
        len(numbers) - 1,
    ]
    assert [preview.stays for preview in told] == [(), (), whole.stays[:1]]
    assert (told[2].kept, whole.kept) == (1, 2)


def test_a_preview_asks_as_much_for_many_articles_as_for_few(first, tmp_path):
    small = run(archive.write(tmp_path / "small", [60]))
    for number in (0, 5):
        asked = []
        for one in (small, first):
            with CaptureQueriesContext(connection) as queries:
                importing.preview_undo(one, number)
            asked.append(len(queries))
        assert asked[0] == asked[1] <= 8


def test_a_newer_text_that_waits_beside_an_edited_one_is_withdrawn(first, tmp_path):
    article = Article.objects.get(address_key="dw.com/a-7000001")
    article.title = "改過"
    curation.save_edited(article, makers.UserMaker())
    one = run(archive.write(tmp_path / "second", [1], epoch=NEW, title="新的"))
    article.refresh_from_db()
    assert article.source_changed
    undo(one)
    article.refresh_from_db()
    assert (article.title, article.source_changed) == ("改過", False)
    assert article.originals.count() == 1
    assert not Remainder.objects.exists()


def test_what_newer_rules_read_otherwise_has_no_earlier_text_and_is_listed(first, tmp_path):
    article = Article.objects.get(address_key="dw.com/a-7000001")
    Original.objects.filter(article=article).update(content_sha256="other", rules_version="old")
    one = run(tmp_path / "first")
    assert one.counts["updated"] == 1
    assert preview(one)["kept"] == 1
    undo(one)
    assert list(one.remainders.values_list("article", "reason")) == [(article.pk, "rules")]


def test_pictures_that_another_article_shows_stay(first, tmp_path):
    shared = Image.objects.get(origin_url__endswith="/1_303.jpg")
    one = run(archive.write(tmp_path / "second", [51, 60]))  # a picture's number is the article's, modulo 50
    assert shared.places.count() == 2
    told = preview(one)
    undo(one)
    assert told["pictures"] == one.undone["pictures"]
    assert shared.places.count() == 1


def test_stills_of_films_go_with_the_last_article_that_shows_them(first, tmp_path):
    film = Image.objects.create(origin_url="https://i.ytimg.com/vi/1/maxresdefault.jpg")
    one = run(archive.write(tmp_path / "second", [60, 61]))
    mine = Article.objects.filter(originals__run=one)
    others = Article.objects.exclude(pk__in=mine.values("pk")).first()
    shared = Image.objects.filter(places__article__in=mine).exclude(places__article=others).first()
    Poster.objects.bulk_create([Poster(article=mine[0], image=film), Poster(article=others, image=shared)])
    told = preview(one)
    undo(one)
    assert told["pictures"] == one.undone["pictures"]
    assert not Image.objects.filter(pk=film.pk).exists()
    assert others.posters.get().image == shared


def test_an_undo_that_was_killed_is_gone_on_with(first, monkeypatch):
    monkeypatch.setattr(undoing, "CHUNK", 5)
    importing.begin_undo(first)
    chunks = importing.undo_chunks(first)
    next(chunks)
    assert Article.objects.count() == 7
    with pytest.raises(importing.NotUndoable):  # this process lives
        importing.begin_undo(ImportRun.objects.get())
    importing.let_go(first)
    again = undo(ImportRun.objects.get())
    assert (Article.objects.count(), again.undone["removed"], again.state) == (0, 12, "undone")
    assert not Original.objects.exists()


def test_a_running_an_undone_and_a_dry_run_are_not_undone(first):
    ImportRun.objects.filter(pk=first.pk).update(state="running")
    for facts in ({"state": "running"}, {"state": "undone"}, {"state": "waiting"}, {"dry_run": True}):
        ImportRun.objects.filter(pk=first.pk).update(**facts)
        with pytest.raises(importing.NotUndoable):
            importing.begin_undo(first)
    assert Article.objects.count() == 12


def test_an_undo_asks_as_much_for_thirty_articles_as_for_three(tmp_path):
    asked = []
    for number in (3, 30):
        one = run(archive.write(tmp_path / str(number), range(number)))
        importing.begin_undo(one)
        with CaptureQueriesContext(connection) as caught:
            next(importing.undo_chunks(one))
        asked.append(len(caught))
        undo_rest = list(importing.undo_chunks(one))
        assert (undo_rest, Article.objects.count()) == ([], 0)
    assert asked[0] == asked[1]


def test_the_command_tells_first_and_does_then(first, second):
    out = io.StringIO()
    call_command("undo_import", second.pk, dry_run=True, report=True, stdout=out)
    told = json.loads(out.getvalue())
    assert Article.objects.count() == 16
    out = io.StringIO()
    call_command("undo_import", second.pk, stdout=out)
    assert "4  articles removed" in out.getvalue()
    assert (told["removed"], told["put_back"]) == (4, 3)
    assert Article.objects.count() == 12
    with pytest.raises(CommandError, match="only one that has ended"):
        call_command("undo_import", second.pk)
    with pytest.raises(CommandError, match="no import 999"):
        call_command("undo_import", 999)


def test_it_is_the_same_on_postgres(tmp_path):
    with postgres_database() as address:
        installation = Installation(tmp_path, DATABASE_URL=address)
        installation.manage("import_articles", archive.write(tmp_path / "a", range(12)), "--publish")
        folder = archive.write(tmp_path / "b", [1, 2], epoch=NEW, title="新的標題")
        archive.write(folder, range(70, 74))
        installation.manage("import_articles", folder, "--publish")
        told = installation.manage("undo_import", "2", "--dry-run", "--report")
        done = installation.manage("undo_import", "2", "--report")
        assert json.loads(told) == json.loads(done)
        assert json.loads(done) == {"run": 2, "removed": 4, "put_back": 2, "loosened": 0, "kept": 0, "pictures": 4}
