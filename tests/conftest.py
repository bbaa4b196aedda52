"""What every test may ask for."""

from pathlib import Path

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
# Rooms of tests that start browsers, servers and processes, or go through the whole desk: nine tenths of all the time.
SLOW = (
    "admin/test_every_page.py",
    "browser",
    "hostile",
    "importing/test_background.py",
    "importing/test_command.py",
    "importing/test_faults.py",
    "importing/test_hardship.py",
    "importing/test_inbox.py",
    "importing/test_kills.py",
    "ingest/test_apart.py",
    "ingest/test_bleaching.py",
    "ingest/test_laws.py",
    "ingest/test_memory.py",
    "test_audit.py",
    "test_backup.py",
    "test_counts.py",
    "test_curation_bulk.py",
    "test_environment.py",
    "test_images_fetching.py",
    "test_migrations.py",
    "test_running.py",
    "test_search_walks.py",
    "test_security_deeds.py",
    "test_security_forms.py",
    "test_security_headers.py",
    "test_security_objects.py",
    "test_security_rights.py",
    "test_security_signing_in.py",
    "test_takedowns_everywhere.py",
    "test_validity.py",
    "test_websub.py",
)


def pytest_collection_modifyitems(items):
    """`make quick` leaves the slow rooms out, and what needs PostgreSQL."""
    places = tuple(str(Path(__file__).parent / room) for room in SLOW)
    for item in items:
        if str(item.path).startswith(places) or "postgres" in item.name or "both_databases" in item.name:
            item.add_marker(pytest.mark.slow)


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
