"""bleach with less bookkeeping against bleach itself."""

import bleach.sanitizer
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.ingest import sanitize
from articles.ingest.bleaching import Cleaner
from tests.ingest.made_html import HTML

OPTIONS = {
    "tags": sanitize.TAGS,
    "attributes": sanitize._is_allowed,
    "protocols": sanitize.SCHEMES,
    "strip": True,
    "strip_comments": True,
}
OURS, BLEACH = Cleaner(**OPTIONS), bleach.sanitizer.Cleaner(**OPTIONS)
PIECES = st.sampled_from(
    [
        *("<", ">", "</", "/>", "=", '"', "'", " ", "\n", "&", "&amp;", "&#", "<!--", "-->", "<![CDATA[", "<?", "\0"),
        *("p", "a", "href", "http://x.y/?a=1&b", "javascript:x", "script", "svg", "table", "字", "<p", "<a href="),
        *("</p>", "\ufffe"),
    ]
)
SOUP = st.lists(PIECES, max_size=30).map("".join)


@given(HTML | SOUP)
@settings(max_examples=800, deadline=None)
def test_cleans_as_bleach_does_to_the_letter(html):
    assert OURS.clean(html) == BLEACH.clean(html)


def test_a_long_text_is_cleaned_as_bleach_does():
    html = "<p>字&amp;<a href='http://x.y/'>b</a></p>\r\n" * 2_000 + "</ broken"

    assert OURS.clean(html) == BLEACH.clean(html)
