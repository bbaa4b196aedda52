"""Writes docs/LICENCES.md: each package that the program runs with, its version and its licence as it states it."""

import importlib.metadata
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAD = """# Licences of what Newsroom runs with

Written by `make licences` out of requirements.lock and what the packages say of themselves.

| package | version | licence |
|---|---|---|
"""
ELSEWHERE = "(installed on other systems only)"


def packages(lock: str) -> list[tuple[str, str]]:
    """Names and versions in a lock."""
    return re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", lock, re.MULTILINE)


def licence_of(name: str) -> str:
    """As the package's metadata says: the expression, else the classifiers, else the first line of the text."""
    try:
        about = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return ELSEWHERE
    classifiers = [
        line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or () if line.startswith("License :: ")
    ]
    named = [each for each in classifiers if each != "OSI Approved"]
    text = (about.get("License") or "").strip().splitlines()
    return about.get("License-Expression") or ", ".join(named) or (text[0] if text else "")


def page() -> str:
    """The whole list."""
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    rows = [f"| {name} | {version} | {licence_of(name)} |" for name, version in packages(lock)]
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
