"""Backups: everything that the newsroom keeps, written to a folder that any database can be filled from again."""

from articles.safekeeping.layout import Unusable
from articles.safekeeping.reading import restore, verify
from articles.safekeeping.writing import back_up

__all__ = ["Unusable", "back_up", "restore", "verify"]
