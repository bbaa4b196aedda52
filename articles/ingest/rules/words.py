"""Word lists, written as a reader reads them."""


def words(text: str) -> frozenset[str]:
    """The set of the words in a text."""
    return frozenset(text.split())
