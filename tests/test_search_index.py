"""The search index keeps in step with the articles, and finds what is in them on both databases."""

import io
import json
import struct
import subprocess
import sys

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from articles import curation, importing, search
from articles.importing import batches
from articles.ingest import words as words_module
from articles.ingest.batch import Job, read_job
from articles.ingest.stems import forms_of, stem
from articles.ingest.text import fold
from articles.ingest.vectors import MOST_PLACES, POSITIONS, tsvector, vector_of, with_vector
from articles.ingest.words import GAP, MOST_BYTES, cut, cut_query, laid_out, prepare, runs_of, with_topics
from articles.models import Article, Entry
from articles.models.search import TOKENS_TABLE
from articles.search.index import NEW_TABLE, TOKENS_SETTINGS, make_tokens_table
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
        ("Ｎｅｗｓ　stories", ["news", "story"]),
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
    ("word", "root"), [("cities", "city"), ("boxes", "box"), ("glass", "glass"), ("news", "news"), ("is", "is")]
)
def test_plurals_are_folded(word, root):
    assert stem(word) == root


@pytest.mark.parametrize(
    "forms",
    [
        "run runs running",
        "stop stops stopped stopping",
        "make makes making",
        "hope hopes hoped hoping",
        "hop hops hopped hopping",
        "decide decides decided deciding",
        "change changes changed changing",
        "report reports reported reporting",
        "study studies studied studying",
        "raise raises raised raising",
        "live lives lived living",
        "visit visits visited visiting",
        "call calls called calling",
        "meeting meetings meet",
        "hero heroes",
        "movie movies",
        "create creates created creating",
        "update updated updating",
        "issue issued issues",
    ],
)
def test_the_regular_forms_of_an_english_word_are_one(forms):
    assert len({stem(form) for form in forms.split()}) == 1
    for form in forms.split():
        assert set(forms.split()) <= set(forms_of(form))


@pytest.mark.parametrize(
    "words",
    [
        *("new news", "unit united", "even evening", "plan plane", "care car", "hope hop", "us use", "ear earring"),
        *("police policy", "officer office", "need ne", "thing th", "string str", "nation national", "star stare"),
    ],
)
def test_words_that_only_look_like_forms_of_each_other_stay_apart(words):
    assert len({stem(word) for word in words.split()}) == 2


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


def test_a_phrase_reaches_from_no_topic_or_caption_into_the_next():
    article = ArticleMaker(title="甲", standfirst="open", byline="", text="")
    for name in ("data", "new york"):
        article.tags.add(TagMaker(name=name))
    for caption in ("city of", "light"):
        ArticleImageMaker(article=article, caption=caption)
    search.index([article.pk])
    assert found('"open data"') == found('"of light"') == found('"light data"') == set()
    assert found('"new york"') == found('"city of" data') == {article.pk}


@pytest.mark.parametrize(
    ("tokens", "is_whole"),
    [
        ([f"t{number}" for number in range(POSITIONS - 20)], False),
        ([f"t{number}" for number in range(POSITIONS + 1)], True),
        (["t", "u"] * MOST_PLACES, False),
        (["t", "u"] * (MOST_PLACES + 1), True),
    ],
)
def test_postgres_keeps_the_tokens_of_an_article_whose_places_it_would_forget(tokens, is_whole):
    vector, whole = tsvector(("甲", "", "", " ".join(tokens)))
    kept = decoded(vector)
    assert (whole is not None) == is_whole
    assert any(kept.values()) != is_whole
    assert {"=甲", "+甲", *tokens} < set(kept)


def decoded(vector: bytes) -> dict[str, tuple[int, ...]]:
    """Tokens and places of a tsvector in PostgreSQL's encoding."""
    (number,), at, tokens = struct.unpack_from(">i", vector), 4, {}
    for _ in range(number):
        end = vector.index(0, at)
        (places,) = struct.unpack_from(">H", vector, end + 1)
        tokens[vector[at:end].decode()] = struct.unpack_from(f">{places}H", vector, end + 3)
        at = end + 3 + 2 * places
    assert at == len(vector)
    return tokens


@given(st.tuples(*[st.lists(st.sampled_from(["甲乙", "乙", "乙丙", "𠀀里", "news", "b2", GAP]), max_size=40)] * 4))
@settings(max_examples=200, deadline=None)
def test_a_vector_has_every_token_at_every_place_it_stands_at_with_its_fields_weight(fields):
    expected = {}
    first = 1
    for tokens, forms, weight in zip(fields, (("", "+", "="), ("", "+"), ("", "+"), ("",)), (3, 2, 1, 0), strict=True):
        for form in forms:
            for place, token in enumerate(tokens, first):
                if token != GAP:
                    expected.setdefault(f"{form}{token}", []).append(place | weight << 14)
        first += len(tokens) + 2
    vector, whole = tsvector(tuple(map(" ".join, fields)))
    assert whole is None
    assert decoded(vector) == {token: tuple(places) for token, places in expected.items()}


def test_a_vector_made_ahead_is_kept_while_the_topics_are_those_it_was_made_for():
    ahead = with_vector(prepare("港口", "", "記者", ["碼頭"], fold("舊倉庫變身農場")), ["城市", "AI"])
    same = with_topics(ahead, ["AI", "城市"])
    assert vector_of(same) is ahead.vector
    others = with_topics(ahead, ["城市", "人工智能"])
    assert vector_of(others).encoded == tsvector(others.fields)[0]
    assert "人工" in decoded(vector_of(others).encoded)
    assert "ai" not in decoded(vector_of(others).encoded)


def test_readers_make_the_vector_where_it_is_asked_for():
    raw = b"[T](https://www.dw.com/zh/a-1)\n------\n\n<p>\xe8\x88\x8a\xe5\x80\x89\xe5\xba\xab</p>"
    plain, asked = (read_job(Job("dw/1.md", "dw/1.md", raw, "", vector=wanted)).words for wanted in (False, True))
    assert plain.vector is None
    assert asked.vector == vector_of(with_topics(plain, []))


@pytest.mark.parametrize("wanted", [True, False])
def test_an_import_asks_its_readers_for_vectors_where_the_database_keeps_them(monkeypatch, wanted):
    monkeypatch.setattr(search, "has_vectors", lambda: wanted)
    file = batches.Loaded("dw/1.md", "dw/1.md", "dw/1.md", b"[T](https://www.dw.com/zh/a-1)")
    _, jobs = batches.plan([file], batches.Options())
    assert [job.vector for job in jobs] == [wanted]
    _, tried = batches.plan([file], batches.Options(stores=False))
    assert [job.vector for job in tried] == [False]


def test_postgres_takes_the_encoded_tokens_for_those_of_a_literal():
    vector, _ = tsvector(("甲乙 乙", f"b {GAP} c 乙", "d", "a 甲乙 a 𠀀里"))
    literal = (
        "'=乙':2A '=甲乙':1A '+乙':2A,8B '+甲乙':1A '+b':5B '+c':7B '+d':11C 'a':14,16 'b':5B 'c':7B 'd':11C"
        " '乙':2A,8B '甲乙':1A,15 '𠀀里':17"
    )
    with postgres_database() as address, psycopg.connect(address.replace("postgres:", "postgresql:")) as server:
        server.execute("CREATE TABLE one (words tsvector)")
        with server.cursor().copy("COPY one FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["bytea"])
            copy.write_row((vector,))
        assert server.execute("SELECT words = %s::tsvector, words::text FROM one", [literal]).fetchone()[0]


def test_an_import_leaves_postgres_nothing_to_sort_into_its_index(tmp_path):
    with postgres_database() as address:
        Installation(tmp_path, DATABASE_URL=address).manage("import_articles", "seeds", "--publish", "-v", "0")
        with psycopg.connect(address.replace("postgres:", "postgresql:")) as server:
            assert server.execute("SELECT gin_clean_pending_list('articles_entry_words')").fetchone() == (0,)
            (has_lz4,) = server.execute(
                "SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"
            ).fetchone()
            if has_lz4:  # as the tests' servers are made
                kept = server.execute("SELECT DISTINCT pg_column_compression(body) FROM articles_article").fetchall()
                assert set(kept) <= {("lz4",), (None,)}
                assert ("lz4",) in kept


def test_the_table_of_tokens_is_written_in_large_parts():
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's")
    for table in (TOKENS_TABLE, NEW_TABLE):
        if table == NEW_TABLE:
            make_tokens_table(connection, table)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT k, v FROM {table}_config WHERE k <> 'version'")
            assert dict(cursor.fetchall()) == TOKENS_SETTINGS


@pytest.mark.django_db(transaction=True)
def _parts():
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(DISTINCT segid) FROM {TOKENS_TABLE}_idx")
        return cursor.fetchone()[0]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's")
@pytest.mark.parametrize(("new", "left"), [(0, 2), (9, 2), (10, 1), (17, 1)])
def test_many_parts_of_the_index_are_joined_when_it_settles_and_become_one_when_a_fourth_is_new(new, left):
    articles = [ArticleMaker(text=f"第{number}篇說燈塔。") for number in range(37)]
    for article in articles[:20]:
        search.index([article.pk])
    search.settle()
    for article in articles[20:]:
        search.index([article.pk])
    before = _parts()
    search.settle(new)
    assert (before > TOKENS_SETTINGS["usermerge"], _parts()) == (True, left)
    assert search.check().any is False
    assert found("灯塔") == {article.pk for article in articles}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's")
def test_an_index_that_is_made_anew_is_of_one_part(monkeypatch):
    monkeypatch.setattr(sys.modules["articles.search.index"], "BATCH", 1)
    articles = [ArticleMaker(text=f"第{number}篇說燈塔。") for number in range(3)]
    search.rebuild()
    assert _parts() == 1
    assert found("灯塔") == {article.pk for article in articles}


def test_a_text_is_indexed_to_its_end_however_long_it_is():
    words = prepare("甲", "", "", [], "留守儿童。" * 30_000 + "留守妇女")
    assert words.fields[3].split()[-4:] == ["留守", "守妇", "妇女", "女"]


def test_a_text_of_nothing_but_different_words_ends_where_a_row_of_postgres_would():
    text = "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(200_000))
    kept = set(prepare("甲", "", "", [], text + "山水" * 10).fields[3].split())
    whole = " ".join(f"x{number:06}" for number in range(200_000))
    assert sum(len(token.encode()) for token in kept) <= MOST_BYTES
    cut_short = prepare("甲", "", "", [], whole).fields[3].split()
    assert MOST_BYTES - 10 < sum(map(len, cut_short)) <= MOST_BYTES
    assert cut_short == whole.split()[: len(cut_short)]


def test_entries_of_an_older_format_are_stale(monkeypatch):
    indexed()
    monkeypatch.setattr(words_module, "FORMAT", "0")
    assert search.check().stale == 1


def test_rebuilding_stale_entries_leaves_little_for_the_end(monkeypatch):
    for number in range(3):
        indexed(title=f"舊的題目{number}")
    Article.objects.update(title="新的題目")
    left = []
    rest = search.rebuild.__globals__["_without_tokens"]
    monkeypatch.setitem(search.rebuild.__globals__, "_without_tokens", lambda table: left.extend(rest(table)) or left)
    search.rebuild()
    assert left == []
    assert len(found("新的題目")) == 3


ASK = """
import json, random, sys
from django.utils import timezone
from hypothesis import given, settings, strategies as st
from articles import search
from articles.ingest.text import fold
from articles.models import Article, Source, SynonymSet

source = Source.objects.first()
SynonymSet.objects.create(words="婦女\\n女性")
chance = random.Random(5)
LETTERS = "留守兒童婦女軟體里。，"
texts = ["留守兒童。" * 300 + "留守婦女", "留守兒童。" * 300 + "留守女性", "the cat and " * 400 + "the dog 软件"]
texts += ["里" * 20 + "".join(chance.choices(LETTERS, k=n)) for n in (3, 30, 300, 3000, 40000)]
texts += ["".join(chance.choices(LETTERS, k=chance.randrange(60))) for _ in range(30)]
now = timezone.now().replace(microsecond=0)
for number, text in enumerate(texts):
    facts = {"title": f"{number}：{text[-3:]}", "text": text, "status": "published", "published_precision": "second"}
    Article.objects.create(source=source, slug="x", listed_at=now, published_at=now, published_on=now.date(), **facts)
made = Article.objects.filter(slug="x").order_by("pk")
search.index(made.values_list("pk", flat=True))
FOLDED = {pk: (fold(title), fold(text)) for pk, title, text in made.values_list("pk", "title", "text")}

def ids(typed):
    return set(search.matching(made, search.query_of(typed)).values_list("pk", flat=True))

def truth(typed):
    right = set(FOLDED)
    for word in search.query_of(typed).words:
        has = {pk for pk, parts in FOLDED.items() if any(form in part for form in word.written for part in parts)}
        right = right - has if word.term.excluded else right & has
    return right

CHARACTERS = st.text("留守儿童婦女軟體里", min_size=1, max_size=5)
WORD = st.builds("".join, st.tuples(st.sampled_from(["", "", "-"]), CHARACTERS))

@settings(max_examples=150, deadline=None, database=None, derandomize=True)
@given(st.lists(WORD, min_size=1, max_size=3))
def compare(words):
    typed = " ".join(words)
    assert ids(typed) == truth(typed), typed

compare()
places = {pk: number for number, pk in enumerate(made.values_list("pk", flat=True))}
told = {}
for typed in json.load(open(QUERIES)):
    found = search.find(Article.objects.published(), search.query_of(typed))
    told[typed] = [article.title for article in found.articles], sorted(places[pk] for pk in ids(typed))
print(json.dumps(told))
"""


def test_both_databases_find_the_same_in_the_same_order(tmp_path):
    queries = ["瓦倫港", "倉庫", "城市农场", "港", "-港", "圖書館 -城市", "the", "library", '"不打烊"']
    queries += ["数据中心 source:dw", "after:2025", "瓦倫港 -tag:城市農場"]
    long = [
        "留守婦女",
        "留守女性",
        "“留守婦女”",
        "兒童留",
        "守兒 -留守婦女",
        "the dog",
        '"the dog"',
        "dog軟體",
        "cats the",
    ]
    queries += [*long, '"dog and"', "-“the dog”", "source:“seeds” 留守婦女", "by:留守", "tag:留守 婦女", "軟體"]
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
    assert all(told[0][typed][0] for typed in ("瓦倫港", "倉庫", "港", "-港", "library"))
    held = {typed: set(told[0][typed][1]) for typed in long}
    assert {0, 1} <= held["留守婦女"]
    assert (0 in held["留守婦女"], 1 in held["“留守婦女”"], 2 in held['"the dog"']) == (True, False, True)
    assert 2 in held["dog軟體"]
