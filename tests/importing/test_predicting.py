"""A dry run tells exactly what the real one does then: the same ends, causes and reasons, file by file."""

import pathlib
import shutil

import pytest

from articles import curation, importing
from articles.importing import batches
from articles.ingest import links
from articles.models import Article, Original
from tests import makers
from tests.importing import archive
from tests.services import ROOT

pytestmark = pytest.mark.django_db
NEW = 1738999999000


def told(outcomes):
    return [(o.path, o.result, o.code, o.reason) for batch in outcomes for o in batch]


def wanted(outcomes):
    return sum(o.images_wanted for batch in outcomes for o in batch)


def both(folder, **more):
    """What a dry run tells of a folder, after the real one has told the same; and how often each end came."""
    options = {"paths": [str(folder)], **more}
    counts = [model.objects.count() for model in (Article, Original)]
    run = importing.plan_run(options)
    dry = list(importing.try_all(importing.found_of(options), importing.options_of(run, 0)))  # in this process
    assert [model.objects.count() for model in (Article, Original)] == counts
    assert importing.take_up(run)
    real = list(importing.carry_on(run, 0))
    assert told(dry) == told(real)
    assert wanted(dry) == wanted(real)
    ends = [result for _, result, _, _ in told(real)]
    return {end.value: ends.count(end) for end in set(ends)}, told(real)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    """So that files meet those of other batches."""
    monkeypatch.setattr(batches, "BATCH", 7)


@pytest.fixture
def folder(tmp_path):
    """Versions, copies, stubs, faults, and one text at several addresses."""
    root = archive.write(tmp_path / "archive", range(30))
    second = root / "articles" / "rfa"
    second.mkdir()
    for number in range(0, 30, 4):
        (second / f"{number}.md").write_text(archive.dw(number, epoch=NEW, title=f"新題{number}"), "utf-8")
    for number in range(0, 30, 7):
        shutil.copy(root / f"articles/dw/{1000000 - number}.md", second / f"copy{number}.md")
        (second / f"old{number}.md").write_text(archive.dw(number, epoch=1500000000000), "utf-8")
        (second / f"bad{number}.md").write_text("no header", "utf-8")
    same = "<p>" + archive.SENTENCE.format(n="一") * 4 + "</p>"
    for number in (3, 11, 25, 26, 29):
        text = archive.dw(200 + number, body=same).replace(f"主題{(200 + number) % 7}", "主題")
        (second / f"same{number}.md").write_text(text.replace("主題", f"主題{number % 2}"), "utf-8")
    return root


def test_the_first_the_second_and_the_anew_import_are_predicted(folder):
    ends, files = both(folder)
    assert set(ends) >= {"created", "updated", "duplicate", "refused"}
    assert [one for one in files if "possibly a duplicate" in one[3]]
    ends, _ = both(folder)
    assert set(ends) == {"unchanged", "refused"}
    ends, _ = both(folder, again=True)
    assert set(ends) <= {"unchanged", "duplicate", "refused"}


def test_what_people_and_new_versions_did_in_between_is_predicted(folder, tmp_path):
    both(folder)
    for number in (0, 4, 9):
        article = Article.objects.get(address_key=f"dw.com/a-{7000000 + number}")
        article.title = f"改過 {number}"
        curation.save_edited(article, makers.UserMaker())
    newer = archive.write(tmp_path / "newer", range(0, 40, 2), epoch=NEW + 90_000_000_000, title="更新的標題")
    ends, _ = both(newer)
    assert set(ends) >= {"kept", "updated", "created"}
    older = archive.write(tmp_path / "older", range(0, 30, 3), epoch=1400000000000, title="很舊的標題")
    ends, _ = both(older)
    assert ends["duplicate"] == 10


def test_what_newer_rules_read_otherwise_is_predicted_addresses_included(folder):
    both(folder)
    changed = [Article.objects.get(address_key=f"dw.com/a-{7000000 + number}") for number in (1, 2, 3, 5, 9, 10, 22)]
    Original.objects.filter(article__in=changed).update(rules_version="old", content_sha256="other")
    for article in changed[:4]:
        Article.objects.filter(pk=article.pk).update(address_key=f"{article.address_key}?once")
    curation.save_edited(Article.objects.get(pk=changed[0].pk), makers.UserMaker())
    ends, _ = both(folder)
    assert (ends["updated"], ends["kept"]) == (6, 1)
    assert not Article.objects.filter(address_key__endswith="?once").exists()


def test_articles_that_newer_rules_give_one_address_are_predicted(folder, monkeypatch):
    twins = folder / "articles" / "twins"
    twins.mkdir()
    for number in (1, 4, 9, 16, 25):
        text = archive.dw(number, title=f"雙{number}").replace("/zh/x/", "/zh/anders/", 1)
        (twins / f"{number}.md").write_text(text, "utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(links, "key_of", lambda canonical: canonical.partition("://")[2])
        both(folder)
    assert Article.objects.count() == 40
    Original.objects.update(rules_version="old", content_sha256="other")
    for number in (4, 9):
        way = "anders" if number == 4 else "x"
        article = Article.objects.get(address_key=f"www.dw.com/zh/{way}/a-{7000000 + number}")
        curation.save_edited(article, makers.UserMaker())
    ends, _ = both(folder)
    assert (ends["kept"], "failed" in ends, "created" in ends) == (2, False, False)
    assert Article.objects.count() == 40
    assert Article.objects.filter(address_key__startswith="dw.com/a-").count() == 35
    ends, _ = both(folder)
    assert set(ends) == {"unchanged", "refused"}


@pytest.mark.parametrize("name", ["seeds", "tests/ingest/golden"])
def test_the_samples_are_predicted(name):
    place = pathlib.Path(ROOT, name)
    if name == "seeds":
        ends, _ = both(place, images=str(place / "images"))
    else:
        ends, _ = both(place)
    assert ends["created"]


def test_a_dry_run_asks_a_fixed_number_of_questions_a_batch(tmp_path, django_assert_max_num_queries, monkeypatch):
    monkeypatch.setattr(batches, "BATCH", 100)
    options = {"paths": [str(archive.write(tmp_path / "a", range(60)))]}
    run = importing.plan_run(options)
    with django_assert_max_num_queries(8):
        list(importing.try_all(importing.found_of(options), importing.options_of(run, 0)))  # in this process
