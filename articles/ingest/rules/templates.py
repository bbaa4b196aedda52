"""How each source builds a page: where the article is, what is not it, what carries a caption, a name, a tag.

Selectors are CSS over the file's body. Common rows hold for every source; a source adds its own.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Template:
    """Rows for one source."""

    core: tuple[str, ...] = ()  # each selector's first match is kept, in this order; none given or found: all
    drop: tuple[tuple[str, str], ...] = ()  # (rule, selector)
    roles: tuple[tuple[str, str], ...] = ()  # (caption | credit | heading, selector)
    byline: tuple[str, ...] = ()  # selectors, the first that finds text wins
    tags: tuple[str, ...] = ()
    dateline: tuple[tuple[str, str, str], ...] = ()  # (reader of the time, attribute or "" for text, selector)
    card: str = ""  # an archive card: labelled lines of metadata, no body text
    bold_lead: bool = False  # a first paragraph all in bold is the standfirst, whatever its length
    outlet_titles: bool = False  # what stands before a stroke in a title is where the text was published first
    related_lists: bool = False  # lists of nothing but links to the source itself are related links


# Raw text and machinery: gone with all that is in them, before anything else reads the tree.
MACHINERY = (
    "script, style, template, svg, math, object, embed, applet, form, input, button, select, textarea, option, "
    "datalist, link, meta, base, title, head, frameset, frame, noframes, noembed, xmp, plaintext, canvas, dialog, "
    "portal, map, area, progress, meter, param"
)

STILL = "player poster"  # the rule that drops what stands in for a player, but for its picture

COMMON = Template(
    drop=(
        ("share bar", ".sharedaddy, .addtoany_share_save_container, .a2a_kit, .service-links, .sd-sharing-enabled"),
        ("share bar", ".field-name-service-links-displays-group, .social-share, [data-root-share], share-button"),
        ("share bar", 'iframe[src*="/plugins/like"], iframe[src*="/plugins/share"]'),
        ("related", ".jp-relatedposts, .related-posts, .yarpp-related"),
        ("advert", 'section[data-e2e="advertisement"], .dotcom-ad, [id^="atatags-"], .wordads-ad-wrapper'),
        ("advert", ".adsbygoogle, .code-block > .ad, ins.adsbygoogle"),
        ("likes", ".jetpack-likes-widget-wrapper, .wpl-likebox, .sharing-hidden"),
        ("self promotion", "[data-selfpromo-newsletter], [data-selfpromo-app], .o-self-promo"),
        ("player chrome", 'share-modal, .wp-playlist-script, [id^="flourish-fallback"]'),
        ("embed frame", "iframe.wp-embedded-content"),
        (STILL, "iframe + noscript"),
        ("zoom link", "#zoomattribute, .zoomattribute, a.single_image"),
        ("feed promotion", 'div:has(> a[href^="https://feedx."])'),
        ("hidden", ".element-invisible, .screen-reader-text, .visually-hidden"),
    ),
    roles=(
        ("caption", ".wp-caption-text, .image-caption, .dls-image-capture, figcaption"),
        ("credit", "figcaption cite, .image-caption .copyright"),
        (
            "caption",
            'p:has(img) + span[style*="center"], img ~ span[style*="center"], noscript + span[style*="center"]',
        ),
    ),
)

TEMPLATES: dict[str, Template] = {
    "dw": Template(tags=('span[data-type="AUTO_TOPIC"]',)),
    "bbc": Template(
        drop=(
            ("dateline", "time"),
            ("byline", "div:has(+ div > time) ul, div:has(+ div > div > time) ul"),
            ("hidden", 'main > div[aria-hidden="true"]'),
        ),
        roles=(
            ("credit", 'p[role="text"]'),
            ("caption", '[data-testid="caption-paragraph"]'),
            ("caption", "main > div:has(img, iframe, video) > div p:not([role])"),
            ("caption", "main > div:has(iframe, video) p:not([role])"),
            ("caption", "main > div:has(> div img) > p:not([role])"),
        ),
        byline=(
            "div:has(+ div > time) li:first-child:not(:has(a))",
            "div:has(+ div > div > time) li:first-child:not(:has(a))",
        ),
        dateline=(("day", "datetime", "time[datetime]"),),
        bold_lead=True,
        related_lists=True,
    ),
    "nyt": Template(
        drop=(("dateline", "body > time, time[pudate]"), ("byline", "body > address")),
        byline=("body > address",),
        dateline=(("half-day clock", "pudate", "time[pudate]"), ("half-day clock", "datetime", "time[datetime]")),
    ),
    "rfi": Template(bold_lead=True),
    "rfa": Template(related_lists=True),
    "cdt": Template(
        drop=(
            ("post footer", "hr:has(+ p > small)"),
            ("post footer", 'p:has(> small > a[rel="tag"]), p:has(> small > a[href*="del.icio.us"])'),
            ("post footer", 'p:has(> small > a[href*="better-feed"])'),
        ),
        tags=('small > a[rel="tag"]',),
        roles=(("caption", "div.ts"),),
        byline=("div.zz",),
        card=".su-spoiler",
        outlet_titles=True,
    ),
    "pao-pao": Template(
        core=(".node-full .field-name-field-image", ".field-name-body"),
        drop=(("comments", "#comments, .comment-wrapper"), ("related", ".related")),
        roles=(("caption", ".field-name-field-image-source"), ("caption", ".field-name-field-image-caption")),
        byline=(".field-name-author .username",),
    ),
    "iyouport": Template(
        core=(".entry-content",),
        byline=(".byline a", ".byline"),
        tags=(".cat-links a", ".post-tags a"),
    ),
    "neist": Template(
        core=(".entry-content",),
        tags=('footer.entry-footer a[rel~="tag"]',),
        drop=(
            ("page header", "header.page-header, .entry-meta"),
            ("page footer", "footer.entry-footer, footer.entry-footer ~ *"),
            ("advert", '.code-block, .container.ag.ah, [class*="ads_"], [class*="qyoLgs"]'),
            ("related", 'section.collection, [class*="siblings-list"], .js-elevateBottomRecirc, .elevate-container'),
            ("wall joke", ".gfw"),
            ("navigation", ".wxyz, div:has(+ section.wxyz), .bqdn, .dndo"),
        ),
        roles=(("caption", ".aesop-cap-description"), ("credit", ".aesop-cap-cred")),
    ),
    "chinafile": Template(
        drop=(("head shot", ".field-name-field-profile-photo"), ("comment chrome", "h2.title, nav.links")),
        roles=(("caption", ".photo-caption"), ("credit", ".photo-credit")),
    ),
    "allnow": Template(
        core=(".head-img-wrap", ".abstract-wrap", "#article-content"),
    ),
    "matters": Template(drop=(("player chrome", ".player, audio + .player"),)),
    "medium": Template(),
    "huli": Template(),
}
