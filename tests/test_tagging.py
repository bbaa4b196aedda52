"""Tags are merged, renamed and cleared in sets; a merge can be undone."""

import pytest
from django.urls import reverse

from articles import curation, search, tagging
from articles.importing.writing import tags_by_key
from articles.models import Article, Deed, Revision, Tag, TagAlias, TaggedArticle, TagMerge, WaitingEntry
from tests import makers
from tests.admin.test_articles import form_of, page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return makers.UserMaker(is_superuser=True)


def use(tag, *articles, origin="import"):
    for article in articles:
        TaggedArticle.objects.create(tag=tag, content_object=article, origin=origin)


def uses_of(tag):
    return sorted(TaggedArticle.objects.filter(tag=tag).values_list("content_object", "origin"))


@pytest.fixture
def pair():
    """`tag` on articles 0, 1, 2 with an alias and a narrower topic, `target` on article 2."""
    tag, target = makers.TagMaker(name="川普", slug="川普"), makers.TagMaker(name="特朗普", slug="特朗普")
    articles = makers.ArticleMaker.create_batch(3)
    use(tag, *articles, origin="editor")
    use(target, articles[2])
    TagAlias.objects.create(tag=tag, name="Trump")
    makers.TagMaker(name="關稅", parent=tag)
    return tag, target, articles


def test_counts_are_told_before_anything_is_done(pair):
    tag, target, _articles = pair
    assert tagging.merge_counts(tag, target) == tagging.MergeCounts(moved=2, doubled=1, aliases=1, children=1)
    assert Tag.objects.filter(pk=tag.pk).exists()


def test_a_merge_moves_uses_aliases_and_narrower_topics_and_keeps_the_name(pair, editor):
    tag, target, articles = pair
    merge = tagging.merge_tags(tag, target, editor)
    assert [article for article, _origin in uses_of(target)] == [article.pk for article in articles]
    assert {alias.name for alias in target.aliases.all()} == {"川普", "Trump"}
    assert Tag.objects.get(name="關稅").parent == target
    assert not Tag.objects.filter(pk=tag.pk).exists()
    assert (merge.name, merge.target) == ("川普", target)


def test_the_old_address_redirects_and_the_next_import_uses_the_target(client, pair, editor):
    tag, target, _articles = pair
    old = tag.get_absolute_url()
    tagging.merge_tags(tag, target, editor)
    answer = client.get(old)
    assert (answer.status_code, answer["Location"]) == (301, target.get_absolute_url())
    assert set(tags_by_key({"川普": "川普"}).values()) == {target.pk}


def test_an_undone_merge_leaves_everything_as_it_was(pair, editor):
    tag, target, _articles = pair
    before = uses_of(tag), uses_of(target), tag.get_absolute_url()
    merge = tagging.merge_tags(tag, target, editor)
    tagging.undo_merge(merge, editor)
    back = Tag.objects.get(pk=tag.pk)
    assert (uses_of(back), uses_of(target), back.get_absolute_url()) == before
    assert {alias.name for alias in back.aliases.all()} == {"Trump"}
    assert not target.aliases.exists()
    assert Tag.objects.get(name="關稅").parent == back


def test_what_came_to_the_target_since_the_merge_stays_there(pair, editor):
    tag, target, _articles = pair
    merge = tagging.merge_tags(tag, target, editor)
    late = makers.ArticleMaker()
    use(target, late)
    tagging.undo_merge(merge, editor)
    assert (late.pk, "import") in uses_of(target)


def test_an_article_that_is_gone_since_does_not_stop_the_undoing(pair, editor):
    tag, target, articles = pair
    merge = tagging.merge_tags(tag, target, editor)
    Article.objects.filter(pk__in=[articles[0].pk, articles[2].pk]).delete()
    tagging.undo_merge(merge, editor)
    assert [article for article, _origin in uses_of(tag)] == [articles[1].pk]


def test_a_merge_is_undone_once(pair, editor):
    tag, target, _articles = pair
    merge = tagging.merge_tags(tag, target, editor)
    tagging.undo_merge(merge, editor)
    with pytest.raises(tagging.Refused, match="already"):
        tagging.undo_merge(merge, editor)


def test_a_refused_undoing_changes_nothing(pair, editor):
    tag, target, _articles = pair
    merge = tagging.merge_tags(tag, target, editor)
    target.aliases.filter(name="川普").delete()
    makers.TagMaker(name="川普", slug="anders")
    with pytest.raises(tagging.Refused, match="another tag"):
        tagging.undo_merge(merge, editor)
    assert TagMerge.objects.get(pk=merge.pk).undone_at is None


def test_a_narrower_topic_can_swallow_its_wider_one(editor):
    top = makers.TagMaker()
    wide = makers.TagMaker(parent=top)
    narrow = makers.TagMaker(parent=wide)
    merge = tagging.merge_tags(wide, narrow, editor)
    assert Tag.objects.get(pk=narrow.pk).parent == top
    tagging.undo_merge(merge, editor)
    assert Tag.objects.get(pk=narrow.pk).parent_id == wide.pk


def test_a_tag_is_not_merged_with_itself_or_with_one_that_is_gone(pair, editor):
    tag, target, _articles = pair
    with pytest.raises(tagging.Refused):
        tagging.merge_tags(tag, tag, editor)
    Tag.objects.filter(pk=target.pk).delete()
    with pytest.raises(tagging.Refused):
        tagging.merge_tags(tag, target, editor)
    assert Tag.objects.filter(pk=tag.pk).exists()


def test_a_large_merge_asks_as_much_as_a_small_one(editor, django_assert_max_num_queries):
    article = makers.ArticleMaker()
    Article.objects.bulk_create(
        Article(source=article.source, title=str(n), slug="x", status="draft") for n in range(5000)
    )
    numbers = list(Article.objects.values_list("pk", flat=True))
    pairs = []
    for size in (3, 5000):
        tag, target = makers.TagMaker.create_batch(2)
        TaggedArticle.objects.bulk_create(TaggedArticle(tag=tag, content_object_id=n) for n in numbers[:size])
        TaggedArticle.objects.bulk_create(TaggedArticle(tag=target, content_object_id=n) for n in numbers[: size // 3])
        pairs.append((tag, target, size))
    for tag, target, size in pairs:
        parts = -(-size // tagging.ARTICLES_AT_ONCE)
        with django_assert_max_num_queries(40 + 25 * parts):
            merge = tagging.merge_tags(tag, target, editor)
        assert target.uses.count() == size
        tagging.undo_merge(merge, editor)
        assert (tag.uses.count(), target.uses.count()) == (size, size // 3)


def test_unused_tags_are_those_that_nobody_would_miss(pair):
    used, *_ = pair
    unused = makers.TagMaker(name="沒有人用")
    makers.TagMaker(name="有介紹", intro="文字")
    narrow = Tag.objects.get(name="關稅")
    assert used not in tagging.unused_tags()
    assert set(tagging.unused_tags()) == {unused, narrow}
    assert tagging.delete_unused() == 2
    assert not tagging.unused_tags().filter(pk__in=[unused.pk, narrow.pk]).exists()


# --- At the desk ---


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


def test_the_desk_asks_shows_counts_merges_and_undoes(desk, pair):
    tag, _target, _articles = pair
    address = reverse("admin:articles_tag_merge", args=[tag.pk])
    assert desk.get(address).status_code == 200
    page = desk.get(address, {"target": "特朗普"})
    assert page.context["counts"].moved == 2
    assert Tag.objects.filter(pk=tag.pk).exists()
    assert desk.post(address, {"target": "特朗普"}).status_code == 302
    merge = TagMerge.objects.get()
    undo = reverse("admin:articles_tagmerge_undo", args=[merge.pk])
    assert undo in desk.get(reverse("admin:articles_tagmerge_change", args=[merge.pk])).content.decode()
    desk.post(undo)
    assert Tag.objects.filter(pk=tag.pk).exists()


@pytest.mark.parametrize("name", ["nichts", "川普", " "])
def test_a_name_that_is_no_other_tag_merges_nothing(desk, pair, name):
    tag, _target, _articles = pair
    assert desk.post(reverse("admin:articles_tag_merge", args=[tag.pk]), {"target": name}).status_code == 200
    assert not TagMerge.objects.exists()


def test_unused_tags_are_shown_first_and_deleted_when_wanted(desk):
    makers.TagMaker(name="沒有人用")
    address = reverse("admin:articles_tag_unused")
    assert "沒有人用" in desk.get(address).content.decode()
    assert Tag.objects.count() == 1
    desk.post(address)
    assert not Tag.objects.exists()


def form(tag, **changes):
    empty = {f"aliases-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    return {"name": tag.name, "parent": tag.parent_id or "", "intro": tag.intro} | empty | changes


def test_a_renamed_tag_keeps_its_address_and_its_old_name_as_an_alias(desk):
    tag = makers.TagMaker(name="北平", slug="北平")
    desk.post(reverse("admin:articles_tag_change", args=[tag.pk]), form(tag, name="北京"))
    after = Tag.objects.get()
    assert (after.name, after.slug, after.aliases.get().name) == ("北京", "北平", "北平")
    desk.post(reverse("admin:articles_tag_change", args=[tag.pk]), form(after, name="北平"))
    assert {alias.name for alias in Tag.objects.get(name="北平").aliases.all()} == {"北京"}


def test_a_topic_cannot_be_a_part_of_itself(desk):
    wide = makers.TagMaker()
    narrow = makers.TagMaker(parent=wide)
    answer = desk.post(reverse("admin:articles_tag_change", args=[wide.pk]), form(wide, parent=narrow.pk))
    assert answer.status_code == 200
    assert Tag.objects.get(pk=wide.pk).parent is None


def test_readers_see_a_topics_introduction_escaped(client):
    tag = makers.TagMaker(intro="關於<b>港口</b>。")
    use(tag, makers.ArticleMaker())
    page = client.get(tag.get_absolute_url()).content.decode()
    assert "關於&lt;b&gt;港口" in page


@pytest.mark.parametrize("role", ["", "reporter", "editor", "chief"])
def test_merging_and_clearing_are_for_editors(client, role):
    tag, merge = makers.TagMaker(), makers.TagMergeMaker()
    user = makers.UserMaker()
    if role:
        user.groups.add(user.groups.model.objects.get(name=role))
    client.force_login(user)
    may = role in ("editor", "chief")
    answers = [
        client.get(reverse("admin:articles_tag_merge", args=[tag.pk])).status_code == 200,
        client.get(reverse("admin:articles_tag_unused")).status_code == 200,
        client.post(reverse("admin:articles_tagmerge_undo", args=[merge.pk])).status_code != 403,
    ]
    assert answers == [may, may, may]


# --- Revisions, search and forms in step ---


def wait_for_entries():
    while search.index_waiting():
        pass


def found(words):
    query = search.query_of(words)
    return set(search.matching(Article.objects.all(), query).values_list("pk", flat=True))


@pytest.mark.parametrize("many", [False, True])
def test_merge_undo_rename_and_deletion_leave_revisions_and_a_search_in_step(pair, editor, monkeypatch, many):
    tag, target, articles = pair
    monkeypatch.setattr(tagging, "INDEXED_AT_ONCE", 0 if many else 500)
    numbers = {article.pk for article in articles}
    search.index(numbers)

    def is_told(words: str, where: set[int]) -> None:
        assert WaitingEntry.objects.exists() == many
        assert search.check().any == many
        wait_for_entries()
        assert not search.check().any
        assert found("tag:特朗普") == where
        rows = [article.revisions.latest("pk") for article in articles]
        assert {(row.kind, row.author) for row in rows} == {("bulk", editor)}
        assert all(words in row.reason for row in rows)

    merge = tagging.merge_tags(tag, target, editor)
    is_told("merged into “特朗普”", numbers)
    tagging.undo_merge(merge, editor)
    is_told("its own again", {articles[2].pk})
    tagging.rename_tag(tag, "川普", editor, lambda: Tag.objects.get(pk=tag.pk).save())
    back = Tag.objects.get(pk=tag.pk)

    def called_otherwise():
        back.name = "唐納"
        back.save()

    tagging.rename_tag(back, "川普", editor, called_otherwise)
    is_told("is called “唐納” now", {articles[2].pk})
    assert tagging.delete_tag(back, editor) == 3
    is_told("“唐納” deleted", {articles[2].pk})
    kinds = set(Revision.objects.filter(article=articles[0]).values_list("kind", flat=True))
    assert kinds == {"baseline", "bulk"}
    assert articles[0].revisions.latest("pk").facts["tags"] == []


def test_the_desk_deletes_a_tag_with_revisions_and_one_line_in_the_audit(desk, pair):
    tag, _target, articles = pair
    desk.post(reverse("admin:articles_tag_delete", args=[tag.pk]), {"post": "yes"})
    assert not Tag.objects.filter(pk=tag.pk).exists()
    assert Revision.objects.filter(kind="bulk", reason__contains="deleted").count() == len(articles)
    assert [deed.name for deed in Deed.objects.filter(verb="delete")] == ["川普"]


def test_a_chain_of_merges_is_undone_from_its_end(editor):
    a, b, c = (makers.TagMaker(name=name, slug=name) for name in "甲乙丙")
    both, mine = makers.ArticleMaker.create_batch(2)
    use(a, both, mine)
    use(c, both)
    first, second = tagging.merge_tags(a, b, editor), tagging.merge_tags(b, c, editor)
    first.refresh_from_db()
    with pytest.raises(tagging.Refused, match="“乙” has been merged into “丙” since"):
        tagging.undo_merge(first, editor)
    tagging.undo_merge(second, editor)
    first.refresh_from_db()
    tagging.undo_merge(first, editor)
    assert [uses_of(tag) for tag in (a, b, c)] == [
        [(both.pk, "import"), (mine.pk, "import")],
        [],
        [(both.pk, "import")],
    ]


def test_a_merge_whose_target_went_elsewhere_leads_to_the_merge_that_is_undone_first(desk, editor):
    a, b, c = (makers.TagMaker(name=name, slug=name) for name in "甲乙丙")
    first, second = tagging.merge_tags(a, b, editor), tagging.merge_tags(b, c, editor)
    page = desk.get(reverse("admin:articles_tagmerge_change", args=[first.pk])).content.decode()
    assert reverse("admin:articles_tagmerge_change", args=[second.pk]) in page
    assert "乙" in page


def test_an_open_form_keeps_a_topic_that_is_merged_away_meanwhile(desk, editor, pair):
    tag, target, articles = pair
    mine = form_of(desk, articles[0], title="改了")
    assert [str(pk) for pk in mine["topics"]] == [str(tag.pk)]
    tagging.merge_tags(tag, target, editor)
    answer = desk.post(page_of(articles[0]), mine)
    shown = answer.context["adminform"].form
    assert not shown.errors.get("topics")
    assert "merged into" in answer.content.decode()
    assert shown.data.getlist("topics") == [str(target.pk)]
    again = mine | {"topics": shown.data.getlist("topics"), "version": shown.data["version"]}
    assert desk.post(page_of(articles[0]), again).status_code == 302
    assert list(articles[0].tags.all()) == [target]


def test_a_deleted_topic_is_told_and_stops_no_save(desk, editor, pair):
    tag, _target, articles = pair
    mine = form_of(desk, articles[0], title="改了")
    tagging.delete_tag(tag, editor)
    shown = desk.post(page_of(articles[0]), mine).context["adminform"].form
    assert not shown.errors.get("topics")
    again = mine | {"topics": shown.data.getlist("topics"), "version": shown.data["version"]}
    assert desk.post(page_of(articles[0]), again).status_code == 302
    assert Article.objects.get(pk=articles[0].pk).title == "改了"


def test_a_revision_from_before_a_merge_is_restored_with_the_target(editor, pair):
    tag, target, articles = pair
    curation.save_edited(articles[0], editor, [tag])
    before = articles[0].revisions.latest("pk")
    assert before.facts["tags"] == ["川普"]
    tagging.merge_tags(tag, target, editor)
    curation.save_edited(Article.objects.get(pk=articles[0].pk), editor, [])
    curation.restore(before, editor)
    assert list(articles[0].tags.all()) == [target]


def test_what_stands_for_a_tag_that_is_gone_is_found_along_its_merges(editor):
    a, b, c, gone = (makers.TagMaker(name=name, slug=name) for name in "甲乙丙丁")
    tagging.merge_tags(a, b, editor)
    tagging.merge_tags(b, c, editor)
    gone.delete()
    assert tagging.standing_for([a.pk, b.pk, c.pk, gone.pk]) == {a.pk: c.pk, b.pk: c.pk, gone.pk: None}
