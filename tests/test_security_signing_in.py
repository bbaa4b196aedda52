"""Coming in: what is tried too often waits, what is wrong is told alike, a second factor can be demanded."""

import datetime
import re
import time

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from articles import guarding
from articles.models import Deed, StaffSession
from tests import makers

PASSWORD = "three boats on a river"
IN, CODE, ACCOUNT, DEMANDS = (reverse(f"signing:{name}") for name in ("in", "code", "account", "demands"))
pytestmark = pytest.mark.django_db


def staff(name="editor", role="editor", **more):
    user = makers.UserMaker(username=name, password=make_password(PASSWORD), **more)
    if role:
        user.groups.add(Group.objects.get(name=role))
    return user


def sign_in(client, name="editor", password=PASSWORD, **more):
    return client.post(IN, {"username": name, "password": password}, **more)


def is_in(client):
    return client.get("/admin/").status_code == 200


def code_of(key, later=0):
    totp = TOTP(bytes.fromhex(key))
    totp.time = time.time() + later
    return f"{totp.token():06}"


@pytest.fixture
def enrolled():
    """An editor with a second factor; her recovery codes stand in `codes`, the secret in `key`."""
    user = staff()
    user.key = guarding.new_key()
    user.codes = guarding.enrol(user, user.key, code_of(user.key))
    TOTPDevice.objects.update(last_t=-1)
    return user


# --- Throttling and what is told ---
def test_what_is_wrong_is_told_in_the_same_words_whatever_it_is(client):
    staff("known")
    staff("inactive", is_active=False)
    staff("reader", role="", is_staff=False)
    told = {}
    for name, password in {"known": "wrong", "unknown": "x", "inactive": PASSWORD, "reader": PASSWORD}.items():
        answer = sign_in(client, name, password)
        told[name] = (answer.status_code, answer.context["form"].errors.as_json())
    for _ in range(6):
        sign_in(client, "known", "wrong")
    answer = sign_in(client, "known", PASSWORD)
    told["locked"] = (answer.status_code, answer.context["form"].errors.as_json())
    assert len(set(told.values())) == 1
    assert not is_in(client)


@pytest.mark.parametrize("name", ["known", "unknown"])
def test_whoever_is_tried_a_password_is_hashed_once(client, monkeypatch, name):
    staff("known")
    hashed = []
    encode = "django.contrib.auth.hashers.MD5PasswordHasher.encode"
    real = MD5PasswordHasher.encode
    monkeypatch.setattr(encode, lambda *given: hashed.append(1) or real(*given))
    counts = []
    for _ in range(7):
        hashed.clear()
        sign_in(client, name, "wrong")
        counts.append(len(hashed))
    assert counts == [1] * 7, "the last two are throttled"


def test_no_name_costs_the_database_more_than_another(client):
    staff("known")
    staff("inactive", is_active=False)
    staff("reader", role="", is_staff=False)
    client.get(IN)
    statements = {}
    for number in range(2):  # the first failure of a name makes a row, the next changes it
        for name in ("known", "unknown", "inactive", "reader"):
            with CaptureQueriesContext(connection) as asked:
                sign_in(client, name, "wrong")
            verbs = [re.match(r'SAVEPOINT|RELEASE|\w+(?: INTO)? *"?\w*', query["sql"])[0] for query in asked]
            statements.setdefault(number, {})[name] = verbs
    for verbs in statements.values():
        assert len({tuple(one) for one in verbs.values()}) == 1, verbs
    assert Deed.objects.filter(verb="fail_sign_in").count() == 8


def test_five_failures_shut_out_and_a_quarter_of_an_hour_lets_in_again(client):
    staff()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(4):
            sign_in(client, password="wrong")
        sign_in(client)
        assert is_in(client), "four are forgiven"
        client.logout()
        for _ in range(5):
            sign_in(client, password="wrong")
        sign_in(client)
        assert not is_in(client)
        clock.shift(datetime.timedelta(minutes=16))
        sign_in(client)
        assert is_in(client)


def test_trying_on_while_shut_out_neither_prolongs_it_nor_fills_the_audit(client):
    staff()
    for _ in range(40):
        sign_in(client, password="wrong")
    assert Deed.objects.filter(verb="fail_sign_in").count() == 5
    assert sum(row.failures_since_start for row in AccessAttempt.objects.all()) == 5


def test_a_stranger_elsewhere_does_not_shut_the_editor_out(client):
    staff()
    for _ in range(10):
        sign_in(client, password="wrong", REMOTE_ADDR="203.0.113.9")
    sign_in(client)
    assert is_in(client)


def test_one_address_that_tries_many_names_is_shut_out(client):
    staff()
    for number in range(30):
        sign_in(client, f"name-{number}", "wrong")
    sign_in(client)
    assert not is_in(client)


def test_an_account_of_ones_own_is_no_way_to_go_on_trying_anothers(client):
    staff()
    staff("insider")
    for _ in range(3):
        for _ in range(3):
            sign_in(client, "editor", "wrong")
        sign_in(client, "insider")
        client.logout()
    sign_in(client, "editor")
    assert not is_in(client)


@pytest.mark.parametrize(("proxies", "shut_out"), [(0, True), (1, False), (2, True)])
def test_the_address_is_the_one_our_own_proxies_saw(client, settings, proxies, shut_out):
    settings.TRUSTED_PROXIES = proxies
    staff()
    for number in range(5):  # what the asker writes in front changes nothing
        sign_in(client, password="wrong", HTTP_X_FORWARDED_FOR=f"10.0.0.{number}, 198.51.100.1, 203.0.113.{number}")
    sign_in(client, HTTP_X_FORWARDED_FOR="198.51.100.1, 203.0.113.77")
    assert is_in(client) is not shut_out


def test_no_address_name_password_or_browser_is_stored(client):
    staff()
    sign_in(client, "my-password-by-mistake", "secret", HTTP_USER_AGENT="Firefox", REMOTE_ADDR="203.0.113.9")
    stored = str(list(AccessAttempt.objects.values()))
    for said in ("my-password-by-mistake", "secret", "Firefox", "203.0.113.9"):
        assert said not in stored
    with time_machine.travel(timezone.now() + datetime.timedelta(hours=1)):
        guarding.forget()
    assert not AccessAttempt.objects.exists()


@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
def test_what_is_old_is_forgotten_by_whoever_comes_next_without_any_worker(client, password):
    staff("known")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for number in range(3):
            sign_in(client, f"somebody-{number}", "wrong")
        clock.shift(datetime.timedelta(minutes=14))
        sign_in(client, "known", password)
        assert AccessAttempt.objects.count() >= 3, "these still count"
        clock.shift(datetime.timedelta(minutes=2))
        sign_in(client, "known", password)
        assert AccessAttempt.objects.count() == (password == "wrong")


# --- Sessions ---
def test_signing_in_changes_the_key_of_the_session(enrolled):
    client = Client()
    sign_in(client)
    before = client.session.session_key
    client.post(CODE, {"code": code_of(enrolled.key)})
    assert is_in(client)
    assert client.session.session_key != before
    assert not StaffSession.objects.filter(session_key=before).exists()


@pytest.mark.parametrize(("hours", "times", "ends"), [(11, 1, False), (13, 1, True), (11, 14, False), (11, 16, True)])
def test_a_session_ends_after_idle_hours_and_after_a_week_whatever_is_done(client, hours, times, ends):
    staff()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        sign_in(client)
        for _ in range(times):
            clock.shift(datetime.timedelta(hours=hours))
            alive = is_in(client)
        assert alive is not ends


def test_signing_out_everywhere_ends_every_session_of_ones_own(client):
    staff()
    staff("other")
    elsewhere, other = Client(), Client()
    sign_in(client)
    sign_in(elsewhere)
    sign_in(other, "other")
    assert client.get(reverse("signing:leave_everywhere")).status_code == 405
    client.post(reverse("signing:leave_everywhere"))
    assert [is_in(each) for each in (client, elsewhere, other)] == [False, False, True]


def test_a_new_password_and_new_roles_end_sessions(client):
    user, chief = staff(), staff("chief", "chief")
    sign_in(client)
    desk = Client()
    desk.force_login(chief)
    desk.post(
        reverse("admin:auth_user_change", args=[user.pk]),
        {"username": "editor", "is_active": "on", "is_staff": "on", "groups": [Group.objects.get(name="reporter").pk]}
        | {"own_password": PASSWORD},
    )
    assert list(user.groups.values_list("name", flat=True)) == ["reporter"]
    assert not is_in(client)
    sign_in(client)
    user.set_password("another long password")
    user.save()
    assert not is_in(client)


def test_short_and_common_passwords_are_refused(client):
    client.force_login(staff(role="", is_superuser=True))
    for password, taken in (("elevenchars", False), ("password1234", False), ("four birds, one tree", True)):
        name = f"new-{len(password)}"
        client.post(
            reverse("admin:auth_user_add"),
            {"username": name, "usable_password": "true", "password1": password, "password2": password},
        )
        assert get_user_model().objects.filter(username=name).exists() is taken, password


# --- Second factor ---
def test_enrolling_needs_the_password_and_a_code_of_the_app(client):
    user = staff()
    sign_in(client)
    page = client.get(ACCOUNT)
    key = client.session["enrolling"]
    assert page.context["secret"].replace(" ", "") in guarding.provisioning(user, key)[0]
    for given in (
        {"code": code_of(key)},
        {"code": "000000", "password": PASSWORD},
        {"code": code_of(key), "password": "x"},
    ):
        client.post(ACCOUNT, given)
        assert not guarding.has_factor(user)
    answer = client.post(ACCOUNT, {"code": code_of(key), "password": PASSWORD})
    codes = answer.context["codes"]
    assert guarding.has_factor(user)
    assert len(set(codes)) == 10
    assert all(code in answer.content.decode() for code in codes)
    assert client.get(ACCOUNT).context["codes"] is None
    assert is_in(client)


def test_the_password_alone_opens_nothing_once_a_factor_is_enrolled(client, enrolled):
    answer = sign_in(client)
    assert answer["Location"] == CODE
    assert not is_in(client)
    client.post(CODE, {"code": "000000"})
    assert not is_in(client)
    with time_machine.travel(timezone.now() + datetime.timedelta(seconds=30)):
        client.post(CODE, {"code": code_of(enrolled.key)})
        assert is_in(client)


def test_a_code_is_good_once(client, enrolled):
    code = code_of(enrolled.key)
    for expected in (True, False):
        client.logout()
        sign_in(client)
        client.post(CODE, {"code": code})
        assert is_in(client) is expected


def test_a_recovery_code_opens_once_however_it_is_typed_and_is_not_stored(client, enrolled):
    code = enrolled.codes[3]
    stored = set(StaticToken.objects.values_list("token", flat=True))
    assert not stored & {code, code.replace("-", "")}
    for typed, expected in ((code.upper().replace("-", " "), True), (code, False)):
        client.logout()
        sign_in(client)
        client.post(CODE, {"code": typed})
        assert is_in(client) is expected
    assert guarding.recovery_codes_left(enrolled) == 9


def test_codes_cannot_be_guessed(client, enrolled):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(6):
            sign_in(client)
            client.post(CODE, {"code": "000000"})
            clock.shift(datetime.timedelta(seconds=20))
        sign_in(client)
        client.post(CODE, {"code": code_of(enrolled.key)})
        assert not is_in(client)
    assert Deed.objects.filter(verb="fail_sign_in").exists()


def test_the_code_is_asked_for_a_few_minutes_and_of_nobody_else(client, enrolled):
    assert client.get(CODE)["Location"] == IN
    sign_in(client)
    assert client.get(CODE).status_code == 200
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=6)):
        assert client.post(CODE, {"code": code_of(enrolled.key)})["Location"] == IN
    enrolled.set_password("another long password")
    enrolled.save()
    assert client.get(CODE)["Location"] == IN


def test_nobody_is_led_to_a_strangers_site_after_signing_in(client, enrolled):
    client.post(f"{IN}?next=https://elsewhere.example/", {"username": "editor", "password": PASSWORD})
    answer = client.post(CODE, {"code": code_of(enrolled.key)})
    assert answer["Location"] == reverse("admin:index")


def test_removing_it_needs_the_password_and_ends_all_sessions(client, enrolled):
    client.force_login(enrolled)
    elsewhere = Client()
    elsewhere.force_login(enrolled)
    client.post(ACCOUNT, {"password": "wrong", "remove": ""})
    assert guarding.has_factor(enrolled)
    client.post(ACCOUNT, {"password": PASSWORD, "remove": ""})
    assert not guarding.has_factor(enrolled)
    assert not is_in(client)
    assert not is_in(elsewhere)


def test_a_demand_of_a_role_lets_its_members_do_nothing_before_they_enrol(client):
    user, chief = staff(), staff("chief", "chief")
    sign_in(client)
    desk = Client()
    desk.force_login(chief)
    desk.post(DEMANDS, {"role": ["editor", "nonsense"], "password": PASSWORD})
    assert guarding.demanded_roles() == {"editor"}
    assert not is_in(client), "who has none is signed out"
    assert is_in(desk), "who is in another role is not"
    sign_in(client)
    for address in ("/admin/", reverse("admin:articles_article_changelist"), reverse("admin:password_change")):
        assert client.get(address)["Location"] == ACCOUNT
        assert client.post(address)["Location"] == ACCOUNT
    client.get(ACCOUNT)
    client.post(ACCOUNT, {"code": code_of(client.session["enrolling"]), "password": PASSWORD})
    assert is_in(client)
    assert guarding.has_factor(user)
    desk.post(DEMANDS, {"password": PASSWORD})
    assert not guarding.demanded_roles()


def test_whoever_is_given_a_role_that_demands_it_must_enrol(client):
    user, chief = staff(role="reporter"), staff("chief", "chief")
    guarding.demand_of_roles({"editor"}, chief)
    sign_in(client)
    assert is_in(client)
    desk = Client()
    desk.force_login(chief)
    groups = Group.objects.filter(name="editor").values_list("pk", flat=True)
    change = {"username": "editor", "is_active": "on", "is_staff": "on", "groups": list(groups)}
    change |= {"own_password": PASSWORD}
    desk.post(reverse("admin:auth_user_change", args=[user.pk]), change)
    sign_in(client)
    assert client.get("/admin/")["Location"] == ACCOUNT


def test_a_superuser_counts_as_every_role(client):
    staff("root", role="", is_superuser=True)
    guarding.demand_of_roles({"reporter"}, None)
    sign_in(client, "root")
    assert client.get("/admin/")["Location"] == ACCOUNT


@pytest.mark.parametrize("role", ["", "reporter", "editor"])
def test_only_chiefs_demand_and_put_out(client, role):
    other = staff("other")
    client.force_login(staff(role=role))
    assert client.get(DEMANDS).status_code == 403
    assert client.post(DEMANDS, {"role": "editor"}).status_code == 403
    assert client.post(reverse("signing:put_out", args=[other.pk])).status_code == 403


def test_a_chief_puts_out_whoever_lost_the_telephone_but_no_superuser(client, enrolled):
    root = staff("root", role="", is_superuser=True)
    lost = Client()
    lost.force_login(enrolled)
    client.force_login(staff("chief", "chief"))
    client.post(reverse("signing:put_out", args=[enrolled.pk]), {"sessions": "", "password": PASSWORD})
    assert guarding.has_factor(enrolled)
    assert not is_in(lost)
    client.post(reverse("signing:put_out", args=[enrolled.pk]), {"factor": "", "password": PASSWORD})
    assert not guarding.has_factor(enrolled)
    assert client.post(reverse("signing:put_out", args=[root.pk])).status_code == 404
    assert root.username not in client.get(DEMANDS).content.decode()


# --- An open screen, a stolen session ---
@pytest.fixture
def chief_at_work(client, enrolled):
    """A chief with a second factor, whose session somebody else has; and an editor with one."""
    chief = staff("chief", "chief")
    guarding.enrol(chief, key := guarding.new_key(), code_of(key))
    client.force_login(chief)
    return chief


@pytest.mark.parametrize("given", [{}, {"password": "wrong"}])
def test_without_the_password_a_chiefs_session_demands_nothing_and_puts_nobody_out(
    client, chief_at_work, enrolled, given
):
    elsewhere = Client()
    elsewhere.force_login(enrolled)
    guarding.demand_of_roles({"chief"}, None)
    told = client.post(DEMANDS, {"role": "editor"} | given).content.decode()
    assert 'value="editor" checked' in told, "what was chosen is kept for the next try"
    for deed in ("sessions", "factor"):
        answer = client.post(reverse("signing:put_out", args=[enrolled.pk]), {deed: ""} | given, follow=True)
        assert answer.redirect_chain == [(DEMANDS, 302)]
        assert list(answer.context["messages"])
    assert guarding.demanded_roles() == {"chief"}
    assert guarding.has_factor(enrolled)
    assert is_in(elsewhere)


@pytest.mark.parametrize("role", ["chief", "superuser"])
def test_nobody_removes_their_own_factor_or_sets_their_own_password_where_others_are_looked_after(client, role):
    user = staff("own", "chief" if role == "chief" else "", is_superuser=role == "superuser")
    guarding.enrol(user, key := guarding.new_key(), code_of(key))
    client.force_login(user)
    for given in ({}, {"password": PASSWORD}):
        assert client.post(reverse("signing:put_out", args=[user.pk]), {"factor": ""} | given).status_code == 403
    assert f'action="{reverse("signing:put_out", args=[user.pk])}"' not in client.get(DEMANDS).content.decode()
    new = {"usable_password": "true", "password1": "quite another password", "password2": "quite another password"}
    for address in (
        reverse("admin:auth_user_password_change", args=[user.pk]),
        f"/admin/auth/user/0{user.pk}/password/",
    ):
        for answer in (client.get(address), client.post(address, new), client.post(address, {"unset-password": ""})):
            assert answer.status_code in (302, 404)
    user.refresh_from_db()
    assert guarding.has_factor(user)
    assert user.check_password(PASSWORD)


NEW = {"usable_password": "true", "password1": "quite another password", "password2": "quite another password"}
NONE = {"usable_password": "false", "unset-password": ""}


def own(name, role):
    """A browser of a member of staff who is signed in; "superuser" is a role here, and "" is none."""
    user, client = staff(name, "" if role == "superuser" else role, is_superuser=role == "superuser"), Client()
    client.force_login(user)
    return client


def change_of(user, **more):
    """What the page of a person sends."""
    groups = list(user.groups.values_list("pk", flat=True))
    return {"username": user.username, "is_active": "on", "is_staff": "on", "groups": groups} | more


def role_number(name):
    return Group.objects.get(name=name).pk


@pytest.mark.parametrize("new", [NEW, NONE])
@pytest.mark.parametrize("role", ["chief", "superuser"])
def test_anothers_password_is_set_by_who_knows_ones_own_and_sessions_of_the_other_end(enrolled, role, new):
    client, elsewhere = own("looks-after", role), Client()
    elsewhere.force_login(enrolled)
    address = reverse("admin:auth_user_password_change", args=[enrolled.pk])
    assert 'name="own_password"' in client.get(address).content.decode()
    told = []
    for given in ({}, {"own_password": ""}, {"own_password": "wrong"}, {"own_password": "quite another password"}):
        answer = client.post(address, new | given)
        assert answer.status_code == 200
        told.append(str(answer.context["form"].errors["own_password"]))
        assert told[-1] in answer.content.decode(), "the page shows it"
    enrolled.refresh_from_db()
    assert enrolled.check_password(PASSWORD)
    assert is_in(elsewhere)
    assert told[0] == told[1]
    assert told[2] == told[3]
    assert Deed.objects.filter(verb="fail_sign_in", actor="looks-after").count() == 2, "what was not typed is no try"

    assert client.post(address, new | {"own_password": PASSWORD}).status_code == 302
    enrolled.refresh_from_db()
    assert enrolled.check_password("quite another password") is (new is NEW)
    assert not enrolled.check_password(PASSWORD)
    assert not StaffSession.objects.filter(account=enrolled.pk).exists()
    assert not is_in(elsewhere)
    assert is_in(client)
    deed = Deed.objects.get(verb="change", kind="user", number=enrolled.pk)
    assert deed.actor == "looks-after"
    assert "assword" in str(deed.details)


@pytest.mark.parametrize("role", ["", "reporter", "editor"])
def test_nobody_else_sets_anothers_password_or_gives_roles_not_even_with_their_own(role):
    other, client = staff("other", "reporter"), own("own", role)
    for name, sent in (
        ("password_change", NEW),
        ("change", change_of(other, groups=[role_number("chief")])),
    ):
        address = reverse(f"admin:auth_user_{name}", args=[other.pk])
        assert client.post(address, sent | {"own_password": PASSWORD}).status_code == 403
    other.refresh_from_db()
    assert other.check_password(PASSWORD)
    assert [group.name for group in other.groups.all()] == ["reporter"]


RIGHTS = {
    "a role": lambda user: {"groups": [role_number("reporter"), role_number("chief")]},
    "no role": lambda user: {"groups": []},
    "no desk": lambda user: {"is_staff": ""},
    "no account": lambda user: {"is_active": ""},
    "all rights": lambda user: {"is_superuser": "on"},
    "a right": lambda user: {"user_permissions": [Permission.objects.get(codename="delete_user").pk]},
}


def rights_of(user):
    user = get_user_model().objects.get(pk=user.pk)
    marks = user.is_active, user.is_staff, user.is_superuser
    return marks, {group.name for group in user.groups.all()}, set(user.user_permissions.values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("role", "what"), [*(("chief", what) for what in [*RIGHTS][:4]), *(("superuser", what) for what in RIGHTS)]
)
def test_rights_are_given_and_taken_by_who_knows_ones_own_password_and_sessions_of_the_other_end(role, what):
    other, client, elsewhere = staff("other", "reporter"), own("looks-after", role), Client()
    elsewhere.force_login(other)
    address, before = reverse("admin:auth_user_change", args=[other.pk]), rights_of(other)
    sent = {name: value for name, value in change_of(other, **RIGHTS[what](other)).items() if value != ""}
    assert 'name="own_password"' in client.get(address).content.decode()
    for given in ({}, {"own_password": ""}, {"own_password": "wrong"}):
        answer = client.post(address, sent | given)
        assert answer.status_code == 200
        assert str(answer.context["adminform"].form.errors["own_password"]) in answer.content.decode()
    assert rights_of(other) == before
    assert is_in(elsewhere)

    assert client.post(address, sent | {"own_password": PASSWORD}).status_code == 302
    assert rights_of(other) != before
    assert not StaffSession.objects.filter(account=other.pk).exists()
    deed = Deed.objects.get(verb="change", kind="user", number=other.pk)
    assert deed.actor == "looks-after"
    assert "Your password" not in str(deed.details)
    assert PASSWORD not in str(list(Deed.objects.values()))


def test_names_are_mended_without_a_password_and_no_session_ends():
    other, client, elsewhere = staff("other", "reporter"), own("looks-after", "chief"), Client()
    elsewhere.force_login(other)
    sent = change_of(other, first_name="Ada")
    assert client.post(reverse("admin:auth_user_change", args=[other.pk]), sent).status_code == 302
    other.refresh_from_db()
    assert other.first_name == "Ada"
    assert is_in(elsewhere)


def test_what_a_role_may_do_is_changed_with_a_password():
    group, client = Group.objects.get(name="reporter"), own("root", "superuser")
    before = set(group.permissions.values_list("pk", flat=True))
    address = reverse("admin:auth_group_change", args=[group.pk])
    sent = {"name": "reporter", "permissions": [Permission.objects.get(codename="delete_user").pk]}
    for given, taken in (({}, False), ({"own_password": "wrong"}, False), ({"own_password": PASSWORD}, True)):
        client.post(address, sent | given)
        assert (set(group.permissions.values_list("pk", flat=True)) != before) is taken
    looks = own("looks", "chief").get(address)
    assert looks.status_code == 200
    assert "own_password" not in looks.content.decode()


def test_ones_own_password_cannot_be_guessed_at_the_page_of_another(enrolled):
    other, client = staff("other"), own("looks-after", "chief")
    given = {"own_password": PASSWORD}
    for number in range(5):
        sent = change_of(other, groups=[role_number("chief")], own_password=f"guess number {number}")
        client.post(reverse("admin:auth_user_change", args=[other.pk]), sent)
    sent = change_of(other, groups=[role_number("chief")])
    answer = client.post(reverse("admin:auth_user_change", args=[other.pk]), sent | given)
    assert "tried too often" in str(answer.context["adminform"].form.errors["own_password"])
    client.post(reverse("admin:auth_user_password_change", args=[other.pk]), NEW | given)
    client.post(reverse("signing:put_out", args=[enrolled.pk]), {"factor": "", "password": PASSWORD})
    other.refresh_from_db()
    assert other.check_password(PASSWORD)
    assert [group.name for group in other.groups.all()] == ["editor"]
    assert guarding.has_factor(enrolled)
    stored = str(list(AccessAttempt.objects.values())) + str(list(Deed.objects.values()))
    assert "guess number" not in stored
    assert "quite another" not in stored
    assert Deed.objects.filter(verb="fail_sign_in", actor="looks-after").count() == 5, "as at signing in"


def test_the_old_password_cannot_be_guessed_where_it_is_changed(client):
    user = staff()
    client.force_login(user)
    address = reverse("admin:password_change")
    new = {"new_password1": "quite another password", "new_password2": "quite another password"}
    for number in range(5):
        client.post(address, new | {"old_password": f"guess number {number}"})
    told = client.post(address, new | {"old_password": PASSWORD}).context["form"].errors["old_password"]
    assert "tried too often" in str(told)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    stored = str(list(AccessAttempt.objects.values()))
    assert "guess number" not in stored
    assert "quite another" not in stored
    assert Deed.objects.filter(verb="fail_sign_in").count() >= 5


def test_who_knows_the_old_password_changes_it_and_stays_in(client):
    user = staff()
    client.force_login(user)
    new = {"new_password1": "quite another password", "new_password2": "quite another password"}
    answer = client.post(reverse("admin:password_change"), new | {"old_password": PASSWORD})
    assert answer["Location"] == reverse("admin:password_change_done")
    user.refresh_from_db()
    assert user.check_password("quite another password")
    assert is_in(client)


def test_secrets_of_second_factors_have_no_desk(admin_client):
    for address in ("otp_totp/totpdevice/", "otp_static/staticdevice/", "axes/accessattempt/"):
        assert admin_client.get(f"/admin/{address}").status_code == 404


def test_the_page_of_people_costs_the_same_for_many(client, django_assert_max_num_queries):
    client.force_login(staff("chief", "chief"))
    for number in range(20):
        staff(f"n-{number}")
    client.get(DEMANDS)
    with django_assert_max_num_queries(9):
        client.get(DEMANDS)


# --- Privacy of staff ---
def test_a_person_is_written_out_and_forgotten_but_the_audit_keeps_the_name(client, enrolled, capsys):
    sign_in(client)
    client.post(CODE, {"code": code_of(enrolled.key)})
    revision = makers.RevisionMaker(author=enrolled)
    written = guarding.export_person(enrolled)
    assert written["account"]["name"] == "editor"
    assert [row["id"] for row in written["revisions"]] == [revision.pk]
    assert [deed["verb"] for deed in written["deeds"]].count("sign_in") == 1
    call_command("export_person", "editor")
    assert '"roles": ["editor"]' in capsys.readouterr().out
    call_command("erase_person", "editor", "--yes")
    enrolled.refresh_from_db()
    assert enrolled.username == f"former-{enrolled.pk}"
    kept = [enrolled.is_active, enrolled.email, enrolled.groups.exists(), guarding.has_factor(enrolled)]
    assert not any(kept)
    assert not is_in(client)
    revision.refresh_from_db()
    assert revision.author_id == enrolled.pk
    assert Deed.objects.filter(verb="sign_in", actor="editor").exists()
