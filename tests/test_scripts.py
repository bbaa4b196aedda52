"""Reading in the other script: what is converted, what is not, and where the links lead."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from articles import search, urls
from articles.models import Spelling
from articles.views import scripts
from articles.views.scripts import LOCALES, PAGES, Conversion, convert_page
from tests.makers import ArticleMaker, SourceMaker, TagMaker


def simplified(page, *spellings):
    return Conversion("hans", spellings).page(page)


def traditional(page, *spellings):
    return Conversion("hant", spellings).page(page)


@pytest.mark.parametrize(
    ("page", "read"),
    [
        ('<p lang="zh-Hant">這個軟體</p>', '<p lang="zh-Hans">这个软件</p>'),
        ('<p lang="zh-TW">滑鼠</p>', '<p lang="zh-Hans">鼠标</p>'),
        ('<p lang="zh">圖書館</p>', '<p lang="zh">图书馆</p>'),
        ('<div lang="zh-Hant"><p>開<b>門</b>了</p></div>', '<div lang="zh-Hans"><p>开<b>门</b>了</p></div>'),
        ('<p lang="zh-Hant"><a href="/a/圖">圖</a></p>', '<p lang="zh-Hans"><a href="/a/圖">图</a></p>'),
        ('<img alt="圖書館" lang="zh">', '<img alt="图书馆" lang="zh">'),
        ('<img alt="圖 &gt; 館 &quot;門&quot;" lang="zh">', '<img alt="图 &gt; 馆 &quot;门&quot;" lang="zh">'),
        ("<title>圖書館</title>", "<title>图书馆</title>"),
        (
            '<p lang="zh-Hant">見https://x.example/圖書/軟體?a=圖，與軟體</p>',
            '<p lang="zh-Hans">见https://x.example/圖書/軟體?a=圖，与软件</p>',
        ),
        (
            '<p lang="zh-Hant">到 www.example.org/軟體.html 看，https://x.example/a軟體</p>',
            '<p lang="zh-Hans">到 www.example.org/軟體.html 看，https://x.example/a软件</p>',
        ),
        ('<meta name="description" content="圖書館">', '<meta name="description" content="图书馆">'),
    ],
)
def test_words_of_the_other_script_are_converted(page, read):
    assert simplified(page) == read


@pytest.mark.parametrize(
    "page",
    [
        '<p lang="en">圖 means picture</p>',
        '<p lang="ja">図書館</p>',
        '<p lang="zh-Hans">乾隆与瞭望</p>',
        '<div lang="zh"><code>圖</code><pre>圖</pre><script>"圖"</script></div>',
        '<p lang="zh"><a href="?tag=圖" data-name="圖">x</a></p>',
        '<a lang="zh" translate="no">繁體</a>',
        '<input value="圖書館">',
        "<!-- <p lang='zh'>圖</p> -->",
        "a < b > c",
        "",
    ],
)
def test_everything_else_stays_as_it_is(page):
    assert simplified(page) == page


def test_an_attribute_may_hold_what_looks_like_the_end_of_a_tag():
    page = '<p lang="zh-Hant"><img alt="a>圖" title=\'門>\'>開</p>'
    assert simplified(page) == '<p lang="zh-Hans"><img alt="a&gt;图" title="门&gt;">开</p>'


def test_phrases_become_the_words_of_the_other_side():
    assert traditional('<p lang="zh-Hans">软件和鼠标</p>') == '<p lang="zh-Hant">軟體和滑鼠</p>'


@pytest.mark.parametrize(
    ("page", "read"),
    [
        ("头<b>发</b>长了", "頭<b>髮</b>長了"),
        ("<mark>头</mark>发", "<mark>頭</mark>髮"),
        ("头<i><b>发</b></i>", "頭<i><b>髮</b></i>"),
        ("软<a href='/软'>件</a>和鼠<em>标</em>", "軟<a href='/软'>體</a>和滑<em>鼠</em>"),
        ("互<mark>联</mark>网，软<i>件</i>", "網<mark>際網</mark>路，軟<i>體</i>"),
        ("头<br>发", "頭<br>發"),
        ("头<code>x</code>发", "頭<code>x</code>發"),
        ('头<span lang="en">发</span>', '頭<span lang="en">发</span>'),
        ("范<mark>伟</mark>在后面", "范<mark>偉</mark>在後面"),
        ("见https://x.example/头<mark>发</mark>。", "見https://x.example/头<mark>发</mark>。"),
        ("<!-- 发 -->头<!-- x -->发", "<!-- 发 -->頭<!-- x -->髮"),
    ],
)
def test_words_of_a_block_are_converted_as_one_text_whatever_stands_within(page, read):
    converted = traditional(f'<p lang="zh-Hans">{page}</p>', ("范伟", "范偉"))
    assert converted == f'<p lang="zh-Hant">{read}</p>'


@given(st.lists(st.text("头发软件互联网后里，。a ", min_size=1, max_size=6), min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_marks_within_a_text_change_nothing_of_what_is_read(texts):
    plain = traditional(f'<p lang="zh-Hans">{"".join(texts)}</p>')
    marked = traditional(f'<p lang="zh-Hans">{"".join(f"<mark>{text}</mark>" for text in texts)}</p>')
    assert LexborHTMLParser(marked).body.text() == LexborHTMLParser(plain).body.text()
    assert marked.count("<mark>") == len(texts)


def test_a_page_of_nothing_but_tags_takes_no_long_time(monkeypatch):
    looked = []
    whole = Conversion._word_at
    monkeypatch.setattr(scripts, "LOOKS", 50)
    monkeypatch.setattr(Conversion, "_word_at", lambda self, *told: looked.append(self.looks) or whole(self, *told))
    traditional('<p lang="zh-Hans">' + "头<b>发</b>" * 500 + "</p>")
    assert min(looked) == 0


@pytest.mark.parametrize(
    ("page", "read"),
    [
        (
            '<div lang="zh-Hant"><p>台灣</p><p>软件开发问题</p></div>',
            '<div lang="zh-Hant"><p>台灣</p><p>軟體開發問題</p></div>',
        ),
        ('<p lang="zh-Hant">一只台</p>', '<p lang="zh-Hant">一只台</p>'),
        ('<p lang="zh-Hant">乾隆後宮裡發現</p>', '<p lang="zh-Hant">乾隆後宮裡發現</p>'),
    ],
)
def test_a_passage_in_the_other_script_is_known_by_its_own_characters(page, read):
    assert traditional(page) == read


def test_editors_spellings_win_both_ways():
    page = '<p lang="zh-Hans">范伟在后面</p>'
    assert "範偉" not in traditional(page, ("范伟", "范偉"))
    assert "范偉在後面" in traditional(page, ("范伟", "范偉"))
    assert "余晖" in simplified('<p lang="zh-Hant">餘暉</p>', ("余晖", "餘暉"))


def test_converting_twice_changes_nothing():
    once = simplified('<div lang="zh-Hant">網路與<b>滑鼠</b><img alt="圖 &amp; 館"></div>')
    assert simplified(once) == once


SITE = "http://127.0.0.1:8000"
NO_PAGES = {"preview", "front_preview", "preview_unsaved", "api", "media", "healthz", "readyz", "oembed"}
NO_PAGES |= {"metrics"}


def told(client, address):
    """What the head says of the page's addresses: the canonical one, and by language."""
    head = LexborHTMLParser(client.get(address).content.decode()).head
    links = {link.attributes["hreflang"]: link.attributes["href"] for link in head.css("link[hreflang]")}
    canonical = head.css_first("link[rel=canonical]")
    return links | ({"canonical": canonical.attributes["href"]} if canonical else {})


def questions(client, address):
    """Number of questions to the database for a page that was asked for before."""
    client.get(address)
    with CaptureQueriesContext(connection) as caught:
        client.get(address)
    return len(caught)


@pytest.mark.django_db
class TestPages:
    """The pages of the site under the prefixes."""

    @pytest.fixture
    def article(self):
        source = SourceMaker(slug="dw", name="德國之聲", language="zh-Hant")
        article = ArticleMaker(
            source=source,
            title="圖書館的軟體",
            slug="圖書館的軟體",
            body='<p>這裡有<a href="https://x.example/圖">滑鼠</a>與<code>圖</code>。</p>',
            text="這裡有滑鼠",
        )
        article.tags.add(TagMaker(name="開放資料", slug="開放資料"))
        search.index([article.pk])
        return article

    def test_an_article_is_read_in_the_other_script_and_its_links_stay_there(self, client, article):
        address = f"/zh-hans{article.get_absolute_url()}"
        html = client.get(address).content.decode()
        assert '<html lang="zh-hans">' in html
        assert "图书馆的软件</h1>" in html
        assert "这里有" in html
        assert ">鼠标</a>" in html
        assert "<code>圖</code>" in html
        assert "https://x.example/" in html
        assert 'href="/zh-hans/source/dw/"' in html
        assert f'hreflang="x-default" href="http://127.0.0.1:8000{article.get_absolute_url()}"' in html
        assert f'hreflang="zh-Hant" href="http://127.0.0.1:8000{article.get_absolute_url()}"' in html
        assert f'hreflang="zh-Hans" href="http://127.0.0.1:8000{address}"' in html
        assert f'rel="canonical" href="http://127.0.0.1:8000{address}"' in html

    def test_without_a_prefix_nothing_is_converted_and_nothing_stored_changes(self, client, article):
        client.get(f"/zh-hans{article.get_absolute_url()}")
        html = client.get(article.get_absolute_url()).content.decode()
        assert "圖書館的軟體</h1>" in html
        assert 'href="/source/dw/"' in html
        article.refresh_from_db()
        assert article.title == "圖書館的軟體"

    def test_every_page_for_reading_has_both_scripts(self, client, article):
        tag = article.tags.first()
        names = ["front", "sources", "tags", "archive", "stories", "topics_by_name", "on_this_day"]
        addresses = [*map(reverse, names), article.source.get_absolute_url(), tag.get_absolute_url()]
        addresses += [f"/{article.published_on:{period}}/" for period in ("%Y", "%Y/%m", "%Y/%m/%d")]
        for address in addresses:
            for prefix in ("/zh-hans", "/zh-hant"):
                page = client.get(prefix + address)
                assert page.status_code == 200, prefix + address
                assert told(client, prefix + address) == {
                    "canonical": SITE + prefix + address,
                    "zh-Hans": f"{SITE}/zh-hans{address}",
                    "zh-Hant": f"{SITE}/zh-hant{address}",
                    "x-default": SITE + address,
                }
                assert page["Content-Language"] == prefix[1:]
                assert not page.cookies
        assert "图书馆的软件" in client.get("/zh-hans/").content.decode()

    @pytest.mark.parametrize(("script", "other"), [("hans", "hant"), ("hant", "hans")])
    def test_an_article_in_the_scripts_own_characters_has_one_address(self, client, script, other):
        article = ArticleMaker(language=f"zh-{script.title()}", title="一二三")
        path = article.get_absolute_url()
        for prefix, canonical in (("", path), (f"/zh-{script}", path), (f"/zh-{other}", f"/zh-{other}{path}")):
            assert told(client, prefix + path) == {
                "canonical": SITE + canonical,
                f"zh-{script.title()}": SITE + path,
                f"zh-{other.title()}": f"{SITE}/zh-{other}{path}",
                "x-default": SITE + path,
            }
            head = client.get(prefix + path).content.decode()
            assert f'property="og:url" content="{SITE}{canonical}"' in head
            assert f'property="og:locale" content="{LOCALES[other if other in prefix else script]}"' in head

    def test_an_article_that_is_not_chinese_is_the_same_in_both(self, client):
        path = ArticleMaker(language="en", title="A library").get_absolute_url()
        for prefix in ("", "/zh-hans", "/zh-hant"):
            assert told(client, prefix + path) == {"canonical": SITE + path}

    def test_a_page_of_a_list_is_told_as_that_page(self, client, article):
        place = "?before=1800000000000000-1"
        links = told(client, f"/zh-hans/source/dw/{place}")
        assert links["canonical"] == links["zh-Hans"] == f"{SITE}/zh-hans/source/dw/{place}"
        assert links["x-default"] == f"{SITE}/source/dw/{place}"

    @pytest.mark.parametrize("address", ["/search/?q=甲", "/a/999999/", "/nowhere/", "/api/"])
    def test_what_search_engines_leave_out_has_no_other_versions(self, client, address):
        assert told(client, address).keys() <= {"canonical"}

    def test_every_address_of_html_is_a_page_for_reading_or_known_to_be_none(self):
        for pattern in urls.urlpatterns:
            name = pattern.name or ""
            if name and not name.endswith(("_json", "_xml", "robots", "manifest", "favicon")):
                assert name in PAGES | NO_PAGES, f"{name}: have it under /zh-hans/ too, or say here that it is none"

    def test_searching_there_finds_and_stays_there(self, client, article):
        html = client.get("/zh-hans/search/?q=图书馆").content.decode()
        assert "<mark>图书馆</mark>的软件" in html
        assert 'action="/zh-hans/search/"' in html
        assert 'value="图书馆"' in html

    @pytest.mark.parametrize("address", ["/feed.xml", "/admin/", "/robots.txt", "/healthz", "/search.json?q=a"])
    def test_what_is_no_page_is_only_without_a_prefix(self, client, address):
        answer = client.get(f"/zh-hant{address}")
        assert (answer.status_code, answer["Location"]) == (302, address)

    def test_a_redirect_leads_to_no_other_site(self, client):
        assert client.get("/zh-hans//evil.example/feed.xml").status_code == 404
        assert client.get("/zh-hans/")["Content-Language"] == "zh-hans"

    def test_a_wrong_slug_is_put_right_within_the_script(self, client, article):
        answer = client.get(f"/zh-hans/a/{article.pk}/")
        assert answer.status_code == 301
        assert answer["Location"] == f"/zh-hans{article.get_absolute_url()}"

    @pytest.mark.django_db(transaction=True)
    def test_a_new_spelling_is_used_at_once(self, client, article):
        address = f"/zh-hans{article.get_absolute_url()}"
        assert "图书馆的软件" in client.get(address).content.decode()
        Spelling.objects.create(hans="图书馆儿", hant="圖書館")
        assert "图书馆儿的软件" in client.get(address).content.decode()

    def test_the_other_script_costs_no_question_more(self, client, article):
        address = article.get_absolute_url()
        assert questions(client, f"/zh-hans{address}") == questions(client, address)

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize(
        ("name", "most"), [("front", 6), ("article", 5), ("source", 5), ("tag", 5), ("archive", 5)]
    )
    def test_a_page_that_was_never_made_keeps_to_its_questions_under_a_prefix(self, client, article, name, most):
        Spelling.objects.create(hans="范伟", hant="范偉")
        tag = article.tags.first()
        address = {"article": article.get_absolute_url(), "source": article.source.get_absolute_url()}
        address |= {"tag": tag.get_absolute_url()}
        path = f"/zh-hans{address.get(name) or reverse(name)}"
        client.get(path)
        article.byline = "王"
        article.save()
        client.get(path.replace("/zh-hans", ""))  # what is counted once an edition is no matter of the script
        with CaptureQueriesContext(connection) as asked:
            client.get(path)
        assert not [query for query in asked if 'FROM "articles_spelling"' in query["sql"].split("WHERE")[0][:60]]
        assert len(asked) <= most

    def test_a_page_is_converted_once(self, monkeypatch):
        page = '<p lang="zh-Hant">開門</p>'
        first = convert_page(page, "hans")
        monkeypatch.setattr(Conversion, "page", lambda self, page: pytest.fail("converted again"))
        assert convert_page(page, "hans") == first
