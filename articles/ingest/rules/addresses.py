"""Addresses: redirectors, tracking, aliases of one article, players and the pages behind them."""

from articles.ingest.rules.words import words

# Redirectors: host (with its subdomains), path prefix, parameters that may hold the target.
REDIRECTORS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("l.facebook.com", "/l.php", ("u",)),
    ("lm.facebook.com", "/l.php", ("u",)),
    ("slack-redir.net", "/link", ("url",)),
    ("medium.com", "/r/", ("url",)),
    ("youtube.com", "/redirect", ("q",)),
    ("safelinks.protection.outlook.com", "/", ("url",)),
    ("link.zhihu.com", "/", ("target",)),
    ("google.com", "/url", ("q", "url")),
    ("google.com.hk", "/url", ("q", "url")),
    ("google.co.jp", "/url", ("q", "url")),
    ("google.co.uk", "/url", ("q", "url")),
    ("google.com.tw", "/url", ("q", "url")),
    ("google.de", "/url", ("q", "url")),
)

# Parameters that only follow a reader about. maca is DW's; at_ and xtor are Piano's (BBC, RFI), ns_ Comscore's (BBC).
TRACKING_PREFIXES: tuple[str, ...] = ("utm_", "__cf_chl_")
TRACKING: frozenset[str] = words(
    "fbclid gclid gbraid wbraid mc_cid mc_eid igshid igsh yclid twclid ttclid spm __twitter_impression maca dclid "
    "msclkid ref_src ref_url ocid cmpid xtor mkt_tok _hsenc _hsmi _ga _gl at_medium at_campaign at_custom1 at_custom2 "
    "at_custom3 at_custom4 at_link_id at_link_type at_link_origin at_ptr_name at_format at_bbc_team at_campaign_type "
    "ns_mchannel ns_source ns_campaign ns_linkname ns_fee"
)
# Names that mean something elsewhere: host (with its subdomains), parameters. What shows another page, another script
# or lets a reader in (RFA's encoding, NYT's pagewanted and unlocked_article_code, BBC's pinned_post_locator) stays.
TRACKING_OF_HOST: tuple[tuple[str, frozenset[str]], ...] = (
    ("bbc.com", words("intlink_from_url link_location sthisfb")),
    ("bbc.co.uk", words("intlink_from_url link_location sthisfb")),
    ("rfi.fr", words("ref")),
    ("voachinese.com", words("ltflags")),
    ("twitter.com", words("s t cxt src")),
    ("x.com", words("s t cxt src")),
    (
        "nytimes.com",
        words(
            "_r action block campaign_id clicksource contentcollection contentplacement ei emc emcid en ex gwh gwt "
            "hp hpgrouptype impression_id index instance_id is_new mcid mcubz module nl nlid partner pgtype ref "
            "referer referrer referringsource "
            "region regi_id rref segment_id smid smprod smtyp smvar state te user_id variant wt.mc_id wt.nav wt.z_jog"
        ),
    ),
)
TRACKING_VALUES: tuple[tuple[str, str], ...] = (("source", "rss-"),)  # (parameter, beginning of its value)

# One article under several addresses: pattern over "host/path" without www., and its one key.
ALIASES: tuple[tuple[str, str], ...] = (
    (r"api\.dw\.com/api/detail/(?:article|video|audio|image-gallery)/(\d+)", r"dw.com/a-\1"),
    (r"(?:[a-z]+\.)?dw\.(?:com|de)/(?:.*/)?(?:a|av|g)-(\d+)", r"dw.com/a-\1"),
    (r"(?:m\.)?voachinese\.com/a/(?:[^/]+/)?(\d+)\.html", r"voachinese.com/a/\1.html"),
    (r"m\.allnow\.com/(.+)", r"allnow.com/\1"),
    (r"matters\.(?:news|town|io)/(.+)", r"matters.town/\1"),
    (r"bbc\.co\.uk/(zhongwen/.+)", r"bbc.com/\1"),
    (r"m\.cn\.nytimes\.com/(.+)", r"cn.nytimes.com/\1"),
)

# Addresses of a machine, useless to a reader: pattern, the page that says the same.
READER_PAGES: tuple[tuple[str, str], ...] = (
    (r"https?://api\.dw\.com/api/detail/article/(\d+).*", r"https://www.dw.com/zh/a-\1"),
    (r"https?://api\.dw\.com/api/detail/(?:video|audio)/(\d+).*", r"https://www.dw.com/zh/av-\1"),
    (r"https?://api\.dw\.com/api/detail/image-gallery/(\d+).*", r"https://www.dw.com/zh/g-\1"),
    (r"https?://preview\.e\.cn\.nytimes\.com/(.+)", r"https://cn.nytimes.com/\1"),
    (r"https?://api\.dw\.com/api/.*", ""),  # nothing that a person can open: the words stay, the link goes
)

# Spellings that are not schemes, and what was meant.
SCHEME_REPAIRS: tuple[tuple[str, str], ...] = (("ttps://", "https://"), ("ttp://", "http://"))

# Players: pattern over the frame's address, provider, the page that a person can open.
PLAYERS: tuple[tuple[str, str, str], ...] = (
    (r"(?:https?:)?//(?:www\.)?youtube(?:-nocookie)?\.com/embed/videoseries\?(?:.*&)?list=([\w-]+).*", "YouTube", r"https://www.youtube.com/playlist?list=\1"),
    (r"(?:https?:)?//(?:www\.)?youtube(?:-nocookie)?\.com/(?:embed|v|shorts)/([\w-]+).*", "YouTube", r"https://www.youtube.com/watch?v=\1"),
    (r"(?:https?:)?//youtu\.be/([\w-]+).*", "YouTube", r"https://www.youtube.com/watch?v=\1"),
    (r"(?:https?:)?//open\.firstory\.me/embed/story/(\w+).*", "Firstory", r"https://open.firstory.me/story/\1"),
    (r"(?:https?:)?//(?:player\.)?vimeo\.com/(?:video/)?(\d+).*", "Vimeo", r"https://vimeo.com/\1"),
)  # fmt: skip

# Still pictures that a provider keeps of what it plays: pattern over the page that a person opens, the picture.
# (The largest one; smaller ones that every film has stand in articles/images/variants.py.)
STILLS: tuple[tuple[str, str], ...] = (
    (r"https://www\.youtube\.com/watch\?v=([\w-]{11})", r"https://i.ytimg.com/vi/\1/maxresdefault.jpg"),
)

# Frames that only wrap another address: host, parameters that hold it.
PLAYER_WRAPPERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("cdn.embedly.com", ("url", "src")),
    ("w.soundcloud.com", ("url",)),
    ("facebook.com", ("href",)),
)

# Providers by host, for frames whose own address is the page.
PROVIDERS: tuple[tuple[str, str], ...] = (
    ("youtube.com", "YouTube"),
    ("vimeo.com", "Vimeo"),
    ("soundcloud.com", "SoundCloud"),
    ("bbc.com", "BBC"),
    ("twitter.com", "Twitter"),
    ("facebook.com", "Facebook"),
    ("documentcloud.org", "DocumentCloud"),
    ("kaltura.com", "Kaltura"),
)

# Titles of frames that name no content.
NO_TITLES = (
    r"(?:YouTube|Vimeo|SoundCloud)?\s*(?:video|media|audio)?\s*player"
    r"|多媒[体體]播放器|(?:内嵌|嵌入).{0,6}|embed(?:ded)?.{0,20}"
)

# Time that a source writes into its addresses: source, pattern, strptime format, zone.
ADDRESS_TIMES: tuple[tuple[str, str, str, str], ...] = (
    ("rfa", r"-(\d{14})\.html", "%m%d%Y%H%M%S", "America/New_York"),
)

# Rubrics that a source writes into its addresses: source, pattern over the decoded address whose group 1 is their names
# between strokes, what stands there and names none, what the names of others are where these are only codes of them.
_NYT_RUBRICS = {
    "china": "中国", "world": "国际", "asia-pacific": "亚太", "usa": "美国", "business": "商业与经济",
    "technology": "科技", "opinion": "观点与评论", "culture": "文化", "style": "风尚", "education": "教育",
    "health": "健康", "science": "科学", "travel": "旅游", "real-estate": "房地产", "obits": "讣闻", "sports": "体育",
    "morning-brief": "简报",
}  # fmt: skip
_RFA_RUBRICS = {
    "jingmao": "经贸", "gangtai": "港台", "renquanfazhi": "人权法治", "junshiwaijiao": "军事外交",
    "kejiaowen": "科教文", "shaoshuminzu": "少数民族", "zhengzhi": "政治", "shehui": "社会", "huanjing": "环境",
    "meiti": "媒体",
}  # fmt: skip
ADDRESS_TOPICS: tuple[tuple[str, str, frozenset[str], dict[str, str]], ...] = (
    ("rfi", r"rfi\.fr/cn/((?:[\u4e00-\u9fff]{2,8}/)+)\d{8}-", words("专栏检索"), {}),
    ("rfa", r"rfa\.org/mandarin/yataibaodao/([a-z]+)/", frozenset(), _RFA_RUBRICS),
    ("nyt", r"cn\.nytimes\.com/([a-z-]+)/\d{8}/", frozenset(), _NYT_RUBRICS),
)
