"""The sources: who publishes, under which hosts and archive folders, in which language and time zone."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceRule:
    """One source. A host may carry a path (`medium.com/@hulitw`); the longest that fits an address wins."""

    slug: str
    name: str  # as a reader sees it
    hosts: tuple[str, ...]
    folders: tuple[str, ...] = ()  # names in both vocabularies of the archive
    language: str = "zh"  # what the source writes in; the script of an article is read off its text
    timezone: str = "Asia/Shanghai"  # of the naive times on its pages
    home_url: str = ""
    copyright: str = ""  # shown under an article whose own notice is missing
    bylines: tuple[str, ...] = ()  # front matter authors that only name the site: a byline on the page is better


_ROWS = (
    SourceRule(
        "bbc",
        "BBC 中文",
        ("bbc.com", "bbc.co.uk", "bbci.co.uk", "bbc.in"),
        ("bbc", "BBC"),
        timezone="Europe/London",
        home_url="https://www.bbc.com/zhongwen/simp",
        copyright="© BBC",
    ),
    SourceRule(
        "dw",
        "德国之声",
        ("dw.com", "dw-world.de", "dw.de"),
        ("dw", "德国之声"),
        timezone="Europe/Berlin",
        home_url="https://www.dw.com/zh/",
        copyright="© 德国之声",
    ),
    SourceRule(
        "voa",
        "美国之音",
        ("voachinese.com", "voanews.com", "voacantonese.com"),
        ("voa", "美国之音"),
        timezone="America/New_York",
        home_url="https://www.voachinese.com/",
        copyright="美国之音",
    ),
    SourceRule(
        "rfi",
        "法国国际广播电台",
        ("rfi.fr", "rfi.my"),
        ("rfi", "法广"),
        timezone="Europe/Paris",
        home_url="https://www.rfi.fr/cn/",
        copyright="© RFI",
    ),
    SourceRule(
        "rfa",
        "自由亚洲电台",
        ("rfa.org",),
        ("rfa", "自由亚洲电台"),
        timezone="America/New_York",
        home_url="https://www.rfa.org/mandarin/",
        copyright="© Radio Free Asia",
    ),
    SourceRule(
        "nyt",
        "纽约时报中文网",
        ("nytimes.com", "nytstyle.com", "nyti.ms"),
        ("nyt", "纽约时报"),
        timezone="Asia/Shanghai",
        home_url="https://cn.nytimes.com/",
        copyright="© The New York Times Company",
    ),
    SourceRule(
        "cdt",
        "中国数字时代",
        ("chinadigitaltimes.net",),
        ("cdt", "中国数字时代", "chinadigitaltimes"),
        home_url="https://chinadigitaltimes.net/chinese/",
    ),
    SourceRule(
        "pao-pao", "泡泡", ("pao-pao.net",), ("泡泡",), timezone="Europe/Berlin", home_url="https://pao-pao.net/"
    ),
    SourceRule(
        "iyouport",
        "iYouPort",
        ("iyouport.org", "iyouport.notion.site"),
        ("iYouPort",),
        home_url="https://www.iyouport.org/",
        bylines=("iYouPort",),
    ),
    SourceRule("neist", "Nei.st", ("nei.st",), ("Nei.st",), home_url="https://nei.st/", bylines=("Nei.st",)),
    SourceRule(
        "chinafile",
        "ChinaFile",
        ("chinafile.com",),
        ("中参馆",),
        language="en",
        timezone="America/New_York",
        home_url="https://www.chinafile.com/",
    ),
    SourceRule(
        "allnow", "燕京书评", ("allnow.com", "allhistory.com"), ("燕京书评",), home_url="https://www.allnow.com/"
    ),
    SourceRule(
        "matters",
        "Matters",
        ("matters.news", "matters.town", "matters.io"),
        ("Matters",),
        home_url="https://matters.town/",
    ),
    SourceRule("huli", "Huli", ("medium.com/@hulitw", "blog.huli.tw"), ("Huli",), home_url="https://blog.huli.tw/"),
    SourceRule("medium", "Medium", ("medium.com",), ("medium",), home_url="https://medium.com/"),
)

SOURCES: dict[str, SourceRule] = {row.slug: row for row in _ROWS}
SOURCE_OF_HOST: dict[str, str] = {host: row.slug for row in _ROWS for host in row.hosts}
SOURCE_OF_FOLDER: dict[str, str] = {folder: row.slug for row in _ROWS for folder in row.folders}
