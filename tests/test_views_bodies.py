"""Stored bodies as readers see them."""

import pytest
from django.core.cache import cache
from selectolax.lexbor import LexborHTMLParser

from articles.models import Article, ArticleImage, Correction, Image, Poster
from articles.templatetags import bodies
from articles.templatetags.bodies import reading_of
from articles.views.reading import pictures_of
from tests.makers import ArticleImageMaker, ArticleMaker, ImageMaker, ReferenceMaker

pytestmark = pytest.mark.django_db
ORIGIN = "https://pictures.example/p.jpg?w=1&h=2"
FIGURE = (
    '<figure><img src="https://pictures.example/p.jpg?w=1&amp;h=2" alt="碼頭"><figcaption>說明</figcaption></figure>'
)


def stored(**values):
    """A picture that we hold."""
    return ImageMaker(origin_url=ORIGIN, state=Image.State.STORED, file="ab/p.jpg", width=1200, height=800, **values)


def read(article, places=(), copies=()):
    return reading_of(article, places, copies)


def tree(reading):
    return LexborHTMLParser(f"<!doctype html><body>{reading.html}").body


def test_a_stored_picture_is_shown_from_here_with_its_size():
    place = ArticleImageMaker(image=stored())
    place.article.body = FIGURE
    picture = tree(read(place.article, [place])).css_first("figure > img")
    assert picture.attributes["src"] == "/media/ab/p.jpg"
    assert (picture.attributes["width"], picture.attributes["height"]) == ("1200", "800")
    assert picture.attributes["alt"] == "碼頭"


HELD = (Image.State.STORED, Image.State.TAKEN_DOWN)


@pytest.mark.parametrize("state", [state for state in Image.State if state not in HELD])
def test_a_picture_that_is_not_here_leaves_a_placeholder_with_its_caption(state):
    place = ArticleImageMaker(image=ImageMaker(origin_url=ORIGIN, state=state))
    place.article.body = FIGURE
    body = tree(read(place.article, [place]))
    assert not body.css("img, [srcset]")
    assert "碼頭" in body.css_first(".missing").text()
    assert body.css_first("figcaption").text() == "說明"
    assert body.css_first("a").attributes["href"] == ORIGIN


def test_a_picture_that_was_taken_down_does_not_say_where_else_it_is():
    place = ArticleImageMaker(image=ImageMaker(origin_url=ORIGIN, state=Image.State.TAKEN_DOWN))
    place.article.body = FIGURE
    body = tree(read(place.article, [place]))
    assert body.css_first(".missing")
    assert not body.css("a, img")
    assert "碼頭" not in body.css_first(".missing").text()


def test_a_picture_nobody_knows_is_never_asked_for_elsewhere():
    body = tree(read(ArticleMaker(body=FIGURE + '<p>文 <img src="//evil.example/x.gif" srcset="y 2x"><img></p>')))
    assert not body.css("img")
    assert len(body.css(".missing")) == 3
    assert {link.attributes["href"] for link in body.css("a")} == {ORIGIN}


def test_a_missing_caption_and_credit_come_from_the_library():
    place = ArticleImageMaker(image=stored(credit="路透社"), caption="夜裡的倉庫")
    place.article.body = FIGURE.replace("<figcaption>說明</figcaption>", "")
    body = tree(read(place.article, [place]))
    assert body.css_first("figcaption").text() == "夜裡的倉庫 路透社"
    place.article.body = FIGURE
    assert tree(read(place.article, [place])).css_first("figcaption cite").text() == "路透社"
    place.article.body = FIGURE.replace("說明", "說明 <cite>法新社</cite>")
    assert [cite.text() for cite in tree(read(place.article, [place])).css("cite")] == ["法新社"]


def test_a_decorative_picture_has_no_words():
    place = ArticleImageMaker(image=stored(decorative=True, alt="線"))
    place.article.body = FIGURE
    assert tree(read(place.article, [place])).css_first("img").attributes["alt"] == ""


def test_a_lead_picture_stands_above_only_when_the_body_lacks_it():
    place = ArticleImageMaker(image=stored())
    place.article.lead_image = place.image
    assert read(place.article, [place]).lead == place
    assert read(place.article, []).lead.image == place.image
    place.article.body = FIGURE
    assert read(place.article, [place]).lead is None


@pytest.mark.parametrize(
    ("body", "above", "paragraphs"),
    [
        ("<p>冬天的 碼頭。</p><p>第二段</p>", "冬天的碼頭。", 1),
        ("<figure><img></figure><p><strong>冬天的碼頭。</strong></p><p>第二段</p>", "冬天的碼頭。", 1),
        ("<p>冬天的碼頭。風很大。</p><p>第二段</p>", "", 2),
        ("<p>別的開頭</p><p>冬天的碼頭。</p>", "冬天的碼頭。", 2),
        ("", "冬天的碼頭。", 0),
    ],
)
def test_a_standfirst_is_read_once(body, above, paragraphs):
    reading = read(ArticleMaker(standfirst="冬天的碼頭。", body=body))
    assert (reading.standfirst, len(tree(reading).css("p"))) == (above, paragraphs)


def test_a_link_opens_the_local_copy_once_its_target_has_arrived(client):
    article = ArticleMaker(body='<p><a href="http://www.news.example/later?utm_source=x" rel="nofollow">前文</a></p>')
    ReferenceMaker(article=article, url="http://www.news.example/later", key="news.example/later")
    page = client.get(article.get_absolute_url()).content.decode()
    assert 'href="http://www.news.example/later?utm_source=x" rel="noopener noreferrer"' in page
    assert "Linked articles" not in page
    target = ArticleMaker(title="後來的文章", canonical_url="https://news.example/later")
    body = LexborHTMLParser(client.get(article.get_absolute_url()).content.decode())
    link = body.css_first(".prose a")
    assert link.attributes["href"] == target.get_absolute_url()
    assert "rel" not in link.attributes
    assert body.css_first(".copies a").text() == "後來的文章"
    target.status = "withdrawn"
    target.save()
    assert target.get_absolute_url() not in client.get(article.get_absolute_url()).content.decode()


VIDEO = {"url": "https://www.youtube.com/watch?v=a&b=c", "provider": "YouTube", "title": "倉庫<裡>", "poster": ""}
LINK = '<a href="https://www.youtube.com/watch?v=a&amp;b=c">YouTube</a>'


@pytest.mark.parametrize("body", [f"<p>{LINK}</p>", f"<figure>{LINK}</figure>", ""])
def test_what_another_site_plays_becomes_one_card(body):
    [card] = tree(read(ArticleMaker(body=body, embeds=[VIDEO]))).css(".embed")
    assert card.css_first("a").attributes["href"] == VIDEO["url"]
    assert card.css_first(".embed-title").text() == "倉庫<裡>"


def test_the_caption_of_what_another_site_plays_is_its_title():
    body = f"<figure>{LINK}<figcaption>島上的<em>一夜</em></figcaption></figure>"
    [card] = tree(read(ArticleMaker(body=body, embeds=[VIDEO | {"title": ""}]))).css("body > *")
    assert card.css_first(".embed-title").text() == "島上的一夜"


def film(client, state):
    """The page of an article whose only picture is the still of the film that it embeds."""
    embed = VIDEO | {"poster": ORIGIN}
    still = stored(decorative=True) if state == Image.State.STORED else ImageMaker(origin_url=ORIGIN, state=state)
    article = ArticleMaker(body=f"<p>文</p><figure>{LINK}</figure>", embeds=[embed], lead_image=still)
    Poster.objects.create(article=article, image=still)
    return LexborHTMLParser(client.get(article.get_absolute_url()).content.decode())


def test_the_card_of_a_film_shows_our_own_copy_of_its_still_and_nothing_of_others(client):
    page_of_film = film(client, Image.State.STORED)
    [still] = page_of_film.css(".story img")  # the card's: it does not stand above the text once more
    assert still.attributes["src"].startswith("/media/")
    assert still.attributes["alt"] == ""
    assert [link.attributes["href"] for link in page_of_film.css(".embed a:has(img)")] == [VIDEO["url"]]
    assert "ytimg" not in page_of_film.html
    assert not page_of_film.css("iframe, video, [src^='https://www.youtube']")


def test_the_sizes_of_a_still_are_not_taken_for_pictures_that_nobody_knows(client, settings):
    settings.RENDITIONS_ON_DEMAND = True
    still = stored(sha256="ab" * 32)
    article = ArticleMaker(body=f"<figure>{LINK}</figure>", embeds=[VIDEO | {"poster": ORIGIN}])
    Poster.objects.create(article=article, image=still)
    card = LexborHTMLParser(client.get(article.get_absolute_url()).content.decode()).css_first(".embed")
    assert card.css("source[type='image/avif']")
    assert card.css_first("img").attributes["src"].startswith("/media/renditions/")


@pytest.mark.parametrize(
    ("url", "title", "told"),
    [
        ("https://charts.example/monthly/origin%20.html", "", "Open at charts.example · origin .html"),
        ("https://charts.example/monthly/origin.html", "來處", "來處Open at charts.example"),
        ("https://radio.example/1.mp3", "", "Open at radio.example · 1.mp3"),
    ],
)
def test_cards_without_a_title_say_what_they_open(url, title, told):
    embed = {"url": url, "provider": "", "title": title, "poster": ""}
    card = tree(read(ArticleMaker(body="", embeds=[embed]))).css_first(".embed")
    assert card.text() == told
    assert ("l8-4.8z" in card.html) == url.endswith(".mp3")  # the sign of what plays


def test_a_still_that_is_not_here_leaves_the_drawing_alone(client):
    page_of_film = film(client, Image.State.GONE)
    assert not page_of_film.css(".story img, .missing")
    assert page_of_film.css_first(".embed .embed-icon")


def test_pictures_and_stills_of_an_article_are_asked_for_in_one_query(django_assert_num_queries):
    first, second = stored(), ImageMaker()
    article = ArticleMaker()
    ArticleImageMaker(article=article, image=second, position=1, caption="乙")
    place = ArticleImageMaker(article=article, image=first, position=0, caption="甲", credit="人")
    ArticleImageMaker(image=first, position=0, caption="別處")
    Poster.objects.create(article=article, image=first)
    still = Poster.objects.create(article=article, image=ImageMaker()).image
    with django_assert_num_queries(1):
        shown = pictures_of(article)
    assert [(one.image, one.caption, one.credit) for one in shown] == [
        (first, "甲", "人"),
        (second, "乙", ""),
        (still, None, None),
    ]
    assert shown[0] == place


def test_the_card_stands_where_the_player_stood_and_a_lone_link_before_it_stays_one():
    words = LINK.replace("YouTube</a>", "完整版</a>")
    body = tree(read(ArticleMaker(body=f"<p>{words}</p><p>文</p><figure>{LINK}</figure>", embeds=[VIDEO])))
    assert [block.text() for block in body.css("body > p:not(.embed)")] == ["完整版", "文"]
    assert [block.attributes.get("class") for block in body.css("body > *")] == [None, None, "embed"]


def test_a_link_within_a_sentence_stays_one():
    body = tree(read(ArticleMaker(body=f"<p>見 {LINK}。</p>", embeds=[VIDEO])))
    assert not body.css(".embed")


def test_an_embed_that_is_no_web_address_is_not_shown():
    body = tree(read(ArticleMaker(body="", embeds=[VIDEO | {"url": "javascript:alert(1)"}])))
    assert not body.css("a")


def test_wide_blocks_scroll_and_headings_have_names():
    body = tree(read(ArticleMaker(body="<h2>一</h2><table><tr><td>x</td></tr></table><pre>x</pre><h3>二</h3>")))
    assert body.css_first("div.scroll[tabindex] > table td").text() == "x"
    assert [heading.attributes["id"] for heading in body.css("h2, h3")] == ["section-1", "section-2"]
    assert (len(body.css("table")), len(body.css("pre[tabindex]"))) == (1, 1)


def test_text_about_markup_stays_text():
    assert "&lt;script&gt;" in read(ArticleMaker(body="<p>&lt;script&gt;</p>")).html


def test_no_level_of_heading_is_skipped(client):
    article = ArticleMaker(body="<h3>一 <em>甲</em>乙</h3><h4>二</h4><h3>三</h3><h2>四</h2><h4>五</h4>")
    headings = LexborHTMLParser(client.get(article.get_absolute_url()).content.decode()).css(".prose :is(h2, h3, h4)")
    assert [heading.tag for heading in headings] == ["h2", "h3", "h3", "h2", "h3"]
    assert headings[0].html == '<h2 id="section-1">一 <em>甲</em>乙</h2>'


# --- Kept ---


class Parsed:
    """Counts how often a body is parsed."""

    def __init__(self, monkeypatch):
        self.number = 0
        made = bodies._made

        def count(*args):
            self.number += 1
            return made(*args)

        monkeypatch.setattr(bodies, "_made", count)


def test_a_body_is_parsed_once_until_something_in_it_changes(client, monkeypatch):
    cache.clear()
    image = stored(sha256="ab" * 32)
    place = ArticleImageMaker(image=image)
    article = place.article
    target = ArticleMaker(title="舊題")
    reference = ReferenceMaker(article=article, url=target.canonical_url, key=target.address_key)
    article.body = f'{FIGURE}<p><a href="{reference.url}">連</a></p>'
    article.save()
    parsed = Parsed(monkeypatch)

    def shown(language=""):
        return client.get(language + article.get_absolute_url()).content.decode()

    assert shown() == shown()
    assert parsed.number == 1
    for change, wanted in (
        (lambda: Article.objects.filter(pk=article.pk).update(body=article.body + "<p>新段</p>"), "新段"),
        (lambda: Image.objects.filter(pk=image.pk).update(credit="路透社"), "路透社"),
        (lambda: Image.objects.filter(pk=image.pk).update(focal_x=0.1, sha256="cd" * 32), "cd" * 15),
        (lambda: ArticleImage.objects.filter(pk=place.pk).update(caption="另", credit="法新社"), "法新社"),
        (lambda: Article.objects.filter(pk=target.pk).update(title="新題", slug="新題"), 'title="新題"'),
        (lambda: Article.objects.filter(pk=target.pk).update(status="withdrawn"), target.canonical_url),
    ):
        before = parsed.number
        assert wanted not in shown()
        change()
        assert wanted in shown()
        assert parsed.number == before + 1


def test_what_stands_around_a_body_does_not_parse_it_again(client, monkeypatch):
    cache.clear()
    article = ArticleMaker()
    article.tags.add("島嶼")
    parsed = Parsed(monkeypatch)
    client.get(article.get_absolute_url())
    tag = article.tags.get()
    tag.name = "群島"
    tag.save()
    Correction.objects.create(article=article, text="更正了")
    page = client.get(article.get_absolute_url()).content.decode()
    assert "群島" in page
    assert "更正了" in page
    assert parsed.number == 1


def test_a_kept_body_keeps_the_readers_script_and_language(client):
    cache.clear()
    target = ArticleMaker()
    article = ArticleMaker(
        body=f'<p>軟體 <a href="{target.canonical_url}">連</a></p><table><tr><td>一</td></tr></table>'
    )
    ReferenceMaker(article=article, url=target.canonical_url, key=target.address_key)
    for _ in range(2):
        written, hans, hant = (
            client.get(prefix + article.get_absolute_url()).content.decode() for prefix in ("", "/zh-hans", "/zh-hant")
        )
        address = f'href="{target.get_absolute_url()}"'
        assert address in written
        assert address.replace('href="', 'href="/zh-hans') in hans
        assert address.replace('href="', 'href="/zh-hant') in hant
        assert "软件" in hans
        assert "軟體" in hant
        assert 'aria-label="Table"' in written
        assert 'aria-label="Table"' not in hans
