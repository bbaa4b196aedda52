"""What every test may ask for."""

import factory
import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.cache import caches
from django.db import connection
from django.db.models.signals import post_migrate
from django.utils import timezone, translation

from articles.curation import repair_roles
from articles.models.append_only import unguard
from tests import makers

MAKERS = [
    each
    for each in vars(makers).values()
    if isinstance(each, type) and issubclass(each, factory.django.DjangoModelFactory)
]
MAKERS.remove(factory.django.DjangoModelFactory)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Tests with transactions of their own empty every table at their end: the guards of those that are only added to
    are put up again by the tests that try them.
    """
    with django_db_blocker.unblock():
        unguard("articles_deed", connection)
    post_migrate.connect(_give_back_the_roles)


def _give_back_the_roles(app_config, **_):
    """Emptied tables tell that they are like new ones: the roles, which a migration made, come back here."""
    if app_config.label == "articles":
        repair_roles(Group, Permission, ContentType)


@pytest.fixture(autouse=True)
def _own_folders(settings, tmp_path):
    """No test writes into the developer's data; passwords are cheap to check."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.DATA_DIR = tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _numbers_from_nought():
    """What makers number (titles, addresses, dates) does not hang on which tests came before."""
    for maker in MAKERS:
        maker.reset_sequence(0)


@pytest.fixture(autouse=True)
def _nothing_left_behind():
    """What a test has cached, and the language and the zone that its last request was answered in, end with it."""
    yield
    for cache in caches.all(initialized_only=True):
        cache.clear()
    translation.deactivate()
    timezone.deactivate()
