"""The catalogues of the interface are whole, and compiled from what they say."""

import gettext
import pathlib
import re

import pytest
from django.conf import settings

ENTRY = re.compile(
    r'(?:^msgctxt "(.*)"\n)?^msgid "(.+)"\n(?:msgid_plural "(.*)"\n)?msgstr(?:\[0\])? "(.*)"$', re.MULTILINE
)


@pytest.mark.parametrize("language", ["zh_Hans", "zh_Hant"])
def test_every_word_is_translated_and_compiled(language):
    folder = pathlib.Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES"
    entries = ENTRY.findall((folder / "django.po").read_text(encoding="utf-8"))
    with (folder / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert len(entries) > 200
    for context, word, plural, translation in entries:
        plain = word.replace('\\"', '"')
        found = compiled.ngettext(plain, plural, 1) if plural else compiled.gettext(plain)
        if context:
            found = compiled.pgettext(context, plain)
        assert translation, f"run makemessages and translate {word!r}"
        assert found == translation.replace('\\"', '"'), "run compilemessages"
