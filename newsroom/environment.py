"""Strict readers of the environment: a wrong value stops the start with one line that tells what is allowed."""

import os
import pathlib
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

SECRET_LENGTH = 20
AWAY = 3  # seconds after which a database that does not answer is away


def text(name: str, default: str = "") -> str:
    """Value of the variable `name`, or the content of the file that `NAME_FILE` names (for secrets), or `default`.

    Raises ImproperlyConfigured when both are set or the file cannot be read.
    """
    direct, file = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if direct and file:
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: set one of them.")
    if file:
        try:
            return pathlib.Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(
                f"{name}_FILE names {file!r}, which cannot be read ({error}): name a readable text file."
            ) from error
    return direct.strip() if direct else default


def secret(name: str) -> str:
    """A key that nobody can guess, or none."""
    value = text(name)
    if value and len(value) < SECRET_LENGTH:
        raise ImproperlyConfigured(f"{name} is too short: allowed are {SECRET_LENGTH} characters or more.")
    return value


def flag(name: str, default: bool) -> bool:
    """True or false, and nothing else: a misspelt `flase` must not switch something on or off unseen."""
    value = text(name)
    if value == "":
        return default
    if value.lower() not in ("true", "false"):
        raise ImproperlyConfigured(f"{name} is {value!r}: allowed are true and false.")
    return value.lower() == "true"


def one_of(name: str, default: str, allowed: tuple[str, ...]) -> str:
    """One of a few words."""
    value = text(name, default).lower()
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} is {value!r}: allowed are {', '.join(allowed[:-1])} and {allowed[-1]}.")
    return value


def number(name: str, default: int, most: int | None = None) -> int:
    """A whole number from 0 on, up to `most`."""
    value = text(name)
    if value and not (value.isascii() and value.isdigit()):
        raise ImproperlyConfigured(f"{name} is {value!r}: allowed is a whole number such as 0 or 1.")
    if value and most is not None and int(value) > most:
        raise ImproperlyConfigured(f"{name} is {value}: allowed is a whole number from 0 to {most}.")
    return int(value) if value else default


def words(name: str, default: list[str]) -> list[str]:
    """A list written with commas; empty items are dropped."""
    value = text(name)
    return [word.strip() for word in value.split(",") if word.strip()] if value else default


def address(name: str, default: str, schemes: tuple[str, ...] = ("http", "https")) -> str:
    """An absolute address without a trailing slash; an empty default stays empty."""
    value = text(name, default)
    if not value:
        return ""
    return _address(name, value, schemes).rstrip("/")


def _address(name: str, value: str, schemes: tuple[str, ...] = ("http", "https")) -> str:
    parts = urlsplit(value)
    if parts.scheme not in schemes or not parts.netloc:
        raise ImproperlyConfigured(
            f"{name} is {value!r}: allowed is an address that begins with {' or '.join(f'{s}://' for s in schemes)}"
            " and names a host."
        )
    return value


def addresses(name: str) -> list[str]:
    """Absolute addresses, written with commas; none when the variable is empty."""
    return [_address(name, value) for value in dict.fromkeys(words(name, []))]


def folder(name: str, default: pathlib.Path | None) -> pathlib.Path | None:
    """An absolute folder; a relative one counts from the folder of manage.py (the parent of this package)."""
    value = text(name)
    path = pathlib.Path(value).expanduser() if value else default
    if path is None:
        return None
    if not path.is_absolute():
        path = pathlib.Path(__file__).resolve().parent.parent / path
    if path.exists() and not path.is_dir():
        raise ImproperlyConfigured(f"{name} is {str(path)!r}, which is a file: allowed is a folder.")
    return path


def database(name: str, sqlite: pathlib.Path) -> dict:
    """Django's settings of one database out of an address such as postgres://user:password@host/name.

    SQLite gets what several writers need (WAL, immediate transactions, a wait of 20 s): with WAL alone three of
    four concurrent writes fail with "database is locked". Its log is written back every 32 MB instead of every 4, since
    a batch of an import is larger than that and changes the same pages as the one before. PostgreSQL gets Django's
    connection pool, with a connection for each thread of WEB_THREADS; when it is away, that is known after 3 s.
    """
    value = text(name, f"sqlite:///{sqlite}")
    try:
        settings = environ.Env.db_url_config(value)
    except (ValueError, KeyError) as error:
        raise ImproperlyConfigured(f"{name} cannot be read ({error}).") from error
    engine = settings.get("ENGINE", "")
    if engine == "django.db.backends.sqlite3":
        settings.setdefault("OPTIONS", {}).update(
            timeout=20,
            transaction_mode="IMMEDIATE",
            init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
            " PRAGMA cache_size=-32000; PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=8000;",
        )
        settings["CONN_MAX_AGE"] = 600  # opening it anew for each request would read its whole schema again
    elif engine == "django.db.backends.postgresql":
        options = settings.setdefault("OPTIONS", {})
        options.setdefault("connect_timeout", AWAY)
        options.setdefault("pool", {"min_size": 1, "max_size": max(8, 2 * number("WEB_THREADS", 4)), "timeout": AWAY})
        settings["CONN_HEALTH_CHECKS"] = True  # a pool hands out no connection that a restarted server has forgotten
    else:
        raise ImproperlyConfigured(
            f"{name} begins with {value.split(':', 1)[0]!r}: allowed are sqlite:///path and postgres://user@host/name."
        )
    return settings


def cache(name: str) -> dict:
    """Django's settings of one cache; none given is the memory of the process."""
    value = text(name)
    if not value:
        return {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": "newsroom",
            "OPTIONS": {"MAX_ENTRIES": 1000},  # texts as pages show them are among them: some 20 MB
        }
    allowed = ("redis", "rediss", "locmemcache", "dummycache", "dbcache", "filecache")
    if value.split(":", 1)[0] not in allowed:
        raise ImproperlyConfigured(
            f"{name} begins with {value.split(':', 1)[0]!r}: allowed are {', '.join(allowed)} (as in redis://host/1)."
        )
    settings = environ.Env.cache_url_config(value)
    if value.startswith("redis"):
        settings["BACKEND"] = "django.core.cache.backends.redis.RedisCache"
    return settings
