"""What is stored is held against today's policy: told, mended with a revision, and no word lost."""

import io
import json

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.utils import timezone

from articles.curation import resanitizing
from articles.ingest.sanitize import POLICY_VERSION, apply_policy
from articles.models import Article, Deed, Edition, Revision, Unsaved, keep_baseline
from articles.models.revision import redigest
from tests import makers
from tests.hostile.vectors import vectors

pytestmark = pytest.mark.django_db

HARMFUL = '<p>潮水退去。<img src="x" onerror="top.ran=1"></p><script>top.ran=1</script>'
LOSING = '<p>潮水退去。</p><form><button>按這裡看第二段</button></form><p><a href="https://a.example/">新的連結</a></p>'
# All that is stored as text, but for names: what is HTML, is mended; what is not, is escaped wherever it is shown.
HTML_FIELDS = {"article.body", "revision.body"}
HTML_WITHIN = {"unsaved.values"}
PLAIN = {
    *("article.excerpt", "article.source_url", "article.standfirst", "article.text", "article.title_raw"),
    *("articleimage.caption", "articleimage.credit", "bulkjob.query", "correction.text", "entry.lead"),
    *("entry.more", "entry.whole"),
    *("image.alt", "image.credit", "image.reason", "image.rights", "imagehost.last_fault", "importfile.location"),
    *("importfile.path", "importfile.reason", "original.path", "ping.reason", "revision.byline", "revision.copyright"),
    *("revision.excerpt", "revision.standfirst", "revision.title", "staffsession.session_data", "story.standfirst"),
    *("synonymset.words", "tag.intro", "takedown.reason"),
}


def past_the_policy(html, **facts) -> Article:
    """An article whose body no door of the program would have let in."""
    article = makers.ArticleMaker(policy_version="of-old", **facts)
    Article.objects.filter(pk=article.pk).update(body=html)
    article.refresh_from_db()
    return article


def ran(*options) -> tuple[int, str]:
    """Status and words of the command."""
    out = io.StringIO()
    try:
        call_command("resanitize", *options, "--jobs", "1", stdout=out)
    except SystemExit as end:
        return end.code, out.getvalue()
    return 0, out.getvalue()


def test_all_that_the_doors_let_in_passes():
    makers.ArticleMaker.create_batch(3, policy_version=POLICY_VERSION)
    status, told = ran("--check")
    assert status == 0
    assert f"3  {POLICY_VERSION} (today's)" in told


def test_a_check_tells_what_does_not_pass_and_changes_nothing(tmp_path):
    article = past_the_policy(HARMFUL)
    revision = makers.RevisionMaker(article=article, body=HARMFUL)
    typed = Unsaved.objects.create(
        page="a" * 32, user=makers.UserMaker(), article=article, values={"body": [HARMFUL]}, typed_at=timezone.now()
    )
    before = [list(model.objects.order_by("pk").values()) for model in (Article, Revision, Unsaved, Deed)]
    status, told = ran("--check", "--report", str(tmp_path / "report"))
    assert status == 1
    assert "1  of-old" in told
    places = [(row["place"], row["number"]) for row in map(json.loads, (tmp_path / "report").open(encoding="utf-8"))]
    assert places == [("article", article.pk), ("revision", revision.pk), ("unsaved", typed.pk)]
    assert [list(model.objects.order_by("pk").values()) for model in (Article, Revision, Unsaved, Deed)] == before


def test_mending_takes_the_harm_keeps_the_words_and_leaves_a_revision():
    article = past_the_policy(HARMFUL)
    assert ran()[0] == 0
    assert ran("--check")[0] == 0
    article.refresh_from_db()
    assert article.body == "<p>潮水退去。<img></p>"
    assert article.policy_version == POLICY_VERSION
    assert article.edited_at is None
    assert [row.kind for row in article.revisions.order_by("pk")] == ["baseline", "policy"]
    assert Deed.objects.get(verb="run", kind="policy").details["mended"] == {"articles": 1, "revisions": 1}


def test_words_that_the_policy_leaves_out_stay_in_the_revision_as_they_were_written():
    article = past_the_policy(LOSING)
    ran()
    assert ran("--check")[0] == 0
    article.refresh_from_db()
    assert "第二段" not in article.body
    assert article.text == "潮水退去。\n新的連結"
    assert article.links == ["https://a.example/"]
    assert list(article.references.values_list("url", flat=True)) == ["https://a.example/"]
    kept = article.revisions.order_by("pk").first()
    assert "&lt;button&gt;按這裡看第二段&lt;/button&gt;" in kept.body


def test_what_stood_in_an_edited_article_is_kept_though_its_latest_revision_said_otherwise():
    article = makers.ArticleMaker()
    keep_baseline([article.pk])
    Article.objects.filter(pk=article.pk).update(body=f"<p>沒有人存過這一句。</p>{LOSING}")
    ran()
    before, stored, now = article.revisions.order_by("pk")
    assert "沒有人存過這一句" not in before.body
    assert "沒有人存過這一句" in stored.body
    assert "按這裡" in stored.body
    assert "沒有人存過這一句" in now.body
    assert "按這裡" not in now.body


def test_no_vector_is_left_in_any_place():
    chosen = vectors()[::37]
    assert len(chosen) > 15
    user, source = makers.UserMaker(), makers.SourceMaker()
    rows = makers.ArticleMaker.build_batch(len(chosen), source=source)
    for row, vector in zip(rows, chosen, strict=True):
        row.body = vector.body.replace("\0", "")
    articles = Article.objects.bulk_create(rows)
    Revision.objects.bulk_create(Revision(article=row, body=row.body) for row in articles)
    Unsaved.objects.bulk_create(
        Unsaved(page=f"{row.pk:032}", user=user, article=row, values={"body": [row.body]}, typed_at=timezone.now())
        for row in articles
    )
    assert ran("--check")[0] == 1
    assert ran()[0] == 0
    assert ran("--check")[0] == 0
    stored = list(Article.objects.values_list("body", flat=True)) + list(
        Revision.objects.values_list("body", flat=True)
    )
    stored += [row.values["body"][0] for row in Unsaved.objects.all()]
    assert len(stored) >= 4 * len(chosen)
    assert [html for html in stored if apply_policy(html) != html] == []


def test_mending_twice_mends_nothing_the_second_time():
    past_the_policy(HARMFUL)
    ran()
    revisions = Revision.objects.count()
    assert "0  that would be changed" in ran()[1]
    assert Revision.objects.count() == revisions


@pytest.mark.django_db(transaction=True)
def test_readers_caches_hear_of_mended_articles_and_of_no_mere_marks():
    article = makers.ArticleMaker(policy_version="of-old")
    before = Edition.objects.get().token
    ran()
    article.refresh_from_db()
    assert article.policy_version == POLICY_VERSION
    assert Edition.objects.get().token == before
    models.QuerySet(Article).update(body=HARMFUL)
    ran()
    assert Edition.objects.get().token != before


def test_what_was_saved_between_looking_and_mending_stands():
    article = past_the_policy(HARMFUL)
    batches = resanitizing._judged(resanitizing._batches(resanitizing._articles, lambda: True), 1)
    assert next(batches)[1] != [None]
    Article.objects.filter(pk=article.pk).update(body="<p>編輯剛剛存的。</p>")
    resanitizing._mend_article(article.pk)
    article.refresh_from_db()
    assert article.body == "<p>編輯剛剛存的。</p>"
    assert not article.revisions.exists()


def test_several_processes_find_the_same():
    articles = [past_the_policy(html) for html in (HARMFUL, "<p>好的。</p>", LOSING)]
    found = {jobs: [b.faults for b in resanitizing.resanitize(mend=False, jobs=jobs)] for jobs in (1, 2)}
    assert found[1] == found[2]
    assert [fault.number for fault in found[1][0]] == [articles[0].pk, articles[2].pk]


def test_what_passes_costs_a_query_a_batch(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(resanitizing, "CHUNK", 10)
    makers.ArticleMaker.create_batch(29, policy_version=POLICY_VERSION)
    with django_assert_num_queries(3 + 1 + 1 + 1 + 3):  # batches of articles, their end, revisions, texts; marks
        assert [batch.looked_at for batch in resanitizing.resanitize(mend=True)] == [10, 10, 9]


def test_a_digest_that_is_made_anew_is_the_one_that_was_kept():
    article = makers.ArticleMaker()
    keep_baseline([article.pk])
    revision = Revision.objects.get()
    before = revision.digest
    redigest(revision)
    assert revision.digest == before
    revision.body += "<p>後記。</p>"
    redigest(revision)
    assert revision.digest != before


def test_every_text_that_is_stored_is_known_as_html_or_as_plain():
    fields = {
        f"{model._meta.model_name}.{field.name}"
        for model in apps.get_app_config("articles").get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.TextField)
    }
    assert not fields - HTML_FIELDS - PLAIN, "is it HTML? then resanitize must know it; else say here that it is plain"
    assert fields >= HTML_FIELDS


def test_its_memory_does_not_grow_with_what_is_stored(monkeypatch):
    monkeypatch.setattr(resanitizing, "CHUNK", 5)
    makers.ArticleMaker.create_batch(40, policy_version=POLICY_VERSION)
    read = []
    page = resanitizing._page
    monkeypatch.setattr(resanitizing, "_page", lambda rows, last: read.append(last) or page(rows, last))
    looked = resanitizing.resanitize(mend=False)
    next(looked)
    assert len(read) == 1
    looked.close()
