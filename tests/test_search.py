"""What a search answers: in which order, on which pages, to whatever input."""

import datetime
import re
from urllib.parse import urlencode

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles import search
from articles.models import Article, Source, SynonymSet
from articles.search import finding, parse
from articles.search.query import first_day, last_day
from tests.makers import ArticleImageMaker, ArticleMaker, ImageMaker, SourceMaker, TagMaker

DAY = datetime.date
ADDRESSES = ["/search/", "/search.json", "/search/feed.xml", "/search/rss.xml", "/search/feed.json", "/zh-hans/search/"]
ANSWERED = {200, 404}  # a feed of nothing is none
SYNTAX = ["倉庫", "source:", "tag:", "by:", "after:", "-", '"', "“", "」", "NEAR(", "*", "OR", "\x00", "\ud800", "::"]


def indexed(number=1, **facts):
    articles = ArticleMaker.create_batch(number, **facts)
    search.index([article.pk for article in articles])
    return articles


def dated(year, month=6, day=1):
    moment = datetime.datetime(year, month, day, 12, tzinfo=datetime.UTC)
    return {"published_at": moment, "published_on": moment.date()}


def shown(query):
    """Words, with a minus before those that must not be."""
    return [f"{'-' if word.term.excluded else ''}{word.shown}" for word in query.words]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("台灣 港口", ["台湾", "港口"]),
        ("台灣　港口", ["台湾", "港口"]),
        ('"open data" 港', ["open data", "港"]),
        ("“開放資料”", ["开放资料"]),
        ("「開放 資料」", ["开放 资料"]),
        ("港 -台灣", ["港", "-台湾"]),
        ("港 －“甲 乙”", ["港", "-甲 乙"]),
        ('"never closed', ["never closed"]),
        ("*** ( ) ^ : -", []),
        ("NEAR(a b)", ["near(a", "b)"]),
        ("", []),
    ],
)
def test_what_is_typed_is_read_as_words(typed, words):
    assert shown(parse(typed)) == words


def test_what_is_typed_narrows():
    query = parse("港 source:DW tag:“城市 農場” after:2024-12 before:2025 -tag:天氣 by:小安")
    assert (query.source, query.tag) == ("dw", "城市 农场")
    assert (query.first, query.last) == (DAY(2024, 12, 1), DAY(2025, 12, 31))
    assert query.without == (("tag", "天气"),)
    assert query.words[1].term.phrases[0].field == "byline"


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2024", DAY(2024, 1, 1), DAY(2024, 12, 31)),
        ("2024-2", DAY(2024, 2, 1), DAY(2024, 2, 29)),
        ("2024-02-05", DAY(2024, 2, 5), DAY(2024, 2, 5)),
        ("2024-13", None, None),
        ("2024-02-30", None, None),
        ("0000", None, None),
        ("9999-12", DAY(9999, 12, 1), DAY(9999, 12, 31)),
        ("soon", None, None),
    ],
)
def test_days_may_be_months_or_years(written, first, last):
    assert (first_day(written), last_day(written)) == (first, last)


def test_a_query_has_an_end():
    assert len(parse("甲乙 " * 100).words) == 12
    assert sum(len(word.shown) for word in parse("甲" * 10_000).words) <= 200


def marked(pieces):
    return [piece.text for piece in pieces if piece.marked]


def test_words_are_marked_in_the_articles_own_script():
    pattern = search.pattern_of(parse("台湾 city 发展").words)
    pieces = search.mark("臺灣的 Cities，台灣發展的 capacity", pattern)
    assert marked(pieces) == ["臺灣", "Cities", "台灣", "發展"]
    assert "".join(piece.text for piece in pieces) == "臺灣的 Cities，台灣發展的 capacity"


def test_a_snippet_begins_near_the_first_word_and_says_that_more_stands_around_it():
    text = "開頭。" + "前" * 100 + "港口" + "後" * 200
    pieces = search.snippet(text, search.pattern_of(parse("港口").words))
    assert marked(pieces) == ["港口"]
    assert pieces[0].text == pieces[-1].text == "…"
    assert sum(len(piece.text) for piece in pieces) < 120


def test_english_words_are_marked_in_all_forms_that_are_found_also_beside_chinese():
    pattern = search.pattern_of(parse("run AI").words)
    pieces = search.mark("Running runs; AI技術用AI，a runner said", pattern)
    assert marked(pieces) == ["Running", "runs", "AI", "AI"]


@pytest.mark.django_db
class TestPages:
    """The page and its JSON."""

    def test_titles_come_before_texts_and_new_before_old(self, client):
        (in_text,) = indexed(title="別的題目", text="倉庫就在港口", **dated(2025))
        (old,) = indexed(title="港口", text="", **dated(2001))
        (new,) = indexed(title="港口", text="", **dated(2024))
        found = client.get("/search.json?q=港口").json()
        assert [one["id"] for one in found["results"]] == [new.pk, old.pk, in_text.pk]
        newest = client.get("/search.json?q=港口&order=newest").json()
        assert [one["id"] for one in newest["results"]] == [in_text.pk, new.pk, old.pk]
        assert found["total"] == 3
        assert found["next"] is None
        assert found["results"][0].keys() == {"id", "url", "title", "published", "source"}

    def test_filters_narrow(self, client):
        source = SourceMaker(slug="dw")
        (mine,) = indexed(source=source, **dated(2024))
        (other,) = indexed(**dated(2023))
        mine.tags.add(TagMaker(name="城市農場", slug="城市農場"))
        ids = lambda more: [one["id"] for one in client.get(f"/search.json?{more}").json()["results"]]  # noqa: E731
        assert ids("q=倉庫&source=dw") == ids("q=倉庫&tag=城市农场") == ids("q=倉庫&from=2024") == [mine.pk]
        assert ids("q=倉庫&to=2023-12-31") == ids("q=倉庫&to=2023") == [other.pk]
        assert ids("source=dw") == [mine.pk]
        assert ids("q=") == ids("q=%2A%2A") == []

    def test_nothing_hidden_is_found(self, client):
        (article,) = indexed(title="瓦倫港的秘密")
        for status in set(Article.Status.values) - {"published"}:
            Article.objects.filter(pk=article.pk).update(status=status)
            assert client.get("/search.json?q=秘密").json()["total"] == 0
            assert "瓦倫港的秘密" not in client.get("/search/?q=瓦倫").content.decode()

    @pytest.mark.parametrize("order", ["", "newest"])
    def test_pages_hold_every_article_once_however_many(self, client, monkeypatch, order):
        monkeypatch.setattr(finding, "CAP", 45)
        monkeypatch.setattr(finding, "WINDOW", 10)
        monkeypatch.setattr(finding, "TITLES", 7)
        texts = indexed(60, title="別的題目", text="倉庫")
        titles = indexed(30, title="倉庫", text="", **dated(1999))
        seen, address = [], f"/search.json?q=倉庫&order={order}"
        while address:
            answer = client.get(address).json()
            assert answer["total"] == 45
            assert answer["more"]
            seen += [one["id"] for one in answer["results"]]
            address = answer["next"]
        assert sorted(seen) == sorted(article.pk for article in (*texts, *titles))
        assert (seen[0] in {title.pk for title in titles}) == (order == "")

    @pytest.mark.parametrize("order", ["", "newest"])
    @pytest.mark.parametrize("larger", [False, True])
    def test_no_article_comes_twice_or_never_when_others_are_published_between_two_pages(
        self, client, monkeypatch, order, larger
    ):
        if larger:  # than all that is counted or ranked
            monkeypatch.setattr(finding, "CAP", 45)
            monkeypatch.setattr(finding, "WINDOW", 10)
            monkeypatch.setattr(finding, "TITLES", 7)
            monkeypatch.setattr(finding, "HEADS", 9)
        there = [*indexed(40, title="別的題目", text="倉庫"), *indexed(30, title="倉庫", text="", **dated(1999))]
        there += indexed(15, title="題目", text="", standfirst="倉庫", **dated(1998))
        seen, address, turn = [], f"/search.json?q=倉庫&order={order}", 0
        while address:
            answer = client.get(address).json()
            seen += [one["id"] for one in answer["results"]]
            address, turn = answer["next"], turn + 1
            indexed(title="倉庫", text="倉庫倉庫", **dated(2026))
            indexed(title="倉庫", text="", **dated(1998, month=turn))
            indexed(title="又一個題目", text="倉庫", **dated(2020 + turn))
        mine = [pk for pk in seen if pk in {article.pk for article in there}]
        assert sorted(mine) == sorted(article.pk for article in there)
        assert len(seen) == len(set(seen))

    @pytest.mark.parametrize("order", ["", "newest"])
    def test_a_page_may_be_asked_for_by_its_number(self, client, order):
        indexed(30, title="倉庫")
        address = f"/search.json?q=倉庫&order={order}"
        following = client.get(client.get(address).json()["next"]).json()["results"]
        assert client.get(f"{address}&page=2").json()["results"] == following
        assert len(following) == 10
        assert client.get(f"{address}&page=3").json()["results"] == []

    @pytest.mark.parametrize("place", ["x", "1.2", "-1", "1.2.3.4.5.x", "9" * 30, ".".join(["9" * 18] * 6), "٣"])
    def test_a_place_that_no_page_named_is_answered(self, client, place):
        indexed(30, title="倉庫")
        for order in ("", "newest"):
            assert client.get("/search/", {"q": "倉庫", "after": place, "order": order}).status_code == 200

    @pytest.mark.parametrize("name", ["source:德國之聲", "source:德国之声", "source:“ＤＷ　中文”", "source:dw"])
    def test_a_source_is_known_by_its_name_in_either_script_and_width(self, client, name):
        written = "DW 中文" if "中文" in name else "德國之聲"
        (mine,) = indexed(source=SourceMaker(slug="dw", name=written))
        (other,) = indexed()
        ids = lambda typed: {one["id"] for one in client.get("/search.json", {"q": typed}).json()["results"]}  # noqa: E731
        assert ids(f"倉庫 {name}") == ids(name) == {mine.pk}
        assert ids(f"倉庫 -{name}") == {other.pk}
        assert ids("source:沒有 倉庫") == set()

    def test_the_standfirst_is_marked_when_only_it_has_the_words(self, client):
        indexed(title="題目", standfirst="導語說到倉庫。", text="正文")
        assert "導語說到<mark>倉庫</mark>。</p>" in client.get("/search/?q=仓库").content.decode()

    def test_a_caption_or_a_topic_is_shown_when_only_it_has_the_words(self, client):
        article = ArticleMaker(title="題目裡有港口", standfirst="導語", text="正文")
        article.tags.add(TagMaker(name="圖書館"), TagMaker(name="城市"))
        for caption in ("門前", "倉庫門前"):
            ArticleImageMaker(article=article, caption=caption)
        search.index([article.pk])
        html = client.get("/search/?q=仓库").content.decode()
        assert "<mark>倉庫</mark>門前" in html
        assert "圖書館" not in html.split('class="rows"')[1].split("</article>")[0]
        html = client.get("/search/?q=港口 图书馆").content.decode()
        assert "題目裡有<mark>港口</mark>" in html
        assert "<mark>圖書館</mark>" in html
        assert "<mark>倉庫</mark>" not in html

    def test_the_author_who_was_asked_for_is_marked_and_not_in_the_text(self, client):
        indexed(title="題目", byline="王小明", text="王小明說")
        html = client.get("/search/?q=by:王小明").content.decode()
        assert html.count("<mark>王小明</mark>") == 1

    def test_old_articles_that_have_the_words_in_their_heads_come_before_mere_mentions(self, client, monkeypatch):
        monkeypatch.setattr(finding, "WINDOW", 5)
        texts = indexed(30, title="別的題目", text="說" * 2500 + "倉庫", **dated(2024))
        (standfirst,) = indexed(title="題目", standfirst="倉庫", text="", **dated(1999))
        tagged, pictured = (
            ArticleMaker(title="題目", text="", **dated(1998)),
            ArticleMaker(title="題目", text="", **dated(1997)),
        )
        tagged.tags.add(TagMaker(name="倉庫"))
        ArticleImageMaker(article=pictured, caption="倉庫")
        search.index([tagged.pk, pictured.pk])
        found = [one["id"] for one in client.get("/search.json?q=倉庫").json()["results"]]
        assert {standfirst.pk, tagged.pk, pictured.pk} <= set(found[:8])
        assert set(found) - {standfirst.pk, tagged.pk, pictured.pk} <= {article.pk for article in texts}
        html = client.get("/search/?q=倉庫").content.decode()
        assert "The newest 5, and of the older ones" in html
        assert "The newest 5, and of the older ones" not in client.get("/search/?q=倉庫&order=newest").content.decode()

    def test_titles_standfirsts_topics_captions_and_texts_weigh_differently(self, client):
        when = dated(2020)
        made = {"title": indexed(title="倉庫", standfirst="", text="", **when)[0]}
        made["standfirst"] = indexed(title="題", standfirst="倉庫", text="", **when)[0]
        made["topic"], made["caption"] = (ArticleMaker(title="題", standfirst="", text="", **when) for _ in "12")
        made["topic"].tags.add(TagMaker(name="倉庫"))
        ArticleImageMaker(article=made["caption"], caption="倉庫")
        search.index([made["topic"].pk, made["caption"].pk])
        made["text"] = indexed(title="題", standfirst="", text="倉庫", **when)[0]  # the newest, were all alike
        names = {article.pk: name for name, article in made.items()}
        found = [names[one["id"]] for one in client.get("/search.json?q=倉庫").json()["results"]]
        assert found == ["title", "topic", "standfirst", "caption", "text"]

    def test_what_stands_further_on_in_a_text_counts_too(self, client):
        (often,) = indexed(title="題", text="說" * 600 + "倉庫" * 5, **dated(2020))
        (once,) = indexed(title="題", text="倉庫" + "說" * 600, **dated(2020, month=7))
        found = [one["id"] for one in client.get("/search.json?q=倉庫").json()["results"]]
        assert found == [often.pk, once.pk]

    def test_the_page_marks_words_and_offers_narrowing(self, client):
        indexed(2, source=SourceMaker(slug="dw", name="德国之声"), title="倉庫的燈")
        indexed(source=SourceMaker(slug="rfa", name="自由亚洲电台"), title="倉庫的門", **dated(2020))
        page = client.get("/search/?q=仓库")
        html = page.content.decode()
        assert "<mark>倉庫</mark>的燈" in html
        assert "source=dw" in html
        assert "from=2020&amp;to=2020" in html
        assert page["X-Robots-Tag"] == "noindex"
        assert '<meta name="robots" content="noindex">' in html

    def test_counts_say_when_they_are_of_the_newest_matches_only(self, client, monkeypatch):
        for slug in ("dw", "rfa"):
            indexed(3, source=SourceMaker(slug=slug), **dated(2024 if slug == "dw" else 2020))
        counts = lambda: re.findall(r'class="count">([^<]+)<', client.get("/search/?q=倉庫").content.decode())  # noqa: E731
        assert counts() == ["3", "3", "3", "3"]
        monkeypatch.setattr(finding, "CAP", 5)
        assert sorted(counts()) == ["2+", "2+", "3+", "3+"]

    def test_what_was_typed_comes_back_as_text(self, client):
        html = client.get("/search/", {"q": '"><script>alert(1)</script>'}).content.decode()
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert" in html

    @pytest.mark.parametrize(
        ("typed", "meant"), [("城市农厂", "城市農場"), ("瓦轮港", "瓦倫港"), ("台弯", "台灣"), ("Libary", "Library")]
    )
    def test_a_slip_is_answered_with_what_titles_say(self, client, typed, meant):
        indexed(title=f"新的{meant}開門了" if meant != "Library" else "A Library at night")
        assert meant in client.get("/search/", {"q": typed}).content.decode().split("<dl")[0]

    def test_no_guesses_are_made_for_more_than_the_first_words(self):
        indexed(title="新的瓦倫港開門了")
        guess = lambda typed: search.guesses(Article.objects.published(), parse(typed))  # noqa: E731
        assert guess("甲乙 瓦轮港") == ["瓦倫港"]
        assert guess("甲乙 丙丁 戊己 瓦轮港") == []

    def test_a_search_stands_on_every_page(self, client):
        (article,) = indexed()
        for address in ["/", article.get_absolute_url(), reverse("tags"), reverse("archive")]:
            assert 'action="/search/"' in client.get(address).content.decode(), address

    def test_questions_to_the_database_do_not_grow(self, client, django_assert_max_num_queries):
        indexed(3, title="倉庫")
        client.get("/search/?q=倉庫")
        with django_assert_max_num_queries(5):
            client.get("/search/?q=倉庫")
        for article in indexed(30, title="倉庫"):
            article.tags.add(TagMaker())
        with django_assert_max_num_queries(5):
            client.get("/search/?q=倉庫")
        with django_assert_max_num_queries(5):
            client.get("/search/?q=沒有這個詞")

    @pytest.mark.parametrize(
        "typed",
        ['"', "*", "NEAR(", "\x00", "a" * 10_000, "甲" * 10_000, "\u202e甲", "'; DROP", "a AND", "甲 OR", ":", "tag:"],
    )
    def test_no_input_is_an_error(self, client, typed):
        indexed()
        for address in ADDRESSES:
            for names in (["q"], ["q", "tag", "source", "from"]):
                assert client.get(address, dict.fromkeys(names, typed)).status_code in ANSWERED

    @pytest.mark.parametrize(
        "raw", ["%ED%A0%80", "%00", "%FF%FE", "%E2%80%AE%E7%94%B2", "%22%EF%BC%82%2A", "%F0%9F%98"]
    )
    def test_no_bytes_are_an_error(self, client, raw):
        indexed()
        for address in ADDRESSES:
            assert client.get(f"{address}?q={raw}倉庫&before={raw}&page={raw}").status_code in ANSWERED

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.one_of(st.text(max_size=12), st.sampled_from(SYNTAX)), max_size=8), st.text(max_size=5))
    def test_whatever_is_asked_is_answered(self, client, pieces, other):
        if not Article.objects.exists():
            indexed(3)
            SynonymSet.objects.create(words="倉庫\n貨倉")
        asked = urlencode({"q": "".join(pieces), "tag": other, "after": other}, errors="surrogatepass")
        for address in ADDRESSES:
            assert client.get(f"{address}?{asked}").status_code in ANSWERED

    @pytest.mark.parametrize("number", ["0", "-1", "x", "9" * 30, "٣", "10000000"])
    def test_no_page_number_is_an_error(self, client, number):
        indexed()
        for name in ("page", "after"):
            assert client.get("/search/", {"q": "倉庫", name: number}).status_code == 200

    @settings(
        max_examples=150,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        st.lists(
            st.one_of(
                st.text(max_size=12),
                st.sampled_from(SYNTAX),
            ),
            max_size=12,
        )
    )
    def test_any_text_is_a_query(self, pieces):
        if not Article.objects.exists():
            indexed(3)
        typed = "".join(pieces)
        query = parse(typed, source=typed, tag=typed, first=typed, last=typed)
        plain, narrowed = parse(typed), search.find(Article.objects.published(), query)
        found = search.find(Article.objects.published(), plain)
        assert plain.is_empty or narrowed.total <= found.total  # more conditions never find more
        search.guesses(Article.objects.published(), query)
        search.snippet(typed, search.pattern_of(query.words))


@pytest.mark.django_db
def test_a_found_article_shows_its_picture_at_the_size_of_its_place(client, settings):
    settings.RENDITIONS_ON_DEMAND = True
    image = ImageMaker(state="stored", file="images/ab/x.jpg", width=1200, height=800, sha256="ab" * 32)
    indexed(title="倉庫", lead_image=image)
    page = client.get("/search/", {"q": "仓库"}).content.decode()
    assert "<picture>" in page
    assert 'src="/media/images/ab/x.jpg"' not in page


def titles(client, typed):
    return {one["title"] for one in client.get("/search.json", {"q": typed}).json()["results"]}


@pytest.mark.django_db
class TestAlternatives:
    """What means the same is found too, and marked."""

    @pytest.fixture
    def both(self):
        SynonymSet.objects.create(words="川普\n特朗普\nDonald Trump")
        indexed(title="川普訪港", text="")
        indexed(title="特朗普谈关税", text="")
        indexed(title="What Donald Trump said", text="")
        return {"川普訪港", "特朗普谈关税", "What Donald Trump said"}

    @pytest.mark.parametrize("typed", ["川普", "特朗普", "Donald Trump", "donald  trump"])
    def test_words_of_one_set_find_each_other(self, client, both, typed):
        assert titles(client, typed) == both

    def test_a_synonym_may_be_a_part_of_what_is_typed(self, client, both):
        assert titles(client, "特朗普访港") == {"川普訪港"}
        assert titles(client, "港 特朗普") == {"川普訪港"}

    def test_a_minus_takes_away_all_that_the_word_would_find(self, client, both):
        indexed(title="港口", text="")
        assert titles(client, "港 -特朗普") == {"港口"}

    def test_quotes_take_a_word_by_the_letter(self, client, both):
        assert titles(client, "“川普”") == {"川普訪港"}
        assert titles(client, '"Donald Trump"') == {"What Donald Trump said"}

    def test_a_name_inside_another_latin_word_is_none(self, client):
        SynonymSet.objects.create(words="AI\n人工智慧")
        indexed(title="人工智慧", text="")
        indexed(title="Said again", text="")
        assert titles(client, "said") == {"Said again"}
        assert titles(client, "ai") == {"人工智慧"}

    @pytest.mark.parametrize(
        ("typed", "title"),
        [
            ("软件", "軟體"),
            ("軟體", "软件"),
            ("資訊", "信息"),
            ("信息", "資訊"),
            ("計程車", "出租车"),
            ("台灣軟體", "台湾软件"),
        ],
    )
    def test_words_that_differ_between_the_scripts_find_each_other(self, client, typed, title):
        indexed(title=f"新的{title}", text="")
        html = client.get("/search/", {"q": typed}).content.decode()
        assert f"新的<mark>{title}</mark>" in html
        assert titles(client, f"“{typed}”") == set()

    def test_both_forms_are_marked_where_they_stand(self, client, both):
        html = client.get("/search/", {"q": "特朗普"}).content.decode()
        for marked_title in (
            "<mark>川普</mark>訪港",
            "<mark>特朗普</mark>谈关税",
            "What <mark>Donald Trump</mark> said",
        ):
            assert marked_title in html

    def test_the_best_is_found_first_whichever_word_it_has(self, client, both):
        indexed(title="別的", text="特朗普")
        first = client.get("/search.json", {"q": "特朗普"}).json()["results"]
        assert first[-1]["title"] == "別的"

    def test_no_term_grows_without_end(self):
        SynonymSet.objects.create(words="\n".join(f"甲{n}乙" for n in range(20)))
        words = search.query_of("甲1乙甲2乙甲3乙").words
        assert len(words[0].written) <= 8

    @pytest.mark.parametrize(
        "words", ["川普", "川普\n川普", "台灣\n台湾", "川普\n！", "\n".join("甲乙丙丁" + str(n) for n in range(21))]
    )
    def test_a_set_that_says_nothing_is_refused(self, words):
        with pytest.raises(ValidationError):
            SynonymSet(words=words).full_clean()

    def test_a_set_is_kept_tidily(self):
        synonyms = SynonymSet(words=" 川普 \n\n特朗普\n川普")
        synonyms.full_clean()
        assert synonyms.words == "川普\n特朗普"


@pytest.mark.django_db
def test_the_newest_of_what_is_found_are_given_by_number():
    articles = [indexed(title="倉庫農場", **dated(year))[0] for year in (2021, 2024, 2022)]
    indexed(title="別的", body="<p>別的。</p>", text="別的。", **dated(2025))
    query = search.query_of("仓库")
    assert search.newest_of(Article.objects.all(), query, 2) == [articles[1].pk, articles[2].pk]
    assert search.newest_of(Article.objects.exclude(pk=articles[1].pk), query, 9) == [articles[2].pk, articles[0].pk]
    assert search.newest_of(Article.objects.all(), search.query_of("source:nobody 仓库"), 9) == []


@pytest.mark.django_db(transaction=True)
def test_a_new_set_of_synonyms_works_at_once(client):
    indexed(title="特朗普谈关税", text="")
    assert titles(client, "川普") == set()
    synonyms = SynonymSet.objects.create(words="川普\n特朗普")
    assert titles(client, "川普") == {"特朗普谈关税"}
    assert "特朗普谈关税" in client.get("/search/feed.xml", {"q": "川普"}).content.decode()
    synonyms.delete()
    assert titles(client, "川普") == set()


@pytest.mark.django_db(transaction=True)
def test_a_search_within_a_named_source_keeps_to_its_questions(client):
    indexed(30, source=SourceMaker(slug="dw", name="德國之聲"))
    address = "/search/?q=倉庫 source:德国之声"
    following = re.search(r'rel="next nofollow" href="([^"]+)"', client.get(address).content.decode())[1]
    for asked_for in (address, following.replace("&amp;", "&")):
        with CaptureQueriesContext(connection) as asked:
            assert "德國之聲" in client.get(asked_for).content.decode()
        assert len(asked) <= 5
    Source.objects.update(name="別的名字")
    assert "德國之聲" not in client.get(address).content.decode()


@pytest.mark.django_db(transaction=True)
def test_synonyms_are_asked_for_once_until_they_change(client):
    indexed(title="特朗普谈关税", text="")
    SynonymSet.objects.create(words="川普\n特朗普")
    client.get("/search/?q=关税")
    Article.objects.update(byline="王")
    with CaptureQueriesContext(connection) as asked:
        client.get("/search/?q=特朗普")
    assert not [query for query in asked if query["sql"].startswith('SELECT "articles_synonymset"')]
    assert len(asked) <= 5
