"""Addresses: canonical forms, identities, what a reader may follow."""

import re
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.ingest import links


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://WWW.Example.COM/A", "https://www.example.com/A"),
        ("https://a.example/%e6%bd%ae", "https://a.example/%E6%BD%AE"),
        ("https://a.example/%25E6%25BD%25AE", "https://a.example/%E6%BD%AE"),
        ("https://a.example/100%25FF", "https://a.example/100%25FF"),
        ("https://www.rfi.fr//cn/x", "https://www.rfi.fr/cn/x"),
        ("https://a.example/潮 汐", "https://a.example/%E6%BD%AE%20%E6%B1%90"),
        ("https://medium.com/x?source=rss-216c------2", "https://medium.com/x"),
        ("https://a.example/x?utm_source=a&id=3&fbclid=z#top", "https://a.example/x?id=3"),
        ("https://a.example:443/x", "https://a.example:443/x"),
        ("https://潮.example/", "https://xn--ngx.example/"),
        (
            "https://a.example/後院起火?%e5%b7%b4/a-5",
            "https://a.example/%E5%BE%8C%E9%99%A2%E8%B5%B7%E7%81%AB?%E5%B7%B4/a-5",
        ),
        ("https://a.example/x?page", "https://a.example/x?page"),
        ("https://a.example/x?fbclid", "https://a.example/x"),
        ("javascript:alert(1)", ""),
        ("https://", ""),
        ("https://[bad", ""),
        ("not an address", ""),
    ],
)
def test_canonical_url(url, canonical):
    assert links.canonical_url(url) == canonical
    assert links.canonical_url(canonical) == canonical


ODD = st.text("ab.Z9/-_~!$'()*+,;=:@%?#&[]|\\ \né", max_size=12)


@given(st.sampled_from(["http://", "https://", "https://a.b", "https://a-b.c/", "http://x:80/", "HTTP://a/"]), ODD)
def test_an_address_that_is_taken_for_canonical_at_sight_is(start, rest):
    with patch.object(links, "_CANONICAL", re.compile(r"(?!)")):
        looked_at = links.canonical_url(start + rest)
    assert links.canonical_url(start + rest) == looked_at


@pytest.mark.parametrize(
    "same",
    [
        ("http://www.bbc.com/zhongwen/x", "https://bbc.com/zhongwen/x/", "https://www.bbc.co.uk/zhongwen/x"),
        ("https://www.dw.com/zh/%E6%BD%AE/a-71", "https://api.dw.com/api/detail/article/71", "https://p.dw.com/a-71"),
        ("https://www.voachinese.com/a/slug-1/5610942.html", "https://www.voachinese.com/a/5610942.html"),
        ("https://medium.com/x?source=rss-1", "https://medium.com/x"),
        ("https://m.allnow.com/post/1", "https://www.allnow.com/post/1"),
        (
            "https://www.bbc.com/zhongwen/x?at_medium=RSS&at_campaign=rss&at_bbc_team=editorial",
            "https://www.bbc.com/zhongwen/x?ocid=socialflow_twitter",
            "https://www.bbc.com/zhongwen/x?xtor=AL-73-x&ns_mchannel=rss&ns_source=PublicRSS20-sa",
            "https://www.bbc.com/zhongwen/x",
        ),
        ("https://www.dw.com/zh/x/a-71?maca=chi-rss-chi-all-1127-xml-mrss", "https://www.dw.com/zh/x/a-71"),
        ("https://www.dw.com/zh/後院起火? 巴西也要/a-72", "https://www.dw.com/zh/a-72"),
        ("https://x.com/a/status/1?s=43&t=Zk", "https://x.com/a/status/1"),
        ("https://www.rfi.fr/cn/x?ref=tw", "https://www.rfi.fr/cn/x?xtor=CS1-19", "https://www.rfi.fr/cn/x"),
        ("https://www.voachinese.com/a/5.html?ltflags=mailer", "https://www.voachinese.com/a/5.html?utm_source=rss"),
        (
            "https://cn.nytimes.com/x/?smid=tw-share&emc=rss&partner=rss&ref=asia",
            "https://cn.nytimes.com/x/?action=click&module=Top&region=Footer&pgtype=Article",
            "https://cn.nytimes.com/x/",
        ),
    ],
)
def test_one_article_has_one_key(same):
    assert len({links.address_key(url) for url in same}) == 1


def test_other_articles_have_other_keys():
    urls = ["https://a.example/1", "https://a.example/2", "https://a.example/?p=1", "https://a.example/?p=2"]
    urls += ["https://a.example/?ref=1", "https://a.example/?action=x", "https://a.example/?smid=s"]
    urls += ["https://www.rfa.org/x?encoding=traditional", "https://www.rfa.org/x?encoding=simplified"]
    urls += ["https://www.nytimes.com/x?pagewanted=2", "https://www.nytimes.com/x", "https://notnytimes.com/x?emc=rss"]

    assert len({links.address_key(url) for url in urls}) == len(urls)


@pytest.mark.parametrize(
    ("address", "followed"),
    [
        ("/x", "https://a.example/x"),
        ("//b.example/x", "https://b.example/x"),
        ("https://www.google.com/url?q=https://b.example/x&sa=D", "https://b.example/x"),
        ("https://slack-redir.net/link?url=https%3A%2F%2Fb.example%2F", "https://b.example/"),
        ("https://b.example/a b", "https://b.example/a%20b"),
        ("mailto:a@b.example", "mailto:a@b.example"),
        (" java\nscript:alert(1)", ""),
        ("\x01javascript:alert(1)", ""),
        ("javas\u200bcript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("https://[bad", ""),
        ("https:///nohost", ""),
        ("http://%20b.example/%20a", ""),
        ("x" * 5000, ""),
        ("", ""),
    ],
)
def test_clean_link(address, followed):
    assert links.clean_link(address, "https://a.example/articles/1") == followed


def test_redirectors_that_lead_in_a_circle_end():
    circle = "https://l.facebook.com/l.php?u=https://l.facebook.com/l.php?u=https://b.example/"

    assert links.clean_link(circle, "https://a.example/").startswith("https://")


@pytest.mark.parametrize(
    ("frame", "page", "provider"),
    [
        ("https://www.youtube-nocookie.com/embed/a-B_1?rel=0", "https://www.youtube.com/watch?v=a-B_1", "YouTube"),
        ("//player.vimeo.com/video/42?x", "https://vimeo.com/42", "Vimeo"),
        (
            "https://cdn.embedly.com/widgets/media.html?src=https%3A%2F%2Fx&url=https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3DT7",
            "https://www.youtube.com/watch?v=T7",
            "YouTube",
        ),
        ("https://charts.example/x/", "https://charts.example/x/", "charts.example"),
        ("about:blank", "", ""),
        ("", "", ""),
    ],
)
def test_player_page(frame, page, provider):
    assert links.player_page(frame, "https://a.example/") == (page, provider)
