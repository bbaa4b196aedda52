"""What a person does in a browser, done to its end: a click that leads on is over when the next page is there."""

from django.conf import settings
from django.test import Client

from tests import makers


def press(page, what) -> None:
    """Click what leads to another page (a selector, the first that fits, or a locator) and wait until that is there."""
    with page.expect_navigation():
        if isinstance(what, str):
            page.click(what)
        else:
            what.click()


def strike(page, key: str) -> None:
    """Strike a key that leads to another page and wait until that is there."""
    with page.expect_navigation():
        page.keyboard.press(key)


def save(page) -> None:
    """Save the form of the admin and go on with it; an old page's message of success is not taken for the new one's."""
    press(page, "[name=_continue]")
    page.wait_for_selector(".messagelist .success")


def fill_in(page, name: str, password: str) -> None:
    """Sign in on the admin's page for it, which is open, and wait for what comes next."""
    page.fill("[name=username]", name)
    page.fill("[name=password]", password)
    press(page, "[type=submit]")


def sign_in(page, live_server, name: str):
    """A superuser whose password is the name, signed in without a page; coming in by hand is test_signing_in's."""
    user = makers.UserMaker(username=name, is_superuser=True)
    user.set_password(name)
    user.save()
    client = Client()
    client.force_login(user)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
    page.context.add_cookies([cookie | {"url": live_server.url}])
    return user
