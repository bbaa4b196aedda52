"""The search index keeps in step with the articles, and finds what is in them on both databases."""

import io
import itertools
import json
import subprocess
import sys

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from articles import curation, importing, search
from articles.ingest.text import fold
from articles.ingest.words import cut, cut_query, laid_out, runs_of, stem
from articles.models import Article, Entry
from articles.models.search import POSITIONS, tsvector
from tests.importing.readings import entries, reading
from tests.makers import ArticleImageMaker, ArticleMaker, TagMaker, UserMaker
from tests.services import Installation, postgres_database

pytestmark = pytest.mark.django_db


def found(typed, articles=None):
    """Numbers of articles that have the words."""
    base = Article.objects.all() if articles is None else articles
    return set(search.matching(base, search.parse(typed)).values_list("pk", flat=True))


def indexed(**facts):
    article = ArticleMaker(**facts)
    search.index([article.pk])
    return article


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("台灣香港", ["台湾", "湾香", "香港", "港"]),
        ("G7峰會", ["g7", "峰会", "会"]),
        ("Ｎｅｗｓ　stories", ["new", "story"]),
        ("「AI」，2024", ["ai", "2024"]),
        ("", []),
    ],
)
def test_text_is_cut_into_pairs_and_words(text, tokens):
    assert cut(fold(text)) == tokens


@given(st.text(st.sampled_from("香港台湾潮𠮷々a1s '，。\n\ue000") | st.characters(), max_size=60))
@settings(max_examples=300, deadline=None)
def test_tokens_laid_out_at_once_are_those_cut_one_by_one(text):
    assert laid_out(runs_of(fold(text))).split() == cut(fold(text))


@pytest.mark.parametrize(
    ("typed", "tokens", "is_prefix"),
    [
        ("台湾", ("台湾",), False),
        ("台", ("台",), True),
        ("g7峰", ("g7", "峰"), True),
        ("香港g7", ("香港", "港", "g7"), False),
        ("!?", (), False),
    ],
)
def test_a_phrase_may_end_inside_a_run(typed, tokens, is_prefix):
    assert cut_query(typed) == (tokens, is_prefix)


@pytest.mark.parametrize(
    ("word", "root"), [("cities", "city"), ("boxes", "box"), ("glass", "glass"), ("news", "new"), ("is", "is")]
)
def test_plurals_are_folded(word, root):
    assert stem(word) == root


def test_either_script_either_width_and_case_find_the_article():
    article = indexed(title="台灣與 ＡＩ 的一年", text="臺北的冬天，著名的資料中心。")
    for typed in ["台湾", "台灣", "ai", "ＡＩ", "著名", "着名", "台", "資料中心", "资料中心"]:
        assert found(typed) == {article.pk}, typed
    assert found("高雄") == set()


def test_every_part_of_an_article_is_found():
    article = ArticleMaker(title="標題甲", standfirst="導語乙丙", byline="王小明", text="正文丁戊")
    article.tags.add(TagMaker(name="城市農場"))
    ArticleImageMaker(article=article, caption="圖說己庚")
    search.index([article.pk])
    for typed in ["標題甲", "導語乙丙", "王小明", "by:王小明", "正文丁戊", "城市農場", "圖說己庚"]:
        assert found(typed) == {article.pk}, typed
    assert found("by:正文") == set()


def test_phrases_do_not_reach_from_one_field_into_the_next():
    indexed(title="甲乙", standfirst="丙丁", byline="", text="戊己")
    assert found('"甲乙丙丁"') == set()
    assert found("乙丙") == set()


def test_minus_takes_away_and_stands_alone():
    first, second = indexed(title="蘋果與梨"), indexed(title="蘋果與桃")
    assert found("蘋果 -桃") == {first.pk}
    assert found("-桃") == {first.pk}
    assert found("蘋果 -梨") == {second.pk}


def test_a_changed_article_is_found_by_its_new_words_only():
    article = indexed(title="舊的題目")
    article.title = "新的說法"
    article.save()
    search.index([article.pk])
    assert found("新的說法") == {article.pk}
    assert found("舊的題目") == set()


def test_an_editors_save_and_delete_keep_the_index_in_step():
    article = ArticleMaker()
    article.title = "編輯改過的題目"
    curation.save_edited(article, UserMaker(), [TagMaker(name="碼頭故事")])
    assert found("編輯改過") == found("碼頭故事") == {article.pk}
    article.delete()
    assert found("編輯改過") == set()
    assert Entry.objects.count() == 0


def test_an_import_indexes_what_it_writes():
    run = importing.start_run({})
    importing.store(run, entries(reading(1, title="第一號倉庫開門", tags=("城市農場",)), reading(2)), publish=True)
    assert len(found("一號倉庫開門 城市農場")) == 1
    assert search.check() == search.Faults()
    importing.store(run, entries(reading(1, hour=9, title="第一號倉庫關門")), publish=True)
    assert found("倉庫開門") == set()
    assert len(found("倉庫關門")) == 1
    assert not search.check().any


def test_indexing_costs_no_more_statements_for_more_files(django_assert_max_num_queries):
    run = importing.start_run({})
    importing.store(run, entries(reading(0)), publish=True)
    with django_assert_max_num_queries(40) as few:
        importing.store(run, entries(*(reading(number) for number in range(1, 4))), publish=True)
    with django_assert_max_num_queries(len(few)):
        importing.store(run, entries(*(reading(number) for number in range(10, 16))), publish=True)


def test_check_tells_what_is_wrong_and_rebuild_mends_it():
    missing, stale, sound = ArticleMaker(), indexed(title="以前的題目"), indexed(title="沒變的題目")
    Article.objects.filter(pk=stale.pk).update(title="現在的題目")
    assert search.check() == search.Faults(missing=1, stale=1)
    with pytest.raises(SystemExit) as leaving:
        call_command("rebuild_search", "--check", stdout=io.StringIO())
    assert leaving.value.code == 1
    assert search.rebuild() == 3
    assert search.check() == search.Faults()
    assert found("現在的題目") == {stale.pk}
    assert found("沒變的題目") == {sound.pk}
    assert found("以前的題目") == set()
    assert missing.pk in found("倉庫")


def test_rebuild_brings_in_what_is_saved_meanwhile(monkeypatch):
    article = indexed(title="開始時的題目")
    whole = search.index.__globals__["_batches"]

    def interrupted():
        yield from whole()
        late = ArticleMaker(title="半途來的題目")
        search.index([late.pk])
        Article.objects.filter(pk=article.pk).update(title="半途改的題目")
        search.index([article.pk])

    monkeypatch.setitem(search.rebuild.__globals__, "_batches", interrupted)
    search.rebuild()
    assert len(found("半途來的")) == 1
    assert found("半途改的") == {article.pk}
    assert found("開始時的") == set()


def test_postgres_positions_begin_again_without_losing_a_phrase():
    tokens = [f"t{number}" for number in range(POSITIONS + 500)]
    places = dict(item.rsplit(":", 1) for item in tsvector(("", "", "", " ".join(tokens))).split(" "))
    at = [{int(place[:-1]) for place in places[f"'{token}'"].split(",")} for token in tokens]
    assert max(max(one) for one in at) <= POSITIONS
    assert all({place + 1 for place in one} & two for one, two in itertools.pairwise(at))


ASK = """
import json, sys
from articles import search
from articles.models import Article
asked = json.load(open(QUERIES))
told = {}
for typed in asked:
    titles = [a.title for a in search.find(Article.objects.published(), search.parse(typed)).articles]
    told[typed] = titles
print(json.dumps(told))
"""


def test_both_databases_find_the_same_in_the_same_order(tmp_path):
    queries = ["瓦倫港", "倉庫", "城市农场", "港", "-港", "圖書館 -城市", "the", "library", '"不打烊"']
    queries += ["数据中心 source:dw", "after:2025", "瓦倫港 -tag:城市農場"]
    (tmp_path / "queries.json").write_text(json.dumps(queries))
    told = []
    with postgres_database() as address:
        for name, environment in (("sqlite", {}), ("postgres", {"DATABASE_URL": address})):
            (tmp_path / name).mkdir()
            site = Installation(tmp_path / name, **environment)
            site.manage("import_articles", "seeds", "--publish", "-v", "0")
            site.manage("rebuild_search", "--check")
            site.manage("rebuild_search")
            site.manage("rebuild_search", "--check")
            script = ASK.replace("QUERIES", repr(str(tmp_path / "queries.json")))
            done = subprocess.run(
                [sys.executable, "manage.py", "shell", "-v", "0", "-c", script],
                check=True,
                env=site.environment,
                capture_output=True,
                text=True,
            )
            told.append(json.loads(done.stdout))
    assert told[0] == told[1]
    assert all(told[0][typed] for typed in ("瓦倫港", "倉庫", "港", "-港", "library"))
