"""Variables of the environment: a wrong value stops the start with one line that says what is allowed."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from newsroom import environment
from tests.services import ROOT


def start(*args, **variables):
    """Run manage.py with these variables and no others of ours."""
    ours = ("NEWSROOM_", "DATABASE", "CELERY", "DJANGO_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [sys.executable, "manage.py", *args],
        env={**kept, **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


PRODUCTION = {
    "NEWSROOM_SECRET_KEY": "x7" * 40 + "abcdefghij",
    "NEWSROOM_SITE_URL": "https://news.example",
    "NEWSROOM_ALLOWED_HOSTS": "news.example",
}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("NEWSROOM_DEBUG", "flase", "allowed are true and false"),
        ("NEWSROOM_FETCH_IMAGES", "1", "allowed are true and false"),
        ("NEWSROOM_SITE_URL", "news.example", "http:// or https://"),
        ("NEWSROOM_WEBSUB_HUBS", "https://hub.example/, hub.other", "http:// or https://"),
        ("DATABASE_URL", "mysql://host/name", "sqlite:///path and postgres://"),
        ("CELERY_BROKER_URL", "kafka://host", "redis://"),
        ("CACHE_URL", "memcache://host", "redis://host/1"),
        ("NEWSROOM_DATA_DIR", str(ROOT / "manage.py"), "allowed is a folder"),
        ("NEWSROOM_FILE_SECONDS", "301", "from 0 to 300"),
        ("NEWSROOM_SECRET_KEY_FILE", "/nowhere/at/all", "name a readable text file"),
    ],
)
def test_a_wrong_value_stops_the_start_with_one_line(tmp_path, name, value, words):
    variables = {"NEWSROOM_DEBUG": "true", "NEWSROOM_DATA_DIR": str(tmp_path), name: value}
    done = start("check", **variables)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert name in done.stderr
    assert words in done.stderr


def test_a_secret_key_is_demanded_when_debug_is_off(tmp_path):
    done = start("check", NEWSROOM_DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "NEWSROOM_SECRET_KEY" in done.stderr


def test_a_key_may_come_from_a_file_but_not_from_two_places(tmp_path, monkeypatch):
    (tmp_path / "key").write_text("  from the file\n", encoding="utf-8")
    monkeypatch.setenv("NEWSROOM_SECRET_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.delenv("NEWSROOM_SECRET_KEY", raising=False)
    assert environment.text("NEWSROOM_SECRET_KEY") == "from the file"
    monkeypatch.setenv("NEWSROOM_SECRET_KEY", "direct")
    with pytest.raises(ImproperlyConfigured, match="both set"):
        environment.text("NEWSROOM_SECRET_KEY")


def test_production_settings_pass_the_deployment_check(tmp_path):
    done = start("check", "--deploy", "--fail-level", "INFO", NEWSROOM_DATA_DIR=str(tmp_path), **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_a_command_carries_no_dictionary_that_only_pages_look_into(tmp_path):
    script = "import sys; import articles.urls; print('articles.admin' in sys.modules, 'pypinyin' in sys.modules)"
    done = start("shell", "--verbosity", "0", "--command", script, NEWSROOM_DATA_DIR=str(tmp_path), **PRODUCTION)
    assert done.stdout.split() == ["True", "False"], done.stderr  # 56 MB


def test_demo_accounts_are_refused_without_debug(tmp_path):
    assert start("migrate", "-v", "0", NEWSROOM_DATA_DIR=str(tmp_path), **PRODUCTION).returncode == 0
    done = start("make_demo_accounts", NEWSROOM_DATA_DIR=str(tmp_path), **PRODUCTION)
    assert done.returncode == 1
    assert "createsuperuser" in done.stderr


def test_sqlite_is_set_up_for_several_writers(monkeypatch, tmp_path):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    options = environment.database("DATABASE_URL", tmp_path / "x.sqlite3")["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] == 20
    assert "journal_mode=WAL" in options["init_command"]
