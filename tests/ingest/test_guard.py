"""Hostile sizes: the work stays bounded, the words stay. Each case would take minutes or all memory unguarded."""

import pytest

from articles.ingest import read
from articles.ingest.guard import bounded

HEADER = "<!--1700000000000-->\n[題](https://www.example.com/a)\n------\n\n"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("<div>" * 100_000 + "深", id="deep blocks"),
        pytest.param("<b><i>" * 50_000 + "深", id="deep formats"),
        pytest.param("<ul><li>" * 30_000 + "深", id="deep lists"),
        pytest.param("<table><tr><td>" * 20_000 + "深", id="deep tables"),
        pytest.param("<div><!--</div>-->" * 30_000 + "深", id="ends in comments"),
        pytest.param('<div><p title="</div>">' * 30_000 + "深", id="ends in attributes"),
        pytest.param("<p " + " ".join(f"a{n}=1" for n in range(200_000)) + ">深", id="many attributes"),
        pytest.param("<p " + " ".join(f"a{n} <b{n}=1" for n in range(100_000)) + ">深", id="many odd attributes"),
        pytest.param("".join(f"<font color={n}>" for n in range(3_000)) + "<p>x" * 3_000 + "深", id="open formats"),
        pytest.param("<p>中" + "\n<b>\n" * 50_000 + "深", id="gaps without end"),
        pytest.param("<!--" * 200_000 + "--><p>深", id="open comments"),
    ],
)
def test_hostile_bodies_are_read(body):
    assert "深" in read((HEADER + body).encode(), "a.md").text


def test_ordinary_bodies_are_left_alone():
    body = "<div><p title='a>b'>x</p></div>" * 100

    assert bounded(body) == body


def test_long_data_addresses_do_not_cost_a_picture_its_other_attributes():
    tag = f'<img src="data:image/png;base64,{"A" * 20_000}" data-src="/a.jpg">'

    assert 'data-src="/a.jpg"' in bounded(tag)


@pytest.mark.parametrize("body", ["<p>潮<e<!-->水</e<!-->退</p>", "<p>潮</p><a<!-- href=x>水</a>退 -->", "<e<!-->"])
def test_a_name_with_the_signs_of_a_comment_hides_no_text_and_leaves_no_empty_paragraph(body):
    kept = read((HEADER + body).encode(), "articles/bbc/1.md").html

    assert all(word in kept for word in "潮水退" if word in body)
    assert "<p></p>" not in kept
