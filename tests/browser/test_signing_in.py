"""Coming in by hand: enrolling, signing in with a code; at both widths and in both schemes."""

import base64
import time

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from articles import curation, guarding
from tests import makers
from tests.browser.looking import is_right
from tests.browser.steps import fill_in, press, strike

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "three boats on a river"


def code_of(secret_bytes):
    totp = TOTP(secret_bytes)
    totp.time = time.time()
    return f"{totp.token():06}"


def sign_in(page, live_server, name):
    page.goto(f"{live_server.url}/admin/")
    fill_in(page, name, PASSWORD)


@pytest.fixture
def chief(db):
    user = makers.UserMaker(username="chief")
    user.set_password(PASSWORD)
    user.save()
    curation.repair_roles(Group, Permission, ContentType)  # emptied with all tables by the test before
    user.groups.add(Group.objects.get(name="chief"))
    return user


@pytest.mark.parametrize("width", [390, 1280])
def test_somebody_of_whom_it_is_demanded_enrols_and_comes_in_with_a_code(page, live_server, watch, chief, width):
    guarding.demand_of_roles({"chief"}, chief)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{live_server.url}/admin/")
    is_right(page, watch)
    sign_in(page, live_server, "chief")
    page.wait_for_selector(".enrol-picture")
    is_right(page, watch)
    secret = page.inner_text(".secret").replace(" ", "")
    device = TOTPDevice(key=base64.b32decode(secret).hex())
    page.fill("#id_code", code_of(device.bin_key))
    page.fill("#id_password", PASSWORD)
    strike(page, "Enter")
    page.wait_for_selector(".recovery-codes")
    is_right(page, watch)
    recovery = page.inner_text(".recovery-codes li:first-child code")
    press(page, "#logout-form button")
    sign_in(page, live_server, "chief")
    page.wait_for_selector("#id_code")
    is_right(page, watch)
    page.keyboard.type(recovery)
    strike(page, "Enter")
    page.wait_for_selector("#user-tools")
    page.goto(f"{live_server.url}/admin/second-factor/")
    is_right(page, watch)
