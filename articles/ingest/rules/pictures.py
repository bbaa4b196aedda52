"""Pictures: proxies to see through, ornaments to drop, signs that are text."""

# Proxies: pattern over the picture's address; group 1 is the target, as it stands.
IMAGE_PROXIES: tuple[str, ...] = (
    r"https?://(?:images\.weserv\.nl|wsrv\.nl)/?\?(?:[^#]*?&)?url=(?:ssl:)?(.+)$",
    r"https?://i\d\.wp\.com/([^?#]+)",
)
# The weserv proxy's own parameters, which are not the target's.
PROXY_PARAMETERS = r"&(?:w|h|fit|output|q|we|il|dpr|n|maxage|default|a|t)=[^&]*"

# Attributes that hold a lazily loaded picture's address, best first.
LAZY_SOURCES: tuple[str, ...] = ("data-src", "data-lazy-src", "data-original", "data-actualsrc", "data-cfsrc")
LAZY_SETS: tuple[str, ...] = ("data-srcset", "data-lazy-srcset", "srcset")

ORNAMENT_ALT = r"presentational (?:grey line|white space)|grey line|transparent line|section divider|^line$|1px"
ORNAMENT_ADDRESS = (
    r"medium\.com/_/stat|grey_line|_line\d+-nc\.|separator-nc\.|transparent-nc|icon-zoom\.png|/servicelinks/|/pixel\b|doubleclick|"
    r"feeds\.feedburner|stats\.wordpress|pixel\.wp\.com|addtoany\.com|/share[-_]icons?/|/meta_og_twcards/"
)
# Alternative texts that say nothing.
EMPTY_ALT = (
    r"\W*|\d{1,3}|image|file[a-z]?|(?:cdt)?img[a-z]?|photo|picture|thumbnail|图片|圖片|图像|圖像"
    r"|.{0,200}\.(?:jpe?g|png|gif|webp)"
)
SIGN_ADDRESS = (
    r"s\.w\.org/images/core/emoji|img\.t\.sinajs\.cn/|/wp-includes/images/smilies/|a\.sinaimg\.cn/.*expression"
)

SIGN_ALT = r"\[[^\[\]]{1,6}\]"  # a smiley by its name, wherever its picture is kept

ORNAMENT_PIXELS = 2  # a picture declared this small or smaller is a counter

# Words before a credit that only say what it is.
CREDIT_LABELS = (
    r"^(?:图像来源|圖像來源|图片来源|圖片來源|图片来自|圖片來自|图源|圖源|Image source|Image copyright)"
    r"\s*[，,:：|｜]?\s*"
)
CAPTION_LABELS = r"^(?:图像加注文字|圖像加註文字|图像说明|Image caption)\s*[，,:：]\s*"
# What parts a credit from the caption that it stands in.
CREDIT_IN_CAPTION = (
    r"(?<!\s)(?:\s*(?:Credit(?:\.\.\.|…)|[（(]Credit:)\s*"
    r"|(?:\s+|\s*(?:Photos?|[图圖]|[摄攝]影)\s*[:：]\s*)©\s*(?!\d))"
)
# Words in a figure that tell a screen reader what kind of thing it is.
FIGURE_LABELS = r"(?:Image|Images|Photo|Video|Slide ?show|Audio|Graphic)"
