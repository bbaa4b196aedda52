"""Every role, and nobody, at every address of the desk: a table written out by hand."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.urls import reverse

from articles.models import Article, Deed, Image, Revision
from tests import makers
from tests.admin.conftest import fill

# model -> role -> letters: l list, v look at one, a add, c change, d delete
BEHIND_THE_DESKS = ("hold", "block", "withheldpicture", "remainder", "storyarticle", "tagverdict", "claim")
MAY = {
    "article": {"reporter": "lva", "editor": "lvac", "chief": "lvacd"},  # the row is published: a reporter only looks
    "articleimage": {"reporter": "lv", "editor": "lvacd", "chief": "lvacd"},
    "image": {"reporter": "lv", "editor": "lvc", "chief": "lvcd"},
    "tag": {"reporter": "lv", "editor": "lvacd", "chief": "lvacd"},
    "tagalias": {"reporter": "", "editor": "lvacd", "chief": "lvacd"},
    "taggedarticle": {"reporter": "", "editor": "lvacd", "chief": "lvacd"},
    "source": {"reporter": "lv", "editor": "lv", "chief": "lvacd"},
    "possibleduplicate": {"reporter": "lv", "editor": "lvc", "chief": "lvcd"},
    "reference": {"reporter": "lv", "editor": "lv", "chief": "lv"},
    "original": {"reporter": "lv", "editor": "lv", "chief": "lv"},
    "importrun": {"reporter": "lv", "editor": "lv", "chief": "lv"},
    "importfile": {"reporter": "lv", "editor": "lv", "chief": "lv"},
    "revision": {"reporter": "lv", "editor": "lv", "chief": "lv"},
    "imagehost": {"reporter": "lv", "editor": "lv", "chief": "lv"},
    "rendition": {"reporter": "lv", "editor": "lv", "chief": "lv"},
    "tagmerge": {"reporter": "lv", "editor": "lv", "chief": "lv"},
    "articlemerge": {"reporter": "lv", "editor": "lv", "chief": "lv"},
    "story": {"reporter": "lv", "editor": "lvac", "chief": "lvacd"},
    "spelling": {"reporter": "", "editor": "lvacd", "chief": "lvacd"},
    "synonymset": {"reporter": "", "editor": "lvacd", "chief": "lvacd"},
    "frontpage": {"reporter": "lv", "editor": "lv", "chief": "lv"},
    "correction": {"reporter": "lv", "editor": "lv", "chief": "lv"},
    "takedown": {"reporter": "lva", "editor": "lva", "chief": "lvac"},
    "deed": {"reporter": "", "editor": "", "chief": "lv"},
    "ping": {"reporter": "", "editor": "", "chief": "lv"},
    **{model: {"reporter": "", "editor": "", "chief": "lv"} for model in BEHIND_THE_DESKS},
    "bulkjob": {"reporter": "", "editor": "lv", "chief": "lv"},
    "bulkitem": {"reporter": "", "editor": "lv", "chief": "lv"},
    "savedfilter": {"reporter": "lv", "editor": "lvcd", "chief": "lvcd"},  # the row is shared: a reporter only looks
    "step": {"reporter": "lv", "editor": "lv", "chief": "lv"},
}
ROLES = ["", "reporter", "editor", "chief"]


def sign_in(client, role):
    user = makers.UserMaker()
    if role:
        user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return user


def allowed(client, model, pk):
    """The letters that the desk's addresses answer with something else than a refusal."""
    name = f"admin:articles_{model}"
    letters = ""
    letters += "l" * (client.get(reverse(f"{name}_changelist")).status_code == 200)
    letters += "v" * (client.get(reverse(f"{name}_change", args=[pk])).status_code == 200)
    letters += "a" * (client.get(reverse(f"{name}_add")).status_code == 200)
    letters += "c" * (client.post(reverse(f"{name}_change", args=[pk]), {}).status_code != 403)
    letters += "d" * (client.get(reverse(f"{name}_delete", args=[pk])).status_code == 200)
    return letters


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("model", sorted(MAY))
def test_each_role_reaches_what_its_row_says_and_nothing_else(client, db, model, role):
    row = fill(1)[model]
    sign_in(client, role)
    assert allowed(client, model, row.pk) == MAY[model].get(role, "")


def test_every_desk_of_ours_is_in_the_table():
    desks = {model._meta.model_name for model in admin.site._registry if model._meta.app_label == "articles"}
    assert set(MAY) == desks, "tell in MAY who may do what there"


@pytest.mark.parametrize("status", Article.Status.values)
@pytest.mark.parametrize("role", ROLES)
def test_an_article_in_review_or_later_is_changed_by_those_who_review(client, db, role, status):
    article = makers.ArticleMaker(status=status)
    sign_in(client, role)
    writes = role in ("editor", "chief") or (role == "reporter" and status in ("inbox", "draft"))
    number = [article.pk]
    answers = {
        "change": client.post(reverse("admin:articles_article_change", args=number), {"title": "x"}),
        "restore": client.post(reverse("admin:articles_article_restore", args=number), {"revision": "1"}),
        "source": client.post(reverse("admin:articles_article_source", args=number)),
        "presence": client.post(reverse("admin:articles_article_presence", args=number)),
    }
    assert {name: answer.status_code != 403 for name, answer in answers.items()} == dict.fromkeys(answers, writes)
    assert not Revision.objects.exists()


@pytest.mark.parametrize("role", ROLES)
def test_history_is_seen_by_all_who_see_articles(client, db, role):
    article = makers.ArticleMaker()
    sign_in(client, role)
    assert client.get(reverse("admin:articles_article_history", args=[article.pk])).status_code == (
        200 if role else 403
    )


@pytest.mark.parametrize("name", ["compare", "restore", "presence", "history", "source"])
def test_nobody_is_sent_to_sign_in(client, db, name):
    article = makers.ArticleMaker()
    address = reverse(f"admin:articles_article_{name}", args=[article.pk])
    for answer in (client.get(address), client.post(address)):
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("admin:login"))


@pytest.mark.parametrize("name", ["restore", "presence"])
def test_deeds_are_never_done_by_a_mere_address(client, db, name):
    article = makers.ArticleMaker()
    sign_in(client, "chief")
    assert client.get(reverse(f"admin:articles_article_{name}", args=[article.pk])).status_code == 405


def test_a_reporter_sets_no_schedule(client, db):
    article = makers.ArticleMaker(status="draft")
    sign_in(client, "reporter")
    page = client.get(reverse("admin:articles_article_change", args=[article.pk]))
    assert "go_live_at" not in page.context["adminform"].form.fields


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("model", ["user", "group"])
def test_people_are_the_chiefs_and_roles_are_the_programs(client, db, role, model):
    sign_in(client, role)
    names = ("changelist", "add")
    answers = [client.get(reverse(f"admin:auth_{model}_{name}")).status_code for name in names]
    chief = {"user": [200, 200], "group": [200, 403]}[model]
    assert answers == (chief if role == "chief" else [403, 403])


def test_a_chief_can_neither_become_a_superuser_nor_touch_one(client, db):
    chief, root = sign_in(client, "chief"), makers.UserMaker(is_superuser=True)
    page = reverse("admin:auth_user_change", args=[chief.pk])
    assert not {"is_superuser", "user_permissions"} & set(client.get(page).context["adminform"].form.fields)
    client.post(page, {"username": chief.username, "is_superuser": "on", "is_staff": "on", "is_active": "on"})
    chief.refresh_from_db()
    assert not chief.is_superuser
    assert list(chief.groups.values_list("name", flat=True)) == ["chief"]
    for name in ("auth_user_change", "auth_user_password_change"):
        answer = client.get(reverse(f"admin:{name}", args=[root.pk]))
        assert answer.status_code in (302, 404)


def test_roles_are_repaired_and_members_stay(db, capsys):
    group, member = Group.objects.get(name="editor"), makers.UserMaker()
    member.groups.add(group)
    before = set(group.permissions.values_list("codename", flat=True))
    group.permissions.set(Permission.objects.filter(codename="delete_user"))
    Group.objects.filter(name="chief").delete()
    call_command("repair_roles")
    assert set(group.permissions.values_list("codename", flat=True)) == before
    assert Group.objects.filter(name="chief").exists()
    assert member.groups.get() == group
    assert "editor:" in capsys.readouterr().out


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("model", sorted(model for model, rows in MAY.items() if "d" in "".join(rows.values())))
def test_a_row_with_all_its_parts_is_deleted_by_who_may_delete_rows_of_its_kind(client, db, model, role):
    row = fill(2)[model]
    user = sign_in(client, role)
    if model == "source":
        Article.objects.all().delete()  # a source that has articles stays
    answer = client.post(reverse(f"admin:articles_{model}_delete", args=[row.pk]), {"post": "yes"})
    may = "d" in MAY[model].get(role, "")
    assert answer.status_code == (302 if may else 403)
    assert type(row).objects.filter(pk=row.pk).exists() is not may
    deeds = Deed.objects.filter(
        verb="delete", kind=model, number=row.pk, actor=user.get_username(), name=str(row)[:200]
    )
    assert deeds.count() == may


def test_what_goes_with_an_article_is_told_in_numbers_and_nothing_else_goes(client, db):
    rows = fill(3)
    article = rows["article"]
    sign_in(client, "chief")
    pictures, others = Image.objects.count(), Article.objects.count() - 1
    page = client.get(reverse("admin:articles_article_delete", args=[article.pk]))
    told = dict(page.context["model_count"])
    assert (told["articles"], told["originals"], told["revisions"], told["workflow steps"]) == (1, 3, 3, 3)
    assert told["pictures in articles"] == article.article_images.count() > 1
    assert told["uses of tags"] == article.tagged.count() > 1
    assert "search entries" not in told
    assert "<dt>Revisions</dt><dd>3</dd>" in page.content.decode()
    client.post(reverse("admin:articles_article_delete", args=[article.pk]), {"post": "yes"})
    assert (Image.objects.count(), Article.objects.count()) == (pictures, others)
    assert not Revision.objects.filter(article=article.pk).exists()
