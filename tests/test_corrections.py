"""Notes to readers: who writes them, where they stand, that they only ever grow or are withdrawn."""

import datetime

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from articles import curation
from articles.models import Article, Correction, changed_at, notes_of, with_notes
from tests.makers import ArticleMaker, CorrectionMaker, UserMaker

TEXT = "城市名写错了：应为“哥本哈根”。"


def member(role):
    user = UserMaker()
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def article(db):
    return ArticleMaker()


def noted(article):
    return with_notes(Article.objects.filter(pk=article.pk)).get()


def test_a_note_stands_on_the_page_above_and_below_the_text_with_its_day(client, article):
    curation.correct(article, "correction", f"  {TEXT} ", member("editor"))
    page = client.get(article.get_absolute_url()).content.decode().partition("<main")[2]
    assert page.count(TEXT) == 2
    assert page.count(f'<time datetime="{Correction.objects.get().made_at:%Y-%m-%dT%H:%M:%SZ}">') == 2
    assert 'class="fresh-notes"' in page
    assert "1 note to readers" in page


def test_after_a_week_a_note_stands_only_below_and_the_top_says_that_there_are_some(client, article):
    CorrectionMaker(article=article, text=TEXT, made_at=timezone.now() - datetime.timedelta(days=9))
    page = client.get(article.get_absolute_url()).content.decode().partition("<main")[2]
    assert page.count(TEXT) == 1
    assert 'class="fresh-notes"' not in page
    assert page.count('href="#notes"') == 1


@pytest.mark.parametrize("notes", [0, 1, 5])
def test_notes_cost_the_page_no_query(client, article, notes, django_assert_num_queries):
    CorrectionMaker.create_batch(notes, article=article)
    with django_assert_num_queries(5):
        page = client.get(article.get_absolute_url())
    assert len(page.context["notes"]) == notes


def test_a_withdrawn_note_leaves_its_trace_and_not_its_words(client, article):
    editor = member("editor")
    note = curation.correct(article, "update", TEXT, editor)
    curation.withdraw_correction(note, editor, "falscher Artikel")
    for address in (article.get_absolute_url(), reverse("changes", args=[article.pk])):
        page = client.get(address).content.decode()
        assert TEXT not in page
        assert "falscher Artikel" not in page
        assert "This note was withdrawn on" in page
    note.refresh_from_db()
    assert (note.text, note.withdrawn_by, note.withdrawn_because) == (TEXT, editor, "falscher Artikel")
    with pytest.raises(curation.Refused, match="already"):
        curation.withdraw_correction(note, editor, "noch einmal")


def test_a_withdrawal_without_a_reason_is_refused_by_the_service_and_by_the_database(article):
    note = CorrectionMaker(article=article)
    with pytest.raises(curation.Refused, match="why"):
        curation.withdraw_correction(note, member("editor"), "  ")
    with pytest.raises(IntegrityError), transaction.atomic():
        Correction.objects.filter(pk=note.pk).update(withdrawn_at=timezone.now())


@pytest.mark.parametrize(("kind", "text"), [("correction", " \n "), ("joke", TEXT), ("correction", "x" * 2001)])
def test_a_note_of_no_kind_without_words_or_too_long_is_refused(article, kind, text):
    with pytest.raises(curation.Refused):
        curation.correct(article, kind, text, member("chief"))
    assert not Correction.objects.exists()


def test_a_reporter_writes_no_note(article):
    with pytest.raises(curation.Refused, match="not yours"):
        curation.correct(article, "correction", TEXT, member("reporter"))
    with pytest.raises(curation.Refused, match="not yours"):
        curation.withdraw_correction(CorrectionMaker(article=article), member("reporter"), "why")


def test_the_change_log_shows_notes_of_an_article_that_its_source_never_changed(client, article):
    address = reverse("changes", args=[article.pk])
    assert client.get(address).status_code == 404
    CorrectionMaker(article=article, text=TEXT)
    assert TEXT in client.get(address).content.decode()


def test_a_note_is_converted_for_readers_of_the_other_script(client, article):
    CorrectionMaker(article=article, text="城市名写错了，应为东京。")
    assert "城市名寫錯了，應為東京。" in client.get(f"/zh-hant{article.get_absolute_url()}").content.decode()


def test_the_export_record_has_the_notes_that_stand(client, article):
    CorrectionMaker(article=article, text=TEXT, made_at=datetime.datetime(2025, 2, 1, 8, tzinfo=datetime.UTC))
    CorrectionMaker(article=article, withdrawn_at=timezone.now(), withdrawn_because="x")
    record = client.get(reverse("article_json", args=[article.pk])).json()
    assert record["corrections"] == [{"kind": "correction", "text": TEXT, "date": "2025-02-01T08:00:00Z"}]


def test_the_day_of_the_last_change_follows_edits_notes_and_withdrawals(article):
    assert changed_at(noted(article)) is None
    hour = datetime.timedelta(hours=1)
    start = timezone.now().replace(microsecond=0)
    editor = member("editor")
    with time_machine.travel(start, tick=False) as clock:
        curation.mark_edited(article, editor)
        assert changed_at(noted(article)) == start
        clock.shift(hour)
        note = curation.correct(article, "update", TEXT, editor)
        assert changed_at(noted(article)) == start + hour
        clock.shift(hour)
        curation.withdraw_correction(note, editor, "x")
        assert changed_at(noted(article)) == start + 2 * hour
        assert notes_of(noted(article)) == []


@pytest.mark.django_db(transaction=True)
def test_writing_and_withdrawing_turn_the_edition(client):
    article, editor = ArticleMaker(), UserMaker(is_superuser=True)
    held = [client.get("/")["ETag"]]
    note = curation.correct(article, "correction", TEXT, editor)
    held.append(client.get("/")["ETag"])
    curation.withdraw_correction(note, editor, "x")
    held.append(client.get("/")["ETag"])
    assert len(set(held)) == 3


@pytest.mark.parametrize("role", ["", "reporter", "editor", "chief"])
def test_at_the_desk_each_role_sees_or_writes_what_it_may(client, article, role):
    user = member(role) if role else UserMaker()
    client.force_login(user)
    address = reverse("admin:articles_article_corrections", args=[article.pk])
    assert client.get(address).status_code == (200 if role else 403)
    answer = client.post(address, {"kind": "correction", "text": TEXT})
    writes = role in ("editor", "chief")
    assert answer.status_code == (302 if writes else 403)
    assert Correction.objects.count() == writes
    if writes:
        note = Correction.objects.get()
        assert note.made_by == user
        client.post(address, {"withdraw": note.pk, f"reason-{note.pk}": "irrig"})
        note.refresh_from_db()
        assert note.withdrawn_because == "irrig"


def test_a_note_that_is_refused_at_the_desk_keeps_what_was_typed(client, article):
    client.force_login(member("editor"))
    address = reverse("admin:articles_article_corrections", args=[article.pk])
    page = client.post(address, {"kind": "nothing", "text": TEXT}).content.decode()
    assert TEXT in page
    assert "A note is a correction" in page


def test_a_note_of_another_article_is_not_withdrawn_here(client, article):
    other = CorrectionMaker()
    client.force_login(member("chief"))
    address = reverse("admin:articles_article_corrections", args=[article.pk])
    for number in (other.pk, "x", "9" * 30):
        assert client.post(address, {"withdraw": number, f"reason-{other.pk}": "y"}).status_code == 404
    other.refresh_from_db()
    assert other.withdrawn_at is None
