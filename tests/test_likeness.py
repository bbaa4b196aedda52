"""Near-duplicates: pairs are found once, whatever the order and the script, and never against a verdict."""

import random

import pytest
from django.core.management import call_command

from articles import importing
from articles.ingest import likeness
from articles.ingest.text import fold
from articles.likeness import check, fill, keep_signatures, learn
from articles.models import Article, Band, PossibleDuplicate, Signature
from tests import makers
from tests.importing import archive
from tests.importing.readings import entries, reading
from tests.services import Installation, postgres_database, wait_for

pytestmark = pytest.mark.django_db
CHANCE = random.Random(5)
SENTENCES = ["".join(CHANCE.choice("風船港帆貨倉燈菜園橋雨學書車門窗湖山海") for _ in range(18)) for _ in range(40)]
WHOLE = "。\n".join(SENTENCES)
VARIANTS = {
    "other script": WHOLE.translate(str.maketrans("風貨倉燈園橋學書車門", "风货仓灯园桥学书车门")),
    "a changed sentence": WHOLE.replace(SENTENCES[7], SENTENCES[7][::-1]),
    "cut end": WHOLE[: len(WHOLE) * 6 // 10],
    "boilerplate": f"{WHOLE}\n{'本文由讀者轉載，版權屬於原作者，請勿用於商業用途。' * 6}",
    "same text": WHOLE.replace("。", " 。"),
}
UNLIKE = "。\n".join(sentence[::-1] for sentence in SENTENCES)


@pytest.fixture
def run(db):
    return makers.ImportRunMaker()


def store(run, files):
    """As an import does it: all that waits until files are stored follows."""
    importing.store(run, files)
    learn()


def found():
    return [(pair.article.title, pair.other.title, pair.verdict) for pair in PossibleDuplicate.objects.all()]


@pytest.mark.parametrize("kind", VARIANTS)
@pytest.mark.parametrize("together", [True, False])
def test_a_text_that_repeats_most_of_another_is_paired_with_it(run, kind, together):
    files = entries(
        reading(1, text=WHOLE, title="甲"), reading(2, text=UNLIKE), reading(3, text=VARIANTS[kind], title="乙")
    )
    for batch in [files] if together else [[one] for one in reversed(files)]:
        store(run, batch)
    pair = PossibleDuplicate.objects.get()
    assert {pair.article.title, pair.other.title} == {"甲", "乙"}
    is_same = kind in ("same text", "other script")
    assert (pair.likeness == 100, pair.reason) == (is_same, "same text" if is_same else "alike")
    assert pair.likeness >= 40


def test_pairs_are_found_once_however_often_files_come(run):
    files = entries(reading(1, text=WHOLE), reading(3, text=VARIANTS["cut end"]))
    for _ in range(2):
        store(run, files)
    fill()
    learn()
    assert PossibleDuplicate.objects.count() == 1


@pytest.mark.parametrize("verdict", ["different", "same"])
def test_a_verdict_stays_whatever_is_imported_later(run, verdict):
    store(run, entries(reading(1, text=WHOLE), reading(3, text=VARIANTS["cut end"])))
    PossibleDuplicate.objects.update(verdict=verdict)
    store(run, entries(reading(3, 12, text=VARIANTS["boilerplate"])))
    assert PossibleDuplicate.objects.get().verdict == verdict


def test_a_pair_goes_when_one_of_its_texts_becomes_another(run):
    store(run, entries(reading(1, text=WHOLE), reading(3, text=VARIANTS["cut end"])))
    store(run, entries(reading(3, 12, text=UNLIKE + UNLIKE)))
    assert not PossibleDuplicate.objects.exists()


def test_comparing_costs_the_same_statements_whatever_the_files(run, django_assert_max_num_queries):
    for number in (2, 12):
        Article.objects.all().delete()
        articles = [makers.ArticleMaker(text=f"{WHOLE}{SENTENCES[at][::-1]}") for at in range(number)]
        made = [(one.pk, "", likeness.signature(fold(one.text))) for one in articles]
        keep_signatures(made, new=True)
        with django_assert_max_num_queries(22):  # of an insert, two
            learn()
        assert PossibleDuplicate.objects.count() >= number - 1


def test_the_command_fills_what_is_missing_and_tells_what_is(run, capsys):
    store(run, entries(reading(1, text=WHOLE), reading(3, text=VARIANTS["cut end"])))
    call_command("find_duplicates")
    call_command("find_duplicates", "--check")
    Signature.objects.all().delete()
    Band.objects.all().delete()
    PossibleDuplicate.objects.all().delete()
    with pytest.raises(SystemExit):
        call_command("find_duplicates", "--check")
    assert "2 articles without a signature" in capsys.readouterr().out
    call_command("find_duplicates")
    assert "2 signatures made; 1 pairs" in capsys.readouterr().out
    assert check().any is False


LEARN = "from articles import likeness; likeness.learn()"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
BANDS = "SELECT article_id, key FROM articles_band ORDER BY article_id, key"


def test_two_workers_that_learn_the_same_at_once_keep_each_band_once_on_postgres(tmp_path):
    with postgres_database() as address:
        installation = Installation(tmp_path / "data", DATABASE_URL=address)
        installation.manage("import_articles", archive.write(tmp_path / "files", range(8)), "--publish")
        psycopg = pytest.importorskip("psycopg")
        with psycopg.connect(address.replace("postgres://", "postgresql://"), autocommit=True) as looking:
            once = looking.execute(BANDS).fetchall()
            assert once
            looking.execute("DELETE FROM articles_keyterm")
            looking.execute("UPDATE articles_entry SET lead = repeat(chr(31), 5)")  # no rare word: one would wait there
            looking.execute("DELETE FROM articles_reference")
            looking.execute("DELETE FROM articles_band")
            looking.execute("UPDATE articles_signature SET has_terms = false")
            with psycopg.connect(address.replace("postgres://", "postgresql://")) as holding:
                holding.execute("SELECT 1 FROM articles_signature FOR UPDATE")
                learners = [installation.start("shell", "-c", LEARN) for _ in range(2)]
                wait_for(lambda: looking.execute(WAITING).fetchone() == (2,), 20, "both to have read what to learn")
            assert [learner.wait(timeout=240) for learner in learners] == [0, 0]
            assert looking.execute(BANDS).fetchall() == once
