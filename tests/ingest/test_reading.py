"""What a file says around its body: header, front matter, times, names, source; and which files are refused."""

import datetime
import pathlib
import re

import pytest

from articles import ingest
from articles.ingest import RULES_VERSION, Unreadable, read
from articles.ingest.cleanup.flow import Flow
from articles.ingest.document import WARNINGS
from articles.ingest.reading import LIMIT

SOURCE_OF_INGEST = "".join(
    path.read_text(encoding="utf-8")
    for path in pathlib.Path(ingest.__file__).parent.rglob("*.py")
    if path.name != "document.py"
)

BODY = "\n\n<p>正文。</p>\n"


def header(title="題", url="https://www.example.com/a", epoch="<!--1700000000000-->\n"):
    return f"{epoch}[{title}]({url})\n------\n"


def front(**values):
    lines = "".join(f"{key}: {value}\n" for key, value in values.items())
    return f"---\n{lines}---\n"


def read_text(text, name="articles/x/1.md", **options):
    return read(text.encode(), name, **options)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"\x89PNG\r\n\0\0", "binary"),
        (bytes(range(128, 256)) * 9, "binary"),
        (b"x" * (LIMIT + 1), "too_large"),
        (b"<p>no header</p>", "no_header"),
        ("BBC 中文\n------\n\n1-2 [題](/articles/bbc/1.md)\n".encode(), "no_header"),
        (b"# README\n\ntext", "no_header"),
        (b"---\ntitle: x\n---\n<p>no address</p>", "no_header"),
        (b"[t](javascript:alert(1))\n------\n\nx", "bad_address"),
        (b"[t](mailto:a@b.example)\n------\n\nx", "bad_address"),
        (b"[t](https:///x)\n------\n\nx", "bad_address"),
        (b"[t](https://a.example/" + b"x" * 2000 + b")\n------\n\nx", "bad_address"),
        ((header() + "<p>" + "&lt;<b>x</b>\n" * 100_000).encode(), "too_complex"),
    ],
)
def test_refuses_with_a_code_and_a_sentence(raw, code):
    with pytest.raises(Unreadable) as refusal:
        read(raw, "a.md")

    assert refusal.value.code == code
    assert str(refusal.value).endswith(".")


def test_front_matter_wins_over_the_header():
    matter = front(title='"甲"', date="2021-07-20T10:03:47.218Z", author="陸", **{"from": "https://a.example/1"})
    document = read_text(matter + header("乙", "https://b.example/2", "<!--NaN-->\n") + BODY)

    assert (document.title, document.url, document.byline) == ("甲", "https://a.example/1", "陸")
    assert document.published_from == "front matter"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("[video] (上) A|B", "[video] (上) A|B"),
        ("資中&amp;筠 <b>粗</b>", "資中&筠 粗"),
        ("a\u200a \u00a0b\u200b", "a b"),
        ("甲 - iYouPort", "甲"),
        ("甲 – 法国国际广播电台 - RFI", "甲"),
        ("甲 - 要闻分析 – 法国国际广播电台 - RFI", "甲"),
        ("1 < 2 與 3 > 2", "1 < 2 與 3 > 2"),
        ("甲<script>alert(1)</script>乙", "甲乙"),
    ],
)
def test_shows_titles_clean_and_keeps_them_as_they_came(title, shown):
    document = read_text(header(title) + BODY)

    assert document.title == shown
    assert document.title_raw == title.replace("&amp;", "&")


def test_cuts_a_title_that_is_too_long_and_says_so():
    document = read_text(header("題" * 600) + BODY)

    assert len(document.title) == 500
    assert len(document.title_raw) == 600
    assert "title_cut" in document.warnings


@pytest.mark.parametrize(
    ("raw", "body", "title"),
    [
        ("", "<p>潮水退去之後，碼頭上只剩下三條船和一個等人的孩子，沒有人知道他等了多久，也沒有人問過他。</p>", None),
        (" \u200b", "<p>（德国之声中文网）潮水退了。</p>", "潮水退了。"),
        ("<b></b>", '<figure><img src="/a.jpg"><figcaption>碼頭</figcaption></figure>', "碼頭"),
        ("", "", "example.com"),
    ],
)
def test_a_file_without_a_title_gets_one_of_its_first_words_and_says_so(raw, body, title):
    document = read_text(header(raw) + "\n\n" + body)

    assert document.title == title if title else document.title.startswith("潮水退去之後，碼頭上只剩下")
    assert 0 < len(document.title) <= 40
    assert document.title_raw == raw
    assert "untitled" in document.warnings


def test_a_file_with_a_title_is_not_called_untitled():
    assert "untitled" not in read_text(header() + BODY).warnings


def test_takes_columns_and_sections_of_a_title_as_tags():
    assert read_text(header("【街头文字】伞") + BODY).tags == ("街头文字",)
    assert read_text(header("甲 - 要闻分析") + BODY).tags == ("要闻分析",)


def test_keeps_one_of_tags_that_fold_to_one():
    matter = front(title="t", tags="[ 書, 书, Ｂook, book, '' ]", **{"from": "https://a.example/1"})

    assert read_text(matter + BODY).tags == ("書", "Ｂook")


@pytest.mark.parametrize(
    ("epoch", "expected"),
    [
        ("<!--1738045024000-->\n", "2025-01-28T06:17:04+00:00"),
        ("<!-- 1738045024000 -->\n", "2025-01-28T06:17:04+00:00"),
        ("<!--1738045024-->\n", "2025-01-28T06:17:04+00:00"),
        ("<!---86400000-->\n", "1969-12-31T00:00:00+00:00"),
    ],
)
def test_reads_epochs(epoch, expected):
    document = read_text(header(epoch=epoch) + BODY)

    assert document.published_at.isoformat() == document.archived_at.isoformat() == expected
    assert document.published_precision == "second"


@pytest.mark.parametrize(
    "epoch",
    [
        *("", "<!--NaN-->\n", "<!--99999999999999999999-->\n"),
        *("<!---62135596800000-->\n", "<!--253402300799000-->\n"),  # the calendar's first and last second
    ],
)
def test_an_undated_file_has_no_date_and_says_so(epoch):
    document = read_text(header(epoch=epoch) + BODY)

    assert document.published_at is None
    assert document.published_precision == document.published_from == ""
    assert "undated" in document.warnings


@pytest.mark.parametrize("date", ["0001-01-01", "9999-12-31", "0001-01-01T00:00:00+02:00", "9999-12-31T23:59:59Z"])
def test_a_date_that_cannot_be_moved_by_a_day_is_none(date):
    document = read_text(front(title="t", date=date, **{"from": "https://a.example/1"}) + BODY)

    assert document.published_at is None
    assert "undated" in document.warnings


def test_every_date_can_be_moved_by_a_day_either_way():
    for epoch in (-62135500000000, 253402200000000):
        moment = read_text(header(epoch=f"<!--{epoch}-->\n") + BODY).published_at

        assert moment - datetime.timedelta(days=1) < moment < moment + datetime.timedelta(days=1)


def test_a_date_line_is_read_and_leaves_the_body():
    document = read_text(header(epoch="") + "日期：Thu, 02 Jul 2020 18:28:24 +0000" + BODY)

    assert document.published_at == datetime.datetime(2020, 7, 2, 18, 28, 24, tzinfo=datetime.UTC)
    assert document.published_from == "date line"
    assert document.html == "<p>正文。</p>"


def test_a_bare_day_is_that_day():
    document = read_text(front(title="t", date="2020-06-04", **{"from": "https://a.example/1"}) + BODY)

    assert document.published_at.date() == datetime.date(2020, 6, 4)
    assert document.published_precision == "day"


@pytest.mark.parametrize(
    ("url", "body", "expected"),
    [
        (
            "https://www.dw.com/zh/a-1",
            "<div><i>杨威廉<br>2025-01-28T05:49:32.108Z</i></div>",
            "2025-01-28T05:49:32.108000+00:00",
        ),
        (
            "https://www.voachinese.com/a/1.html",
            "<div><i>Mon, 12 Oct 2020 19:33:56 GMT</i></div>",
            "2020-10-12T19:33:56+00:00",
        ),
        ("https://www.rfi.fr/cn/x", "<div>13/10/2020 - 06:20</div>", "2020-10-13T04:20:00+00:00"),
        ("https://www.rfi.fr/cn/x", "<div>13/01/2021 - 06:20</div>", "2021-01-13T05:20:00+00:00"),
        ("https://cn.nytimes.com/x/", "<div><i>王霜舟<br>2020-09-11 10:33:06</i></div>", "2020-09-11T02:33:06+00:00"),
        (
            "https://www.bbc.com/zhongwen/x",
            '<main><div><time dateTime="2020-10-12">19 分钟前</time></div></main>',
            "2020-10-12T12:00:00+00:00",
        ),
    ],
)
def test_reads_the_pages_own_time_in_the_sources_zone(url, body, expected):
    document = read_text(header(url=url) + "\n" + body + BODY)

    assert document.dateline_at.isoformat() == expected
    assert document.html == "<p>正文。</p>"


@pytest.mark.parametrize(
    ("written", "epoch", "expected"),
    [
        ("2024-03-18 02:47:10", "1710744723000", "2024-03-18T06:47:10+00:00"),
        ("2024-03-18 02:47:10", "1710701523000", "2024-03-17T18:47:10+00:00"),
        ("2020-03-18 02:47:10", "1584514800000", "2020-03-17T18:47:10+00:00"),
    ],
)
def test_finds_the_half_of_the_day_that_a_clock_has_lost(written, epoch, expected):
    text = header(url="https://cn.nytimes.com/x/", epoch=f"<!--{epoch}-->\n")
    document = read_text(f'{text}\n<address>某人</address><time pudate="{written}">x</time><p>文</p>')

    assert document.dateline_at.isoformat() == expected
    assert document.byline == "某人"


def test_falls_back_to_the_time_in_the_address():
    url = "https://www.rfa.org/mandarin/yataibaodao/al2-05242022102216.html"

    document = read_text(header(url=url, epoch="") + BODY)

    assert document.published_at.isoformat() == "2022-05-24T14:22:16+00:00"
    assert document.published_from == "address"


@pytest.mark.parametrize(
    ("url", "name", "default", "source"),
    [
        ("https://www.bbc.com/zhongwen/x", "articles/dw/1.md", "", "bbc"),
        ("https://example.com/x", "old/美国之音/1_題.md", "", "voa"),
        ("https://example.com/x", "法广/sub/1.md", "dw", "rfi"),
        ("https://example.com/x", "else/1.md", "dw", "dw"),
        ("https://example.com/x", "else/1.md", "", ""),
        ("https://medium.com/@hulitw/x", "_posts/1.md", "", "huli"),
        ("https://medium.com/@other/x", "_posts/1.md", "", "medium"),
        ("https://notbbc.com/x", "1.md", "", ""),
    ],
)
def test_tells_the_source_by_address_then_folder_then_default(url, name, default, source):
    assert read_text(header(url=url) + BODY, name, default_source=default).source == source


@pytest.mark.parametrize(
    ("name", "number"),
    [("bbc/1047438_題.md", "1047438"), ("cdt/0.md", "0"), ("_posts/2020-01-02-題.md", ""), ("x.md", "")],
)
def test_keeps_the_number_of_the_files_name(name, number):
    assert read_text(header() + BODY, name).archive_id == number


@pytest.mark.parametrize(
    ("title", "url", "shown", "tags"),
    [
        ("時鐘 - 要闻解说", "https://www.rfi.fr/cn/专栏检索/要闻解说/20211215-x", "時鐘", ("要闻解说",)),
        ("時鐘 - 某地專欄", "https://www.rfi.fr/cn/某地專欄/20211215-x", "時鐘", ("某地專欄",)),
        ("時鐘 - 某地", "https://www.rfi.fr/cn/contenu/20211215-x", "時鐘 - 某地", ()),
        ("時鐘", "https://cn.nytimes.com/asia-pacific/20221215/x/", "時鐘", ("亚太",)),
        ("時鐘", "https://cn.nytimes.com/slideshow/20221215/x/", "時鐘", ()),
        ("時鐘", "https://www.rfa.org/mandarin/yataibaodao/jingmao/ec-04232024093627.html", "時鐘", ("经贸",)),
        ("时事大家谈：時鐘", "https://www.voachinese.com/a/1.html", "时事大家谈：時鐘", ("时事大家谈",)),
        ("河灣站｜時鐘", "https://chinadigitaltimes.net/chinese/1.html", "河灣站｜時鐘", ("河灣站",)),
        ("【檔案】River Post | 時鐘", "https://chinadigitaltimes.net/chinese/1.html", None, ("檔案", "River Post")),
        ("河灣站｜時鐘", "https://www.example.com/1.html", "河灣站｜時鐘", ()),
        ("旧小区里的共享雨伞 | 有雨", "https://chinadigitaltimes.net/1.html", "旧小区里的共享雨伞 | 有雨", ()),
    ],
)
def test_rubrics_columns_and_outlets_in_titles_and_addresses_are_topics(title, url, shown, tags):
    document = read_text(header(title, url) + BODY)

    assert (document.title, document.tags) == (shown or title, tags)


def test_a_site_that_signs_as_author_gives_way_to_the_byline():
    matter = front(title="t", author="iYouPort", **{"from": "https://www.iyouport.org/x/"})
    page = '<article><span class="byline"><a>McCaffrey</a></span><div class="entry-content"><p>文</p></div></article>'

    document = read_text(matter + page)

    assert document.byline == "McCaffrey"
    assert document.html == "<p>文</p>"


def test_reads_script_and_language():
    simplified = read_text(header() + "\n<p>这份报纸对国内观众说，这里没有问题。</p>")
    traditional = read_text(header() + "\n<p>這份報紙對國內觀眾說，這裡沒有問題。</p>")
    english = read_text(header() + "\n<p>Plain English words of an English article.</p>")

    assert (simplified.script, simplified.language) == ("hans", "zh-Hans")
    assert (traditional.script, traditional.language) == ("hant", "zh-Hant")
    assert (english.script, english.language) == ("latn", "en")


def test_reads_files_whatever_their_line_ends_and_byte_order_mark():
    text = header() + BODY

    assert read_text("\ufeff" + text.replace("\n", "\r\n")).html == read_text(text).html


@pytest.mark.parametrize(
    "matter", ["[" * 15_000, "{a: " * 4_000, "- " * 9_000, "? " * 9_000, "x: [", "\t:", "just words"]
)
def test_front_matter_that_cannot_be_read_does_not_hide_the_header(matter):
    assert read_text(f"---\n{matter}\n---\n" + header() + BODY).title == "題"


def test_carries_the_version_of_the_rules():
    document = read_text(header() + BODY)

    assert document.rules_version == RULES_VERSION
    assert len(RULES_VERSION) == 16


IYOUPORT = "https://www.iyouport.org/x/"


@pytest.mark.parametrize(
    ("body", "is_lost"),
    [
        pytest.param("<div class=E><p>{0}</p></div><div class=E><p>{1}</p></div>", True, id="two"),
        pytest.param("<div class=E><p>短。</p></div><p>{0}</p>", True, id="most outside"),
        pytest.param("<header><h1>題</h1>作者</header><div class=E><p>{0}</p></div>", False, id="header"),
        pytest.param(
            "<div class=E><p>{0}</p></div><div class=related-posts><div class=E>{1}</div></div>",
            False,
            id="related",
        ),
        pytest.param("<div class=E><p>{0}</p><div class=sharedaddy>{1}</div></div>", False, id="by a rule"),
        pytest.param("<p>{0}</p><video src=/v.mp4>{1}</video>", False, id="for players that fail"),
        pytest.param("<p>{0}</p><p>" + "=" * 80 + "</p><table><tr><td>{1}</table>", False, id="rulers and cells"),
    ],
)
def test_says_when_a_page_has_more_of_the_article_than_was_taken(body, is_lost):
    document = read_text(
        header(url=IYOUPORT)
        + "\n\n"
        + body.replace("=E", "=entry-content").format("潮水退了。" * 100, "人都走了。" * 60)
    )

    assert ("text_lost" in document.warnings) == is_lost


def test_says_when_a_step_of_cleaning_loses_text(monkeypatch):
    monkeypatch.setattr(Flow, "_paragraph", lambda self, text: None)

    assert "text_lost" in read_text(header() + "\n\n<p>" + "潮水退了。" * 30 + "</p>").warnings


def test_every_warning_is_told_in_words():
    told = {code for code in WARNINGS if f'"{code}"' in SOURCE_OF_INGEST}

    assert told == set(WARNINGS)
    assert set(re.findall(r'warnings(?:\.append\(| \+= \[)"(\w+)"', SOURCE_OF_INGEST)) <= set(WARNINGS)
