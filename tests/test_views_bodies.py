"""Stored bodies as readers see them."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from articles.models import Image
from articles.templatetags.bodies import reading_of
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


@pytest.mark.parametrize("state", [state for state in Image.State if state != Image.State.STORED])
def test_a_picture_that_is_not_here_leaves_a_placeholder_with_its_caption(state):
    place = ArticleImageMaker(image=ImageMaker(origin_url=ORIGIN, state=state))
    place.article.body = FIGURE
    body = tree(read(place.article, [place]))
    assert not body.css("img, [srcset]")
    assert "碼頭" in body.css_first(".missing").text()
    assert body.css_first("figcaption").text() == "說明"
    assert body.css_first("a").attributes["href"] == ORIGIN


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
