"""One event as several sources told it: proposed once, confirmed by an editor, shown to readers."""

import datetime

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.management import call_command
from django.urls import reverse

from articles import likeness
from articles.curation import Refused, stories
from articles.ingest import crew
from articles.ingest.crew import processes
from articles.models import Article, KeyTerm, PossibleDuplicate, Signature, Source, Story, StoryArticle
from tests import makers
from tests.importing.readings import at

pytestmark = pytest.mark.django_db
SEEDS = "seeds"


@pytest.fixture
def archive():
    """The seeds, which hold one event told by three sources."""
    cache.clear()
    call_command("import_articles", SEEDS, "--publish", "--no-images", "--jobs", "1", verbosity=0)


@pytest.fixture
def editor():
    user = makers.UserMaker()
    user.groups.add(Group.objects.get(name="editor"))
    return user


@pytest.fixture
def story():
    """A confirmed story of two reports by two sources."""
    story = makers.StoryMaker()
    texts = {29: "船行了452天，船匠安東說「帆是舊的」。", 28: "船行了一年多，港口放了煙火。"}
    for day, text in texts.items():
        article = makers.ArticleMaker(title=f"帆船{'環球'[day - 28]}", text=text, listed_at=at(7, day))
        makers.StoryPlaceMaker(story=story, article=article)
    return story


def words_for(story, **changed):
    return {"title": story.title, "slug": story.slug, "standfirst": story.standfirst} | changed


def propose_again():
    return likeness.propose_stories(likeness.days_of(Article.objects.values_list("pk", flat=True)))


def test_an_import_proposes_the_event_that_three_sources_tell_and_nothing_else(archive):
    story = Story.objects.get()
    assert story.state == "proposed"
    assert set(story.articles.values_list("source__slug", flat=True)) == {"dw", "bbc", "rfi"}
    assert "帆船" in story.reason
    assert not Story.objects.confirmed().exists()


def propose_after_learning():
    return likeness.propose_stories(likeness.days_of(likeness.learn()))


def test_several_processes_learn_and_propose_at_once_what_one_does_one_after_the_other(archive, monkeypatch):
    def done(jobs):
        for model in (KeyTerm, Story):
            model.objects.all().delete()
        Signature.objects.update(has_terms=False)
        cache.clear()
        made = likeness.learn_and_propose(jobs) if jobs else propose_after_learning()
        terms = set(KeyTerm.objects.values_list("article", "key", "weight"))
        places = set(StoryArticle.objects.values_list("story__title", "article", "story__score", "story__reason"))
        return made, terms, places, Signature.objects.filter(has_terms=False).count()

    monkeypatch.setattr(likeness.learning, "BATCH", 3)
    monkeypatch.setattr(likeness.events, "STRETCH", datetime.timedelta(days=2))
    monkeypatch.setattr(likeness.following, "TOGETHER", 4)
    apart = done(0)
    assert (apart[0], apart[-1]) == (1, 0)
    assert apart[1]
    assert done(1) == apart
    began = []
    monkeypatch.setattr(crew, "processes", lambda *how: began.append(how) or processes(*how))
    assert done(2) == apart
    assert len(began) == 1


def test_an_import_that_brings_nothing_new_looks_at_no_lead(archive, monkeypatch):
    monkeypatch.setattr(likeness.terms, "sampled", lambda leads: pytest.fail("looked"))
    cache.clear()
    call_command("import_articles", SEEDS, "--publish", "--no-images", "--jobs", "1", verbosity=0)


def test_a_story_is_proposed_once_and_a_dismissed_one_never_again(archive, editor):
    assert propose_again() == 0
    stories.dismiss_story(Story.objects.get(), editor)
    assert propose_again() == 0
    assert Story.objects.get().state == "dismissed"


def test_a_report_that_comes_later_is_suggested_and_one_that_was_taken_out_is_not(archive, editor):
    story = Story.objects.get()
    first, second, third = story.places.order_by("article__listed_at")
    third.delete()
    second.state = "out"
    second.save()
    assert propose_again() == 0
    states = dict(story.places.values_list("article", "state"))
    assert states == {first.article_id: "suggested", second.article_id: "out", third.article_id: "suggested"}


def test_two_articles_that_repeat_each_other_are_no_story(archive):
    report = Story.objects.get().places.get(article__source__slug="bbc").article_id
    for other in Story.objects.get().articles.exclude(pk=report):
        one, two = sorted((report, other.pk))
        PossibleDuplicate.objects.create(article_id=one, other_id=two, reason="alike", likeness=90)
    Story.objects.all().delete()
    propose_again()
    assert set(Story.objects.get().articles.values_list("source__slug", flat=True)) == {"dw", "rfi"}


def test_readers_see_a_story_when_an_editor_has_confirmed_it(client, archive, editor):
    story = Story.objects.get()
    assert client.get(story.get_absolute_url()).status_code == 404
    reports = list(story.articles.values_list("pk", flat=True))
    stories.confirm_story(story, editor, words_for(story, title="小帆船環球", slug="小帆船"), reports[:2])
    page = client.get("/story/小帆船/").content.decode()
    shown = Article.objects.filter(pk__in=reports)
    assert [article.title in page for article in shown] == [article.pk in reports[:2] for article in shown]
    assert "/story/" in client.get(shown.get(pk=reports[0]).get_absolute_url()).content.decode()
    assert story.places.get(article=reports[2]).state == "out"
    assert (story.decided_by, story.state) == (editor, "confirmed")


def test_a_story_costs_four_queries_and_an_articles_page_none_for_it(client, story, django_assert_num_queries):
    for _ in range(5):
        makers.StoryPlaceMaker(story=story)
    client.get("/")
    with django_assert_num_queries(4):
        page = client.get(story.get_absolute_url())
    assert page.status_code == 200
    with django_assert_num_queries(2):
        client.get(reverse("stories"))
    report = story.articles.first().get_absolute_url()
    with django_assert_num_queries(5):
        shown = client.get(report).content.decode()
    assert story.get_absolute_url() in shown


def test_what_only_one_source_mentions_is_told_word_for_word(client, story):
    page = client.get(story.get_absolute_url())
    assert [telling.alone for telling in page.context["tellings"]] == [[], ["452天", "「帆是舊的」"]]
    Article.objects.update(text="船行了４５２天，船匠說“帆是旧的”。")
    page = client.get(story.get_absolute_url())
    assert [telling.alone for telling in page.context["tellings"]] == [[], []]


def test_quotations_are_not_compared_across_languages(client, story):
    Article.objects.filter(title="帆船環").update(language="en", text="He said “the sails are old”.")
    page = client.get(story.get_absolute_url())
    assert page.context["tellings"][1].alone == ["452天"]


def test_a_withdrawn_report_is_gone_and_a_story_without_reports_is_not_found(client, story):
    first, second = story.articles.all()
    Article.objects.filter(pk=first.pk).update(status="withdrawn")
    assert first.title not in client.get(story.get_absolute_url()).content.decode()
    Article.objects.filter(pk=second.pk).update(status="withdrawn")
    assert client.get(story.get_absolute_url()).status_code == 404
    assert story.title not in client.get(reverse("stories")).content.decode()
    assert story.slug not in client.get("/sitemap-stories.xml").content.decode()


def test_a_former_address_leads_to_the_new_one(client, story, editor):
    before = story.get_absolute_url()
    reports = list(story.articles.values_list("pk", flat=True))
    stories.confirm_story(story, editor, words_for(story, slug="新的地址"), reports)
    answer = client.get(before)
    assert (answer.status_code, answer["Location"]) == (301, story.get_absolute_url())


def test_a_story_is_in_the_sitemap(client, story):
    Source.objects.update(indexing=Source.Indexing.OWN)
    assert "/story/" in client.get("/sitemap-stories.xml").content.decode()


@pytest.mark.parametrize("fault", ["title", "slug", "reports"])
def test_a_story_without_title_address_or_second_report_is_refused(story, editor, fault):
    other, reports = makers.StoryMaker(), list(story.articles.values_list("pk", flat=True))
    words = words_for(story)
    if fault == "reports":
        reports = reports[:1]
    else:
        words[fault] = " " if fault == "title" else other.slug
    with pytest.raises(Refused):
        stories.confirm_story(story, editor, words, reports)
    assert StoryArticle.objects.filter(story=story, state="in").count() == 2


def test_the_desk_does_each_deed_without_script(client, story, editor):
    client.force_login(editor)
    address = reverse("admin:articles_story_change", args=[story.pk])
    article = makers.ArticleMaker()
    assert story.articles.first().title in client.get(address).content.decode()
    client.post(address, {"deed": "add", "words": f"http://x/a/{article.pk}/slug/"})
    assert story.articles.filter(pk=article.pk).exists()
    for deed, state in (("dismiss", "dismissed"), ("reopen", "proposed")):
        client.post(address, {"deed": deed})
        assert Story.objects.get(pk=story.pk).state == state
    reports = [str(pk) for pk in story.articles.values_list("pk", flat=True)[:2]]
    client.post(address, words_for(story) | {"deed": "confirm", "report": reports})
    assert Story.objects.get(pk=story.pk).state == "confirmed"


def test_only_editors_decide(client, story):
    reporter = makers.UserMaker()
    reporter.groups.add(Group.objects.get(name="reporter"))
    client.force_login(reporter)
    address = reverse("admin:articles_story_change", args=[story.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"deed": "dismiss"}).status_code == 403
    with pytest.raises(Refused):
        stories.dismiss_story(story, reporter)
