"""Made-up HTML for hypothesis: ordinary, odd and hostile pieces, nested and cut as no site would."""

from hypothesis import strategies as st

_TEXTS = [
    *("潮", "汐表", "Plain words", " ", "\n  ", "&lt;script&gt;", "&amp;", "&#8203;", "&nbsp;", "—", "]]>", "<!--"),
    *("-->", "<", "\x00", "\x08", "\u202e", "\u3000"),
]
_NAMES = """
    p div span b strong i em a h1 h2 h3 h4 ul ol li table tr td th tbody caption blockquote pre code br hr img figure
    figcaption cite small section article main noscript script style svg math iframe video audio object form input
    button textarea select option template title details summary font center dl dt dd ruby rt sup sub xmp plaintext
    noembed noframes marquee picture source address time base link meta custom-tag frameset mtext mglyph
"""
_ADDRESSES = [
    *("https://example.org/x.jpg", "/pfad/b.png", "//host.example/c", "javascript:alert(1)", "java\tscript:alert(1)"),
    *("JaVaScRiPt&#58;x", "data:text/html,x", "data:image/gif;base64,AA", "vbscript:x", "mailto:a@b.example"),
    *("mailto:<x>", "#n1", "http://[bad", "file:///x", "https://images.weserv.nl/?url=a.example/p.jpg", "x", ""),
    *("https://www.youtube.com/embed/abc?x=1", "https://example.org/?utm_source=a&b=1", "https:\\\\evil.example"),
    *("ht\u200btps://a.example/", "https://a.example/ b", 'https://a.example/"><script>'),
]
_KEYS = [
    *("class", "style", "onclick", "onerror", "id", "name", "alt", "title", "width", "colspan", "start", "scope"),
    *("data-newsroom-role", "data-cfemail", '"x"', "a<b"),
]
_VALUES = [
    *("1", "x", "n1", "expression(1)", "caption", "credit", "42212d37", "col", "-5", "wp-caption-text", '"'),
    "99999999999",
]
_TEXT = st.one_of(st.sampled_from(_TEXTS), st.text(max_size=12))
_NAME = st.sampled_from(_NAMES.split())
_ATTRIBUTE = st.one_of(
    st.tuples(
        st.sampled_from(["href", "src", "data-src", "srcset", "poster", "cite", "action"]), st.sampled_from(_ADDRESSES)
    ),
    st.tuples(st.sampled_from(_KEYS), st.sampled_from(_VALUES)),
)


def _start(name, attributes, closed):
    pairs = "".join(f' {key}="{value}"' for key, value in attributes)
    return f"<{name}{pairs}{'/' if closed else ''}>"


_START = st.builds(_start, _NAME, st.lists(_ATTRIBUTE, max_size=3), st.booleans())
_END = _NAME.map(lambda name: f"</{name}>")
HTML = st.lists(st.one_of(_START, _START, _TEXT, _TEXT, _END), max_size=40).map("".join)
