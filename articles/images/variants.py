"""Other addresses at which the same picture was seen: table only. (Not with the reading rules: it changes no text.)"""

# Pattern over an address, the other addresses it may have, best first. The first row that matches counts.
VARIANTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"(https?://ichef\.bbci\.co\.uk/news)/\d+/(.+)", (r"\1/1024/\2", r"\1/976/\2", r"\1/800/\2")),
    (r"(https?://ichef\.bbci\.co\.uk/ace/(?:ws|standard))/\d+/(.+)", (r"\1/1024/\2", r"\1/800/\2", r"\1/640/\2")),
    (
        r"https?://(?:api|static)\.dw\.com/image/(\d+)_\d+\.(\w+)",
        (r"https://static.dw.com/image/\1_605.\2", r"https://static.dw.com/image/\1_303.\2"),
    ),
    (r"(https?://s\.rfi\.fr/media/display/[^/]+)/w:\d+/(.+)", (r"\1/w:1280/\2", r"\1/w:980/\2", r"\1/w:310/\2")),
    (
        r"(https?://gdb\.(?:voanews|rferl)\.\w+/[0-9A-Fa-f-]+)_\w+(\.\w+)",
        (r"\1_w1023_r1_s\2", r"\1_w650_r1_s\2", r"\1\2"),
    ),
    (
        r"(https?://static\d*\.nyt\.com/.+)-(?:superJumbo|master\d+|articleLarge|jumbo)(.*\.\w+)",
        (r"\1-superJumbo\2", r"\1-master1050\2", r"\1-articleLarge\2"),
    ),
    (r"(https?://i\.ytimg\.com/vi/[\w-]+)/maxresdefault\.jpg", (r"\1/sddefault.jpg", r"\1/hqdefault.jpg")),
    (r"(https?://.+)-\d{2,4}x\d{2,4}(\.(?:jpe?g|png|gif|webp))", (r"\1\2",)),  # WordPress: the size it was cut to
)

# For every picture, after its own row; {address} is put in as it stands.
ARCHIVES: tuple[str, ...] = ("https://web.archive.org/web/2id_/{address}",)
