"""Taking down: who may, since when and until when, what may not come back by any door, and what the public is told."""

import contextlib
import datetime
import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from articles import search
from articles.curation import Refused, move, restore, save_edited, takedowns
from articles.curation.takedown_scope import beginning
from articles.models import (
    Article,
    Block,
    Deed,
    Entry,
    ImportRun,
    Revision,
    TakeDown,
    keep_baseline,
    preview_address,
)
from tests import makers
from tests.takedowns import PARAGRAPHS, SECRET, WORDS, demand, imported, member, originals_of, write_secret

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)
State = TakeDown.State


@pytest.fixture
def chiefs(db):
    return [member("chief-1", "chief"), member("chief-2", "chief")]


@pytest.fixture
def now(django_capture_on_commit_callbacks):
    """Do something, and what follows its commit."""

    def done(deed, *arguments, **named):
        with django_capture_on_commit_callbacks(execute=True):
            return deed(*arguments, **named)

    return done


def status_of(client, article) -> int:
    return client.get(f"/a/{article.pk}/{article.slug}/").status_code


# --- Who may ---


def test_only_chiefs_take_down_and_others_file_requests(chiefs, now):
    article = makers.ArticleMaker()
    for role in ("reporter", "editor"):
        person = member(f"a {role}", role)
        with pytest.raises(Refused):
            takedowns.take(demand(article_number=article.pk), person)
        request = takedowns.ask(demand(article_number=article.pk), person)
        assert request.state == State.REQUESTED
        assert Article.objects.published().filter(pk=article.pk).exists(), "asking does nothing"
        with pytest.raises(Refused):
            takedowns.take(request, person)
    now(takedowns.take, request, chiefs[0])
    assert not Article.objects.published().filter(pk=article.pk).exists()
    with pytest.raises(Refused):
        takedowns.ask(demand(article_number=article.pk), makers.UserMaker())


def test_of_two_chiefs_who_decide_at_once_the_second_is_refused(chiefs, now):
    request = takedowns.ask(demand(article_number=makers.ArticleMaker().pk), chiefs[0])
    same = TakeDown.objects.get(pk=request.pk)
    now(takedowns.take, request, chiefs[0])
    for late in (lambda: takedowns.take(same, chiefs[1]), lambda: takedowns.decline(same, chiefs[1], "nein")):
        with pytest.raises(Refused):
            late()
    assert TakeDown.objects.get().decided_by == chiefs[0]


def test_a_declined_request_changes_nothing_and_says_why(chiefs):
    article = makers.ArticleMaker()
    request = takedowns.ask(demand(article_number=article.pk), chiefs[0])
    with pytest.raises(Refused):
        takedowns.decline(request, chiefs[0], " ")
    takedowns.decline(request, chiefs[0], "Der Antrag nennt keine Rechtsgrundlage.")
    assert (request.state, request.declined_because[:10]) == (State.DECLINED, "Der Antrag")
    assert Article.objects.published().filter(pk=article.pk).exists()


def test_two_people_restore_and_the_database_itself_insists(chiefs, now):
    article = makers.ArticleMaker()
    take_down = now(takedowns.take, demand(article_number=article.pk), chiefs[0])
    with pytest.raises(Refused):
        takedowns.give_back(take_down, chiefs[1])  # nobody has asked
    takedowns.ask_back(take_down, chiefs[0], "Urteil aufgehoben")
    with pytest.raises(Refused):
        takedowns.give_back(take_down, chiefs[0])
    with pytest.raises(IntegrityError), transaction.atomic():
        TakeDown.objects.filter(pk=take_down.pk).update(restored_by=chiefs[0])
    with pytest.raises(IntegrityError), transaction.atomic():
        TakeDown.objects.filter(pk=take_down.pk).update(state=State.RESTORED)
    takedowns.forget_asking_back(take_down, chiefs[1])
    with pytest.raises(Refused):
        takedowns.give_back(take_down, chiefs[1])
    takedowns.ask_back(take_down, chiefs[1], "doch")
    now(takedowns.give_back, take_down, chiefs[0])
    assert Article.objects.published().filter(pk=article.pk).exists()
    verbs = list(Deed.objects.filter(kind="takedown").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["ask", "take_down", "ask_back", "decline", "ask_back", "give_back"]


# --- When ---


def test_one_that_would_end_before_it_begins_is_refused(chiefs):
    moment = timezone.now() + HOUR
    for ends in (moment - HOUR * 2, moment):
        with pytest.raises(Refused):
            takedowns.take(demand(article_number=makers.ArticleMaker().pk, begins_at=moment, ends_at=ends), chiefs[0])


def test_readers_pages_ask_no_more_than_before(client, chiefs, now):
    article, other = makers.ArticleMaker(), makers.ArticleMaker()

    def asked() -> list[int]:
        numbers = []
        for address in ("/", other.get_absolute_url(), "/archive/", f"/source/{other.source.slug}/"):
            client.get(address)
            with CaptureQueriesContext(
                connection,
            ) as caught:
                client.get(address)
            numbers.append(len(caught))
        return numbers

    before = asked()
    now(takedowns.take, demand(article_number=article.pk), chiefs[0])
    assert asked() == before


# --- What the tombstone says ---


@pytest.mark.parametrize(("basis", "status"), [("copyright", 451), ("licence", 410)])
def test_the_tombstone_names_the_basis_and_nothing_of_what_was_there(client, chiefs, now, basis, status):
    article = makers.ArticleMaker(title="絕密標題", byline="無名氏")
    take_down = now(takedowns.take, demand(article_number=article.pk, basis=basis, public_note="依法"), chiefs[0])
    for address in (
        f"/a/{article.pk}/",
        f"/a/{article.pk}.json",
        f"/api/articles/{article.pk}",
        f"/a/{article.pk}/changes/",
        preview_address(article.pk),
        f"/oembed?url=http%3A%2F%2F127.0.0.1%3A8000%2Fa%2F{article.pk}%2F",
    ):
        answer = client.get(address)
        assert answer.status_code == status, address
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Robots-Tag"] == "noindex"
        assert ("blocked-by" in answer.get("Link", "")) == (status == 451)
        text = answer.content.decode()
        assert take_down.reference in text
        assert not any(word in text for word in ("絕密標題", "無名氏", "Az. 7 O", "Landgericht", article.slug))


def test_an_article_that_is_gone_from_the_database_keeps_its_tombstone(client, chiefs, now):
    article = makers.ArticleMaker()
    number = article.pk
    take_down = now(takedowns.take, demand(article_number=number), chiefs[0])
    Article.objects.filter(pk=number).delete()
    assert client.get(f"/a/{number}/").status_code == 451
    takedowns.ask_back(take_down, chiefs[0], "vorbei")
    now(takedowns.give_back, take_down, chiefs[1])
    assert client.get(f"/a/{number}/").status_code == 404


# --- Side doors ---


def publish(article, boss):
    move(article, "withdraw", boss, "raus")
    move(article, "publish", boss)


def schedule(article, boss):
    article.go_live_at = timezone.now() - HOUR
    save_edited(article, boss)


def bring_back_a_revision(article, boss):
    keep_baseline([article.pk])
    restore(Revision.objects.filter(article=article).first(), boss)


def update_by_hand(article, _boss):
    Article.objects.filter(pk=article.pk).update(status="published", go_live_at=None, expire_at=None)


def index_again(article, _boss):
    search.index([article.pk])
    search.rebuild()


@pytest.mark.parametrize(
    "door",
    [publish, schedule, bring_back_a_revision, update_by_hand, index_again],
)
def test_no_side_door_brings_it_back(client, chiefs, now, door):
    article = makers.ArticleMaker(title="絕密標題")
    search.index([article.pk])
    now(takedowns.take, demand(article_number=article.pk), chiefs[0])
    with contextlib.suppress(Refused):
        now(door, article, makers.UserMaker(is_superuser=True))
    assert status_of(client, Article.objects.get(pk=article.pk)) == 451
    assert not Entry.objects.filter(article=article).exists()
    assert "絕密標題" not in client.get("/").content.decode()
    assert client.get("/search.json?q=絕密標題").json()["total"] == 0
    assert not search.check().any, "no entry is missed where none may be"


# --- Coming in again ---


@pytest.fixture
def secret(tmp_path, chiefs, now):
    """An imported article that was taken down, and the folder it came from."""
    write_secret(tmp_path)
    imported(tmp_path)
    article = Article.objects.get()
    take_down = now(takedowns.take, demand(article_number=article.pk), chiefs[0])
    return tmp_path, article, take_down


def only(folder, **facts):
    """A folder with nothing but one file of the secret article's kind."""
    for path in folder.rglob("*.md"):
        path.unlink()
    return write_secret(folder, **facts)


AGAIN = {
    "the same file": {},
    "the same address with another text": {"paragraphs": ("完全不同的一篇文字，談的是天氣。" * 9,), "title": "天氣"},
    "the same text at another address": {"number": SECRET + 1},
    "nearly the same text at another address": {
        "number": SECRET + 2,
        "paragraphs": (PARAGRAPHS[0].replace("守夜人", "看門人"), *PARAGRAPHS[1:], "編者按：本文略有刪改。"),
        "title": "另一個標題",
    },
}


@pytest.mark.parametrize("way", AGAIN)
def test_what_is_taken_down_is_refused_by_name_when_it_is_imported_again(secret, way):
    folder, _article, take_down = secret
    only(folder, **AGAIN[way])
    for options in (("--dry-run",), ()):
        report = imported(folder, *options)
        assert [item["result"] for item in report["items"]] == ["refused"], (way, options)
        assert take_down.reference in report["items"][0]["reason"]
    assert Article.objects.count() == 1
    file = ImportRun.objects.latest("pk").files.get()
    assert (file.code, file.result) == ("taken_down", "refused")


def test_the_same_bytes_under_another_name_are_refused_even_when_the_article_is_gone(secret):
    folder, article, take_down = secret
    [content] = originals_of(article)
    article.delete()
    for path in folder.rglob("*.md"):
        path.unlink()
    (folder / "articles" / "dw" / "other.md").write_bytes(content)
    report = imported(folder)
    assert report["items"][0]["result"] == "refused"
    assert take_down.reference in report["items"][0]["reason"]
    assert Block.objects.filter(take_down=take_down).exists()


def test_another_article_comes_in_and_the_refused_one_does_when_all_is_over(secret, chiefs, now):
    folder, article, take_down = secret
    only(folder, number=SECRET + 5, paragraphs=("冬天的碼頭風大得讓人睜不開眼，鐵門後面是溫室。" * 8,), title="溫室")
    assert imported(folder)["created"] == 1
    takedowns.ask_back(take_down, chiefs[0], "vorbei")
    now(takedowns.give_back, take_down, chiefs[1])
    only(folder)
    assert imported(folder)["unchanged"] == 1
    assert WORDS in Article.objects.published().get(pk=article.pk).text


def test_all_articles_under_an_address_go_and_none_of_them_comes(tmp_path, client, chiefs, now):
    source = makers.SourceMaker()
    under = [makers.ArticleMaker(source=source, canonical_url=f"https://news.example/politics/{n}") for n in range(3)]
    beside = makers.ArticleMaker(source=source, canonical_url="https://news.example/sport/1")
    take_down = now(takedowns.take, demand(scope="addresses", pattern="https://news.example/politics/"), chiefs[0])
    assert [status_of(client, article) for article in (*under, beside)] == [451, 451, 451, 200]
    assert take_down.source_name == source.name
    with pytest.raises(Refused):
        takedowns.take(demand(scope="addresses", pattern="https://nowhere.example/"), chiefs[0])
    makers.ArticleMaker(canonical_url="https://www.dw.com/zh/x/a-1", address_key="dw.com/a-1")
    now(takedowns.take, demand(scope="addresses", pattern="dw.com/zh/x/"), chiefs[0])
    write_secret(tmp_path)
    assert imported(tmp_path)["refused"] == 1


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("https://www.news.example/politics/", "news.example/politics/"),
        ("news.example/politics", "news.example/politics"),
        ("news.example", "news.example/"),
        ("  ", ""),
    ],
)
def test_the_beginning_of_addresses_is_read_as_keys_are(typed, key):
    assert beginning(typed) == key


# --- What the public is told ---


def test_the_public_list_tells_each_in_all_languages_and_names_nothing(client, chiefs, now):
    article = makers.ArticleMaker(title="絕密標題")
    taken = now(takedowns.take, demand(article_number=article.pk, public_note="依法院裁定"), chiefs[0])
    declined = takedowns.ask(demand(article_number=makers.ArticleMaker().pk), chiefs[0])
    takedowns.decline(declined, chiefs[0], "nein")
    waiting = takedowns.ask(demand(article_number=makers.ArticleMaker().pk), chiefs[0])
    page = client.get("/transparency/").content.decode()
    told = client.get("/transparency.json").json()
    for text in (page, str(told)):
        assert taken.reference in text
        assert article.source.name in text
        assert "依法院裁定" in text
        assert not any(word in text for word in ("絕密標題", "Landgericht", "Az. 7 O", "chief-1", waiting.reference))
    assert reverse("transparency") in client.get("/").content.decode(), "the footer leads there"
    year = timezone.now().year
    assert told["years"] == [{"number": year, "taken": 1, "legal": 1, "returned": 0, "declined": 1}]
    assert told["take_downs"][0]["status"] == 451


def test_the_public_list_is_paged_by_place_and_asks_as_much_for_many(client, django_assert_max_num_queries):
    begins = timezone.now() - HOUR
    rows = [
        demand(
            article_number=number,
            subject="x",
            state=State.IN_FORCE,
            decided_at=begins,
            begins_at=begins - number * HOUR,
            applied_at=begins,
        )
        for number in range(120)
    ]
    TakeDown.objects.bulk_create(rows)
    seen, address = [], "/transparency.json"
    while address:
        with django_assert_max_num_queries(5):
            told = client.get(address).json()
        seen += [entry["reference"] for entry in told["take_downs"]]
        address = told["next"] and told["next"].removeprefix("http://127.0.0.1:8000")
    assert len(seen) == len(set(seen)) == 120
    with django_assert_max_num_queries(5):
        page = client.get("/transparency/").content.decode()
    assert 'rel="next"' in page
    assert client.get("/transparency/?before=nonsense").status_code == 404


# --- The desk ---


def typed(**facts) -> dict:
    return {
        "scope": "article",
        "basis": "court",
        "requester_kind": "court",
        "reason": "Az. 7 O 12/25",
    } | facts


def test_a_chief_sees_the_consequences_first_and_then_takes_down(client, chiefs):
    article = makers.ArticleMaker(title="絕密標題")
    client.force_login(chiefs[0])
    add = reverse("admin:articles_takedown_add")
    assert "絕密標題" in client.get(f"{add}?article={article.pk}").content.decode()
    page = client.post(add, typed(article_number=article.pk, step="preview")).content.decode()
    assert "What would happen" in page
    assert not TakeDown.objects.exists()
    seen = page.split('name="seen" value="')[1].split('"')[0]
    changed = client.post(add, typed(article_number=article.pk, step="take", seen="0-0-0-0-0"))
    assert changed.status_code == 200
    assert not TakeDown.objects.exists(), "the numbers are not those that were seen"
    answer = client.post(add, typed(article_number=article.pk, step="take", seen=seen))
    take_down = TakeDown.objects.get()
    assert answer["Location"] == reverse("admin:articles_takedown_change", args=[take_down.pk])
    assert (take_down.state, take_down.decided_by) == (State.IN_FORCE, chiefs[0])
    room = client.get(answer["Location"]).content.decode()
    assert "Ask to restore" in room
    receipt = client.get(reverse("admin:articles_takedown_receipt", args=[take_down.pk])).content.decode()
    for words in (take_down.reference, "絕密標題", "chief-1", "UTC", f"article-{article.pk}"):
        assert words in receipt
    form = client.get(reverse("admin:articles_article_change", args=[article.pk])).content.decode()
    assert "It is taken down" in form
    held = client.get(reverse("admin:articles_takedown_of", args=[article.pk]))
    assert held["Location"] == answer["Location"]


@pytest.mark.parametrize(
    ("role", "may_read"), [("reporter", False), ("editor", True), ("chief", True), ("reporter who filed it", True)]
)
def test_who_demanded_it_and_why_is_not_read_by_reporters(client, chiefs, now, role, may_read):
    person = member("reader", role.partition(" ")[0])
    take_down = demand(article_number=makers.ArticleMaker().pk)
    takedowns.ask(take_down, person if "filed" in role else chiefs[0])
    now(takedowns.take, take_down, chiefs[0])
    client.force_login(person)
    for name in ("change", "receipt", "history"):
        answer = client.get(reverse(f"admin:articles_takedown_{name}", args=[take_down.pk]))
        assert answer.status_code == 200
        told = answer.content.decode()
        assert ("Landgericht" in told) == ("Az. 7 O" in told) == (may_read and name != "history"), name
    listed = client.get(reverse("admin:articles_takedown_changelist")).content.decode()
    assert take_down.reference in listed
    assert not any(word in listed for word in ("Landgericht", "Az. 7 O"))


def test_an_editor_files_and_chiefs_decide_and_restore_at_the_desk(client, chiefs):
    article = makers.ArticleMaker()
    client.force_login(member("editor-1", "editor"))
    add = reverse("admin:articles_takedown_add")
    page = client.post(add, typed(article_number=article.pk, step="preview")).content.decode()
    seen = page.split('name="seen" value="')[1].split('"')[0]
    assert 'value="take"' not in page
    client.post(add, typed(article_number=article.pk, step="take", seen=seen))
    assert not TakeDown.objects.exists()
    client.post(add, typed(article_number=article.pk, step="ask", seen=seen))
    room = reverse("admin:articles_takedown_change", args=[TakeDown.objects.get().pk])
    assert client.post(room, {"deed": "take"}).status_code == 403
    for chief, deeds in (
        (chiefs[0], [{"deed": "take"}, {"deed": "ask_back", "words": "vorbei"}, {"deed": "give_back"}]),
        (chiefs[1], [{"deed": "give_back"}]),
    ):
        client.force_login(chief)
        for deed in deeds:
            client.post(room, deed)
        expected = State.IN_FORCE if chief == chiefs[0] else State.RESTORED
        assert TakeDown.objects.get().state == expected, "nobody restores alone"


def test_the_form_says_what_is_missing_and_what_there_is_not(client, chiefs):
    client.force_login(chiefs[0])
    add = reverse("admin:articles_takedown_add")
    for facts in (
        {},
        {"article_number": 999_999},
        {"article_number": 2**70},
        {"scope": "picture"},
        {"scope": "picture", "image_number": 5},
        {"scope": "addresses", "pattern": "nowhere.example/"},
        {"article_number": "x"},
    ):
        answer = client.post(add, typed(**facts, step="take", seen="0-0-0-0-0"))
        assert answer.status_code == 200, facts
    assert not TakeDown.objects.exists()


def test_copies_are_offered_and_go_along_when_ticked(client, chiefs):
    text = "冬天的碼頭風大得讓人睜不開眼，但只要推開倉庫的鐵門，濕潤的暖意便迎面而來。" * 4
    article = makers.ArticleMaker(text=text)
    copy = makers.ArticleMaker(title="轉載的一篇", text=text)
    from_desk = makers.ArticleMaker()
    first, second = sorted((article.pk, copy.pk))
    Article.objects.get(pk=first).possible_duplicates.create(other_id=second, reason="same text", likeness=100)
    client.force_login(chiefs[0])
    add = reverse("admin:articles_takedown_add")
    page = client.get(f"{add}?article={article.pk}").content.decode()
    assert f'name="copy" value="{copy.pk}" checked' in page
    asked = typed(article_number=article.pk, copy=[copy.pk, 2**65])
    page = client.post(add, asked | {"step": "preview"}).content.decode()
    seen = page.split('name="seen" value="')[1].split('"')[0]
    client.post(add, asked | {"step": "take", "seen": seen})
    assert [status_of(client, one) for one in (article, copy, from_desk)] == [451, 451, 200]


def test_what_lies_in_the_storage_beside_pictures_is_no_outlet(client, db):
    default_storage.save("images/ab/note.txt", ContentFile(b"x"))
    assert client.get("/media/images/ab/note.txt").status_code == 404
    assert client.get("/media/images/ab/none.jpg").status_code == 404
    assert client.get("/media/renditions/1/ab/none/whole-640.jpg").status_code == 404


def test_the_export_of_everything_leaves_out_what_is_taken_down(chiefs, now):
    article = makers.ArticleMaker(title="絕密標題", status="draft")
    now(takedowns.take, demand(article_number=article.pk), chiefs[0])
    out = io.StringIO()
    call_command("export_articles", all=True, stdout=out)
    assert "絕密標題" not in out.getvalue()
