"""Standing wording: site names in titles, paragraphs that are not the article, datelines, names in prose."""

# Site names at the end of a title; taken off as often as one fits.
TITLE_SUFFIXES: tuple[str, ...] = (
    r"\s*[-–—|｜]\s*iYouPort",
    r"\s*[-–—|｜]\s*法[国國][国國]际广播电台(?:\s*[-–—|｜]\s*RFI)?",
    r"\s*[-–—|｜]\s*RFI(?:\s*-\s*法国国际广播电台)?",
    r"\s*[-–—|｜]\s*BBC (?:News )?(?:中文|中文网|中文網|Zhongwen)",
    r"\s*[-–—|｜]\s*(?:纽约时报中文网|紐約時報中文網)",
)
# Section names at the end of a title: taken off, kept as a tag.
TITLE_SECTIONS = (
    r"\s+[-–—]\s+(要闻分析|要闻解说|法国报纸摘要|今日经济|国际纵横|法国文艺欣赏|环境与发展|聚焦非洲|印太纵览"
    r"|[^\s\-–—]{1,6}专栏)"
)
# Column names before a title stay in it and become a tag as well.
TITLE_COLUMN = r"【([^【】]{1,20})】"

# Programmes and columns before a title's colon: stay in it and become a tag as well.
TITLE_PROGRAMME = (
    r"(时事大家谈|焦点对话|海峡论谈|解密时刻|历史年轮|美国观察|时事看台|专家视点|风雨兼程|法律窗口|白宫要义"
    r"|直击大选假信息|简报)\s*[:：]"
)
# The outlet that a text was taken from, before its title: stays in it and becomes a tag as well.
TITLE_OUTLET = r"(?:【[^【】]{1,20}】\s*)?([^\s|｜【】:：，。“”《》？！]{2,8}|[A-Za-z0-9 .'&-]{2,20})\s*[|｜]\s*(?=\S)"

# Elements whose tags are taken out of titles; other angle brackets are text.
TITLE_MARKUP = r"</?(?:a|b|i|em|strong|span|font|u|s|sub|sup|small|big|br|img|p|div|h[1-6])(?:\s[^<>]*)?/?>"
TITLE_SCRIPTS = r"<(script|style)\b[^<>]*>.*?(?:</\1\s*>|$)"

# Paragraphs that are not the article: rule, what to do with the whole block, pattern over its text.
# "drop": gone; "unlinked": gone where no link leads anywhere;
# "copyright": gone from the body, kept as the ownership notice; "teaser": gone, and a warning.
PARAGRAPHS: tuple[tuple[str, str, str], ...] = (
    ("copyright notice", "copyright", r"^©\s*\d{4}\s*年?\s*德[国國]之[声聲].{0,200}$"),
    ("copyright notice", "copyright", r"^©\s*(?:19|20)\d\d\s*年?\s*[^\s\d].{0,60}$"),
    ("copyright notice", "copyright", r"^(?:©|版[权權][声聲]明\s*[:：]).{0,30}德[国國]之[声聲].{0,200}$"),
    ("follow us", "drop", r"^(?:DW|德[国國]之[声聲])中文(?:网|網)?有\s*Instagram.{0,120}$"),
    ("follow us", "drop", r"^.{0,40}[欢歡]迎(?:搜[寻尋]|[关關]注)\s*dw\.chinese.{0,80}$"),
    (
        "subscription",
        "drop",
        r"^感[谢謝][阅閱][读讀](?:今天|本期|本[周週]).{0,300}(?:[订訂][阅閱]|[关關]注|[来來]信|再[见見]).{0,120}$",
    ),
    (
        "programme",
        "drop",
        r"^[^\s，。]{2,12}每.{1,40}(?:播出|首播|直播).{0,10}(?:敬[请請]|[欢歡]迎).{0,4}(?:收[看听聽]|[关關]注).{0,6}$",
    ),
    ("dead instruction", "unlinked", r"^[点點][击擊](?:此[处處]|[这這][里裡])?(?:查看|[阅閱][读讀]).{0,12}$"),
    ("feed promotion", "drop", r"^[获獲]取更多\s*RSS.{0,200}$"),
    ("share bar", "drop", r"^分享(?:到)?\s*[:：]$"),
    ("house advert", "drop", r"^[—\s（(【]{0,12}微信搜索\s*[“”\"「]?燕京[书書][评評].{0,120}$"),
    ("teaser", "teaser", r"^Continue reading on .{1,80}»$"),
    ("player message", "drop", r"^(?:你|您)的(?:器材|设备|設備|裝置)不支[持援]播放多(?:媒体|媒體)材料$"),
    ("ruler", "drop", r"^[=＝]{5,}$"),
    ("missing picture", "missing picture", r"^Array$"),
)
# A greeting that asks to subscribe, or an editor's note, is no standfirst.
EDITORS_NOTE = r"^(?:CDT)?[编編][者辑輯]?[按注註](?=[\s：:]|$)"
NO_STANDFIRST = rf"(?:[欢歡]迎|[点點][击擊]|[请請]).{{0,20}}[订訂][阅閱]|{EDITORS_NOTE}"
# What a link begins with that stands between paragraphs and leads to another article.
FURTHER_READING = r"\s*(?:延[伸申展]|相[关關]|推[荐薦]|更多|[扩擴]展)[阅閱][读讀]\s*[:：]"
# Where the links of a share bar lead, and what its items are called where a link cannot be followed here.
SHARE_ADDRESSES = (
    r"https?://(?:www\.|m\.)?(?:facebook\.com/(?:sharer|share\.php|dialog/)|(?:twitter|x)\.com/(?:intent/|share\b)"
    r"|(?:api|web)\.whatsapp\.com/send|wa\.me/\?|t\.me/share/|telegram\.me/share|linkedin\.com/(?:shareArticle|sharing/)"
    r"|service\.weibo\.com/share|social-plugins\.line\.me/|pinterest\.com/pin/create|reddit\.com/submit\b)"
)
SHARE_NAMES = (
    r"(?:facebook|twitter|x|whats\s?app|telegram|line|linked\s?in|messenger|pinterest|reddit|we\s?chat|微信|微博|新浪微博"
    r"|e-?mail|邮件|郵件|电邮|電郵|电子邮件|電子郵件|打印|列印|copy link|[复複][制製][链鏈連][接結])"
)
# Words of a text that stand for a topic where they are, and name none by themselves ("this war").
NO_TOPIC = r"(?:[这這那该該此]|其中)(?:[一个個场場些类類种種次位项項]|$)|[标標][签籤]名[称稱]$"
# Where a report was sent from, as a line of its own before it.
PLACE_LINE = r"^[^\s，。！？：:]{2,12}(?:\s?[、/／][^\s，。]{2,12})?\s*[—–－-]{1,2}$"
# What a text may open with that tells a list nothing: the agency in brackets, a line of bylines.
OPENINGS: tuple[str, ...] = (
    r"[（(](?:德[国國]之[声聲]|自由[亚亞]洲[电電][台臺]|美[国國]之音|法[广廣]|[综綜]合[报報][导導道])[^（(）)]{0,8}[）)]\s*",
    r"[^\s，。（()）]{2,12}(?:\s?[、/／][^\s，。（()）]{2,12})?\s*[—–－-]{1,2}\s+",
    r"[（(][^（()）]{2,24}[社台臺报報][^（()）]{0,16}[电電讯訊][）)]\s*",
    r"(?:文章)?(?:目[录錄]|上期.{0,8}|相[关關][阅閱][读讀]|延[伸申][阅閱][读讀]|更多[阅閱][读讀])\s*[:：].{0,80}(?:\n|$)",
    r"《[^《》\n]{2,20}》[讲講]述[^\n]{0,300}(?:收[听聽看]|[订訂][阅閱])[^\n]{0,30}(?:\n|$)",
    r"(?:撰文|文|作者|[记記]者|[采採][访訪])\s*[丨|｜/／:：].{1,40}(?:\n|$)",
)
# Lines of one of these signs inside a paragraph are rulers.
RULER_LINE = r"[=＝]{5,}"
# A paragraph of nothing but these divides the text.
DIVIDER = r"^(?:[*＊]\s*){3,}$|^[-—–_─━]{3,}$"

# The page's own time as a block of its own at the head: reader of the time, pattern over the block's text.
# Groups: `name` (byline beside the time), `time`.
DATELINES: tuple[tuple[str, str], ...] = (
    ("instant", r"^(?:(?P<name>.{0,120})\n)?(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)$"),
    ("local", r"^(?:(?P<name>.{0,120})\n)?(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)$"),
    ("mail", r"^(?P<time>(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d (?:GMT|UTC|[+-]\d{4}))$"),
    ("day first", r"^(?P<time>\d\d/\d\d/\d{4} - \d\d:\d\d)$"),
)

# What a byline's field holds that is nobody's name: what a program wrote for want of one, a label, and how the work was
# done.
NOBODY = r"(?:^|(?<=\s))(?:null|undefined|None|NaN)(?=\s|$)"
BYLINE_LABELS = r"^(?:作者|撰文|文)\s*[:：/／|｜丨]\s*"
WORK_NOTE = (
    r"\s*[（(【\[](?:[综綜]合|摘[编編译譯]|整理|[编編翻][译譯]|[报報][道导導]|外[电電])[^（()）\]】]{0,12}[）)】\]]$"
)

# Names with a stroke between them, and in brackets the agencies whose reports they worked from.
_NAME = r"[^\s/／（()）。，、:：]{2,20}(?: [^\s/／（()）。，、:：]{1,20}){0,3}"
_NAMES_BEFORE_AGENCIES = (
    rf"^({_NAME}(?:\s*[/／]\s*{_NAME}){{1,3}})\s*[/／]?\s*"
    r"[（(](?:[^（()）。]{0,30}[社报報台臺刊网網等]|[综綜]合[报報][导導道])[）)]$"
)
# Where reporters write from, as it stands behind their names.
_DESKS = (
    "(?:华盛顿|華盛頓|巴黎|伦敦|倫敦|台北|臺北|香港|纽约|紐約|旧金山|舊金山|洛杉矶|洛杉磯"
    "|曼谷|首尔|首爾|东京|東京|柏林)"
)
# Names in prose at the end: source (none: any), pattern; group 1 is the byline.
CLOSING_BYLINES: tuple[tuple[str, str], ...] = (
    ("", _NAMES_BEFORE_AGENCIES),
    (
        "rfa",
        r"自由[亚亞]洲[电電][台臺][^\s，。]{0,6}?[记記]者\s*([^\s，,。]{2,20}?)"
        rf"(?:\s*[自从從在于於][^\s，,。]{{2,12}}?|\s+[^\s，,。]{{2,12}}?|{_DESKS})?"
        r"的?(?:[综綜]合|[独獨]家|[采採][访訪]){0,2}(?:[报報][道导導])",
    ),
    ("rfa", r"[记記]者\s*[:：]?\s*([^。，！？：:]{2,40}?)\s*(?:[责責][任]?[编編]|[编編][辑輯]|[网網][编編])"),
    ("rfa", r"[记記]者\s*[:：]\s*([^。，！？：:]{2,40})$"),
)

# Lines of an archive card: label, what it tells.
CARD_LINES: tuple[tuple[str, str], ...] = (
    (r"作\s*者\s*[:：]", "byline"),
    (r"主[题題][归歸][类類]\s*[:：]", "tags"),
    (r"[发發]表日期\s*[:：]", "day"),
    (r"版[权權][说說]明\s*[:：]", "copyright"),
    (r"[来來]源\s*[:：]", "origin"),
)

# Paragraphs that look like headings (bold, short) and are none.
NOT_HEADING = (
    r"^(?:[（(【\[]|文[/／|｜]|撰文|作者|[记記]者|[责責][编編]|[编編][辑輯]|翻[译譯]|来源|來源|[图圖]|原文|https?:)"
    r"|BBC\S{0,20}(?:[记記]者|特派[员員]|[编編][辑輯]|主任)"
    r"|[。，；：:,;、]$|^[\w.+-]+@[\w.-]+$"
)
