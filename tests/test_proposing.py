"""Tag proposals: found by name and by what was learned, with reasons and places; accepted and refused once for all."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import reverse

from articles import curation, proposing, search, tagging
from articles.models import Article, Deed, TagAlias, TagClue, TaggedArticle, TagVerdict
from articles.proposing.matching import Names, heads_of, words_of
from tests import makers

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    user = makers.UserMaker(username="editor")
    user.groups.add(Group.objects.get(name="editor"))
    return user


def proposed(article):
    return [proposal.tag.name for proposal in proposing.proposals_for(Article.objects.get(pk=article.pk))]


def article_of(title="無題", text="沒有。", **more):
    return makers.ArticleMaker(title=title, text=text, body=f"<p>{text}</p>", **more)


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("香港", "在香港的人", True),
        ("香港", "香和港", False),
        ("歐盟", "欧盟说", True),
        ("欧盟", "歐盟說", True),
        ("ＡＩ", "用ai的人", True),
        ("AI", "said aid", False),
        ("AI", "OpenAI", False),
        ("vaccine", "two vaccines came", True),
        ("Hong Kong", "in HONG\nKONG, today", True),
        ("C++ 語言", "c++ 语言", True),
        ("美", "美國", False),  # one character is no name
        ("新聞", "新聞說", False),  # says what every article is
    ],
)
def test_names_are_found_folded_and_as_whole_words(name, text, found):
    makers.TagMaker(name=name, slug="x")
    assert proposed(article_of(text=text)) == ([name] if found else [])


def test_the_longest_name_wins_and_names_inside_it_are_not_counted():
    for name in ("中國", "中國人民銀行", "人民"):
        makers.TagMaker(name=name, slug=name)
    assert proposed(article_of("中國人民銀行降息")) == ["中國人民銀行"]


def test_every_name_in_a_text_has_a_head_by_which_it_is_looked_up():
    text = "在香港g20峰会 hong kong ai"
    assert {"香港", "g2", "峰会", "ho", "ko", "ai"} <= heads_of(text)
    names = {"香港": 1, "g20": 2, "峰会": 3, "hong kong": 4, "ai": 5}
    assert set(Names(names).found_in(text)) == {1, 2, 3, 4, 5}


def test_an_alias_proposes_its_tag():
    tag = makers.TagMaker(name="川普", slug="x")
    TagAlias.objects.create(tag=tag, name="特朗普")
    assert proposed(article_of("特朗普來訪")) == ["川普"]


def test_a_title_counts_more_than_a_text_and_more_mentions_more_than_one():
    for name in ("港口", "農場", "燈光"):
        makers.TagMaker(name=name, slug=name)
    assert proposed(article_of("港口", "燈光。農場，農場，農場。")) == ["港口", "農場", "燈光"]


def test_reasons_say_where_the_name_stands():
    makers.TagMaker(name="农场", slug="x")
    article = article_of("倉庫變農場", "這座農場很大。")
    title, text = proposing.proposals_for(article)[0].reasons
    assert [(piece.text, piece.marked) for piece in title.places[0]] == [("倉庫變", False), ("農場", True)]
    assert [(piece.text, piece.marked) for piece in text.places[0]] == [
        ("這座", False),
        ("農場", True),
        ("很大。", False),
    ]


def test_what_the_article_has_its_publishers_name_and_what_was_refused_are_not_proposed(editor):
    for name in ("港口", "德國之聲", "農場"):
        makers.TagMaker(name=name, slug=name)
    source = makers.SourceMaker(name="德國之聲")
    article = article_of("港口 德國之聲 農場", source=source)
    tags = {proposal.tag.name: proposal.tag for proposal in proposing.proposals_for(article)}
    assert set(tags) == {"港口", "農場"}
    proposing.accept(article, tags["港口"], editor)
    proposing.refuse(article, tags["農場"], editor)
    assert proposed(article) == []
    assert [tag.name for tag in proposing.refused_for(article)] == ["農場"]
    proposing.offer_again(article, tags["農場"], editor)
    assert proposed(article) == ["農場"]


def test_an_accepted_tag_is_an_editors_and_leaves_a_revision_a_search_entry_and_a_line(editor):
    tag = makers.TagMaker(name="港口", slug="x")
    article = article_of("港口")
    proposing.accept(article, tag, editor)
    assert article.tagged.get().origin == TaggedArticle.Origin.EDITOR
    assert article.revisions.latest("id").facts["tags"] == ["港口"]
    assert search.matching(Article.objects.all(), search.parse("tag:港口")).get() == article
    assert Deed.objects.get().note.endswith("“港口”")


def test_refusals_elsewhere_make_a_tag_less_likely_and_acceptances_more(editor):
    tag = makers.TagMaker(name="港口", slug="x")
    article = article_of("港口")

    def chance():
        return proposing.proposals_for(article)[0].chance

    before = chance()
    proposing.accept(article_of("港口"), tag, editor)
    liked = chance()
    for _ in range(3):
        proposing.refuse(article_of("港口"), tag, editor)
    assert liked > before > chance()


def learned_site():
    """Ten articles about fishing with a tag that no text names, and thirty about something else."""
    tag, other = makers.TagMaker(name="海洋經濟", slug="a"), makers.TagMaker(name="其餘", slug="b")
    for number in range(40):
        one, title = (other, "小城圖書館開放夜間閱覽") if number % 4 else (tag, "漁船出海捕撈鱈魚")
        TaggedArticle.objects.create(tag=one, content_object=article_of(title))
    search.index(list(Article.objects.values_list("pk", flat=True)))
    return tag


def test_words_of_tagged_articles_speak_for_their_tag():
    learned_site()
    new = article_of("渔船停在港口 鳕鱼价格上涨")
    assert proposed(new) == []
    call_command("learn_topics", verbosity=0)
    assert proposed(new) == ["海洋經濟"]
    (reason,) = proposing.proposals_for(new)[0].reasons
    assert "鳕鱼" in reason.words or "渔船" in reason.words
    assert Deed.objects.get(verb="learn").details["articles"] == 40


def test_a_name_that_seldom_means_its_tag_is_believed_less():
    tag = makers.TagMaker(name="圖書館", slug="x")
    before = proposing.proposals_for(article_of("圖書館"))[0].chance
    learned_site()  # thirty titles name it, none has it
    proposing.learn()
    assert TagClue.objects.get(tag=tag, kind="title").share < 0.1
    assert not [one for one in proposing.proposals_for(article_of("圖書館")) if one.chance >= before]


def test_learning_anew_replaces_what_was_learned():
    learned_site()
    number = proposing.learn()
    assert proposing.learn() == number == TagClue.objects.count()
    TaggedArticle.objects.all().delete()
    assert proposing.learn() == 0


def test_words_that_only_hold_sentences_together_are_not_learned_from():
    assert words_of("", "这是的 the http 2024") == set()
    assert {"渔船", "渔船出", "渔船出海", "cod"} <= words_of("渔船出海 cods", "")


def test_questions_do_not_grow_with_tags_or_text(django_assert_num_queries):
    small, large = article_of("港口"), article_of("港口", "港口與農場。" * 2000)
    makers.TagMaker(name="港口", slug="x")
    for number in range(300):
        makers.TagMaker(name=f"港口{number}號", slug=f"s{number}")
    makers.TagMaker(name="農場", slug="y")
    for article in (small, large):
        with django_assert_num_queries(8):
            proposing.proposals_for(article)


def test_a_merged_tags_verdicts_go_with_it(editor):
    tag, target = makers.TagMaker(name="川普", slug="x"), makers.TagMaker(name="特朗普", slug="y")
    article, both = makers.ArticleMaker(), makers.ArticleMaker()
    proposing.refuse(article, tag, editor)
    proposing.refuse(both, tag, editor)
    proposing.judge(both, target, editor, accepted=True)
    tagging.merge_tags(tag, target, editor)
    verdicts = TagVerdict.objects.order_by("article").values_list("article", "tag", "accepted")
    assert list(verdicts) == [(article.pk, target.pk, False), (both.pk, target.pk, True)]


# --- At the desk ---


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


def send(client, article, proposal, **more):
    return client.post(reverse("admin:articles_article_proposal", args=[article.pk]), {"proposal": proposal} | more)


def test_triage_shows_proposals_with_their_keys_and_undoes_an_accepted_one(desk):
    tag = makers.TagMaker(name="港口", slug="x")
    article = article_of("港口", status="inbox")
    home = "/admin/articles/article/triage/"
    page = desk.get(home).content.decode()
    assert f'value="accept-{tag.pk}" data-key="1"' in page
    answer = send(desk, article, f"accept-{tag.pk}", next=home)
    assert (answer.status_code, answer["Location"]) == (302, home)
    assert article.tagged.get().tag == tag
    desk.post(home, {"deed": "undo"})
    assert not article.tagged.exists()


def test_the_way_back_stays_on_this_site(desk):
    tag = makers.TagMaker(name="港口", slug="x")
    answer = send(desk, article_of("港口"), f"refuse-{tag.pk}", next="https://evil.example/")
    assert answer["Location"].startswith("/admin/articles/article/")


@pytest.mark.parametrize("proposal", ["", "accept", "accept-x", "drop-1", f"accept-{'9' * 30}"])
def test_nonsense_does_nothing(desk, proposal):
    assert send(desk, article_of(), proposal).status_code == 302
    assert not TagVerdict.objects.exists()


def test_an_item_in_somebody_elses_hand_is_not_tagged(desk):
    tag, article = makers.TagMaker(name="港口", slug="x"), article_of("港口", status="inbox")
    curation.claim(article.pk, makers.UserMaker())
    send(desk, article, f"accept-{tag.pk}")
    assert not article.tagged.exists()


@pytest.mark.parametrize(
    ("role", "status", "allowed"),
    [
        ("", "draft", False),
        ("reporter", "draft", False),
        ("editor", "draft", True),
        ("reporter", "published", False),
        ("editor", "published", True),
        ("chief", "published", True),
    ],
)
def test_whoever_may_tag_and_change_the_article_judges(client, role, status, allowed):
    user = makers.UserMaker()
    if role:
        user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    tag, article = makers.TagMaker(name="港口", slug="x"), article_of("港口", status=status)
    assert (send(client, article, f"accept-{tag.pk}").status_code == 302) == allowed
    assert article.tagged.exists() == allowed
    assert client.get(reverse("admin:articles_article_proposal", args=[article.pk])).status_code == 405


def test_nobody_is_sent_to_sign_in(client):
    answer = send(client, article_of(), "accept-1")
    assert answer["Location"].startswith(reverse("admin:login"))


def test_beside_the_form_the_button_saves_what_was_typed_and_then_judges(desk):
    tag = makers.TagMaker(name="港口", slug="x")
    article = article_of("港口", status="draft")
    address = reverse("admin:articles_article_change", args=[article.pk])
    page = desk.get(address)
    assert f'name="_proposal" value="accept-{tag.pk}"' in page.content.decode()
    form = page.context["adminform"].form
    sent = {name: form[name].value() for name in form.fields if name not in ("go_live_at", "expire_at")}
    sent |= {"published_at_0": "2025-01-28", "published_at_1": "06:17:04", "byline": "getippt", "topics": []}
    for prefix in ("article_images", "article_images-2"):
        sent |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    sent = {name: value for name, value in sent.items() if value is not None}
    answer = desk.post(address, sent | {"_proposal": f"accept-{tag.pk}"})
    assert (answer.status_code, answer["Location"]) == (302, address)
    assert Article.objects.get(pk=article.pk).byline == "getippt"
    assert article.tagged.get().tag == tag
