"""The broker is away while editors work: what they do is done, they are told what waits, and the clock has a record."""

import datetime

import pytest
from celery import Task
from django.utils import timezone
from kombu.exceptions import OperationalError

from articles import search, tasks
from articles.curation import bulk
from articles.models import Article, BulkJob, Image, ImportRun, Tag
from tests import makers
from tests.admin.test_bulk import ask, signed_in, step
from tests.admin.test_pictures import BOARD, form, page_of

TOLD = "No worker can be asked now"


def nobody(*_, **__):
    raise OperationalError("Connection refused")


@pytest.fixture(autouse=True)
def broker(settings, monkeypatch):
    """A newsroom with workers whose broker is away."""
    settings.HAS_BROKER, settings.RENDITIONS_ON_DEMAND, settings.FETCH_IMAGES = True, False, True
    monkeypatch.setattr(Task, "apply_async", nobody)


@pytest.fixture
def chief(db):
    return signed_in("chief")


@pytest.fixture
def handed_out(monkeypatch):
    """What the clock hands out once the broker is back: names of tasks, with what they got."""
    found = []
    for name in ("bulk_job", "make_renditions", "fetch_image"):
        monkeypatch.setattr(getattr(tasks, name), "delay", lambda *args, name=name: found.append((name, *args)))
    return found


def test_what_a_task_itself_raises_where_there_is_no_broker_is_no_fault_of_the_broker(settings):
    assert not tasks.offer(tasks.bulk_job, 1)
    settings.HAS_BROKER = False
    with pytest.raises(OperationalError):
        tasks.offer(tasks.bulk_job, 1)


def test_a_tag_is_merged_and_found_under_its_new_name(chief):
    article, other = makers.ArticleMaker(), makers.ArticleMaker()
    article.tags.add("旧")
    other.tags.add("新")
    search.index([article.pk, other.pk])
    page = chief.post(f"/admin/articles/tag/{Tag.objects.get(name='旧').pk}/merge/", {"target": "新"}, follow=True)
    assert page.status_code == 200
    assert not Tag.objects.filter(name="旧").exists()
    assert not search.check().any


def test_a_small_bulk_deed_is_done_here_and_now(chief):
    article = makers.ArticleMaker(status="review")
    assert TOLD not in ask(chief, "publish", [article]).content.decode()
    step(chief, BulkJob.objects.get(), "confirm", note="fertig")
    assert Article.objects.get().status == "published"


def test_a_large_bulk_deed_is_begun_here_and_the_person_told(chief, monkeypatch):
    articles = makers.ArticleMaker.create_batch(3, status="review")
    monkeypatch.setattr(tasks.bulk, "BULK_AT_ONCE", 2)
    page = ask(chief, "publish", articles)
    assert TOLD in page.content.decode()
    job = BulkJob.objects.get()
    assert not job.is_active  # two seconds were enough for three
    step(chief, job, "confirm", note="fertig")
    assert set(Article.objects.values_list("status", flat=True)) == {"published"}


def test_a_bulk_deed_that_nobody_goes_on_with_is_taken_up_by_the_clock(chief, handed_out):
    makers.ArticleMaker(status="review")
    job = bulk.choose(Article.objects.all(), "publish", chief.user, "", "")
    BulkJob.objects.update(heartbeat_at=timezone.now() - datetime.timedelta(hours=1))
    assert tasks.go_on_with_silent_bulk_jobs() == 1
    assert handed_out == [("bulk_job", job.pk)]


def test_a_picture_is_saved_and_its_renditions_are_made_when_the_broker_is_back(
    chief, request, django_capture_on_commit_callbacks
):
    image = makers.ImageMaker(
        state="stored", file="ab/1.jpg", sha256="a" * 64, width=900, height=600, prepared="1+50-50"
    )
    sent = form(chief.get(page_of(image))) | {"focal_x": "0.2", "_save": "yes"}
    with django_capture_on_commit_callbacks(execute=True):
        page = chief.post(page_of(image), sent)
    assert page.status_code == 302
    image.refresh_from_db()
    assert (image.focal_x, image.prepared) == (0.2, "")
    handed_out = request.getfixturevalue("handed_out")
    assert tasks.make_missing_renditions() == 1
    assert handed_out == [("make_renditions", [image.pk])]


def test_one_picture_that_is_asked_for_again_waits_and_the_clock_hands_it_out(chief, request):
    image = makers.ImageMaker(state="gone", attempts=6)
    page = chief.post(page_of(image), form(chief.get(page_of(image))) | {"_fetch": "yes"}, follow=True)
    assert TOLD in page.content.decode()
    assert Image.objects.get().state == "waiting"
    handed_out = request.getfixturevalue("handed_out")
    assert tasks.fetch_due_images() == 1
    assert handed_out == [("fetch_image", image.pk)]


def test_pictures_of_a_host_that_are_asked_for_again_wait(chief):
    host = makers.ImageHostMaker(name="a.example")
    makers.ImageMaker.create_batch(2, host="a.example", state="gone", attempts=6)
    page = chief.post(BOARD, {"action": "fetch_again", "_selected_action": host.pk}, follow=True)
    assert TOLD in page.content.decode()
    assert set(Image.objects.values_list("state", flat=True)) == {"waiting"}


def test_an_import_that_cannot_begin_waits_and_says_so(chief):
    run = ImportRun.objects.create(state="stopped", options={"paths": []})
    page = chief.post(f"/admin/articles/importrun/{run.pk}/steer/", {"deed": "resume"}, follow=True)
    assert "It could not begin" in page.content.decode()
    run.refresh_from_db()
    assert run.state == "stopped"
