"""The catalogues of the interface are whole: all that the program says is in them, translated, and compiled."""

import ast
import collections
import gettext
import os
import re
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from tests.services import ROOT, missing

LANGUAGES = ["zh_Hans", "zh_Hant"]
SPEAKING = ("articles", "newsroom", "templates")  # folders whose words people read
QUOTED = re.compile(r'(?:(msgctxt|msgid_plural|msgid|msgstr)(?:\[\d+\])?\s+)?(".*")')
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")

Entry = collections.namedtuple("Entry", "context word plural translation", defaults=("", "", "", ""))


def entries_of(catalogue):
    """Entries of a catalogue but for its head; those that are out of use stand behind #~ and are no lines of ours."""
    entries = []
    for block in re.split(r"\n\s*\n", catalogue):
        said, part = {}, ""
        for line in block.splitlines():
            found = QUOTED.fullmatch(line.strip())
            if found:
                part = found[1] or part
                said[part] = said.get(part, "") + ast.literal_eval(found[2])
        if said.get("msgid"):
            names = ("msgctxt", "msgid", "msgid_plural", "msgstr")
            entries.append(Entry(*(said.get(name, "") for name in names)))
    return entries


def stored(language):
    """The entries of a language, and what its compiled catalogue says."""
    folder = Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES"
    with (folder / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    return entries_of((folder / "django.po").read_text(encoding="utf-8")), compiled


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_translated_and_compiled(language):
    entries, compiled = stored(language)
    assert len(entries) > 200
    for entry in entries:
        found = compiled.ngettext(entry.word, entry.plural, 1) if entry.plural else compiled.gettext(entry.word)
        if entry.context:
            found = compiled.pgettext(entry.context, entry.word)
        assert entry.translation, f"translate {entry.word!r}"
        assert found == entry.translation, f"run compilemessages: {entry.word!r}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_takes_the_values_that_the_word_takes(language):
    for entry in stored(language)[0]:
        takes = set(PLACEHOLDER.findall(entry.plural or entry.word))
        assert set(PLACEHOLDER.findall(entry.translation)) == takes, entry.translation


@pytest.fixture(scope="session")
def said(tmp_path_factory):
    """What the program says, as makemessages finds it in a copy of its sources: pairs of context and word."""
    if not shutil.which("xgettext"):
        missing("xgettext is not installed (gettext)")
    folder = tmp_path_factory.mktemp("sources")
    for name in SPEAKING:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("locale", "static", "__pycache__"))
    (folder / "locale").mkdir()
    before, paths = Path.cwd(), settings.LOCALE_PATHS
    os.chdir(folder)
    settings.LOCALE_PATHS = [str(folder / "locale")]
    try:
        call_command("makemessages", locale=["zh_Hans"], keep_pot=True, no_location=True, verbosity=0)
    finally:
        os.chdir(before)
        settings.LOCALE_PATHS = paths
    found = entries_of((folder / "locale" / "django.pot").read_text(encoding="utf-8"))
    return {(entry.context, entry.word) for entry in found}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_that_the_program_says_is_missing_from_the_catalogue(said, language):
    assert len(said) > 200
    known = {(entry.context, entry.word) for entry in stored(language)[0]}
    lacking = sorted(word for context, word in said if (context, word) not in known)
    assert not lacking, f"{len(lacking)} words to be translated: {lacking}"
