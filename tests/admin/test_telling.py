"""What the audit says of a deed, in words; and deeds of the desk that it once left out."""

import pytest
from django.utils import translation

from articles import curation
from articles.admin.telling import more_of
from articles.curation import bulk, filters, front
from articles.models import Article, BulkJob, Deed, ImportRun, Plan, record
from tests import makers


def told(**about) -> list[str]:
    return [more_of(deed) for deed in Deed.objects.filter(**about).order_by("pk")]


@pytest.mark.parametrize(
    ("verb", "kind", "details", "words"),
    [
        ("move", "article", {"move": "publish", "origin": "draft", "target": "published"}, "draft → published"),
        ("move", "article", {"move": "undo", "origin": "review", "target": "inbox"}, "review → inbox · move: undo"),
        ("finish", "importrun", {"counts": {"created": 1200, "failed": 0, "images_wanted": 3}, "state": "stopped"},
         "counts: created 1,200, pictures wanted 3 · state: paused"),
        ("finish", "importrun", {"counts": {"removed": 4, "cursor": 99}, "state": "undone"},
         "counts: articles removed 4 · state: undone"),
        ("start", "bulkjob", {"deed": "untag", "articles": 5000}, "deed: Remove a tag · articles: 5,000"),
        ("finish", "bulkjob", {"counts": {"changed": 7, "already": 2}}, "counts: changed 7, already so 2"),
        ("run", "image", {"counts": {"gone": 2}}, "counts: gone 2"),
        ("merge", "article", {"into": 12, "tags": 3}, "into article: #12 · tags: 3"),
        ("change", "possibleduplicate", {"verdict": "different"}, "verdict: different"),
        ("change", "story", {"state": "dismissed"}, "state: dismissed"),
        ("note", "article", {"kind": "update", "text": "Neu."}, "kind: Update · note: Neu."),
        ("change", "user",
         {"changes": [{"changed": {"fields": ["Active"]}}, {"rights": {"is_active": False, "is_superuser": True}}]},
         "Changed Active. · superuser"),
        ("export", "deed", {"narrowed": {"who": "zhou", "q": ""}}, "narrowed to: who zhou"),
        ("bring_back", "backup", {"made_at": "2025-01-28T06:17:04+00:00"}, "made: 2025-01-28 06:17"),
        ("change", "importrun", {"unheard_of": 1.5, "nothing": None}, "unheard of: 1.5"),
    ],
)  # fmt: skip
def test_details_are_told_in_words(db, settings, verb, kind, details, words):
    settings.TIME_ZONE = "UTC"
    with translation.override("en"):
        assert more_of(Deed(verb=verb, kind=kind, details=details)) == words


def test_the_page_of_the_audit_shows_no_raw_names(desk):
    run = makers.ImportRunMaker()
    record("finish", run, counts={"kept": 3, "unchanged": 1}, state=ImportRun.State.INTERRUPTED, dry_run=True)
    page = desk.get("/admin/articles/deed/").content.decode()
    assert "kept: an editor&#x27;s text stands, the new original waits 3, unchanged 1" in page
    assert "stalled: its process died" in page
    assert "dry_run" not in page
    assert "interrupted" not in page


def test_drafts_of_the_front_page_are_recorded(chief):
    draft = front.save_draft(Plan(), None, chief)
    draft = front.save_draft(Plan(topics=False), draft.saves, chief)
    front.go_live(draft, chief, "Montag")
    front.save_draft(Plan(), None, chief)
    assert front.drop_draft(chief)
    assert not front.drop_draft(chief)
    deeds = Deed.objects.filter(kind="frontpage").order_by("pk")
    assert [deed.verb for deed in deeds] == ["add", "change", "change", "add", "delete"]
    assert told(kind="frontpage")[2] == "Montag · shown to readers"
    assert {deed.actor for deed in deeds} == {"chief"}


def test_kept_filters_and_what_opens_triage_are_recorded(chief):
    saved = filters.save_filter(chief, "triage", "kurze", "has=stub", shared=True)
    filters.save_filter(chief, "triage", "kurze", "has=undated")
    filters.open_with(chief, saved)
    filters.open_with(chief, None)
    filters.open_with(chief, None)
    assert list(Deed.objects.order_by("pk").values_list("verb", "number")) == [
        ("add", saved.pk),
        ("change", saved.pk),
        ("change", saved.pk),
        ("change", None),
    ]
    assert told()[0] == "list: triage · filter: has=stub · shared"


def test_stopping_a_bulk_job_and_going_on_is_recorded(chief):
    makers.ArticleMaker.create_batch(2, status="review")
    job = bulk.choose(Article.objects.all(), "publish", chief)
    bulk.stop(job, chief)
    with pytest.raises(curation.Refused):
        bulk.stop(job, chief)
    bulk.go_on(job, chief)
    assert BulkJob.objects.get().state == BulkJob.State.COUNTING
    assert list(Deed.objects.filter(kind="bulkjob").order_by("pk").values_list("verb", "actor")) == [
        ("stop", "chief"),
        ("go_on", "chief"),
    ]


def test_cancelling_an_import_at_the_desk_is_recorded(desk):
    run = makers.ImportRunMaker(state=ImportRun.State.STOPPED)
    desk.post(f"/admin/articles/importrun/{run.pk}/steer/", {"deed": "cancel"})
    desk.post(f"/admin/articles/importrun/{run.pk}/steer/", {"deed": "cancel"})
    assert [deed.verb for deed in Deed.objects.filter(kind="importrun", number=run.pk)] == ["cancel"]
