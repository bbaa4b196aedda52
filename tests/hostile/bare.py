"""A page without any protection of its own, on which markup shows what it can do."""

import html
import re

ADDRESS = "http://bare.example/"
EVERYTHING = re.compile(".")
# Every event that a page can be brought to fire; links and forms are left to themselves.
TOUCH = """(root) => {
    for (const node of root.querySelectorAll('body *')) {
        for (const name of ['click', 'mouseover', 'focus', 'toggle', 'input', 'error', 'load']) {
            if (name !== 'click' || !node.closest('a[href], button, input')) {
                node.dispatchEvent(new Event(name, {bubbles: true}));
            }
        }
    }
}"""
# What no policy of ours lets stand: elements, names and addresses that do anything. Addresses are read as the browser
# does: one that is written from the root of this site has to lead to this site, and none is written in another way.
BAD = """(tags) => {
    const [own, parts] = ['https://own.example', ['href', 'src']];
    const stands = (written) => {
        if (/^#note-/.test(written)) return true;
        const at = URL.canParse(written, own) ? new URL(written, own) : null;
        if (!at || !/^(https?|mailto):$/.test(at.protocol)) return false;
        return written.startsWith('/') ? at.origin === own : /^(https?:\\/\\/|mailto:)/i.test(written);
    };
    return [...document.querySelectorAll('body *')].filter((node) =>
        !tags.includes(node.localName) || node.namespaceURI !== 'http://www.w3.org/1999/xhtml'
        || node.getAttributeNames().some((name) => /^(on.*|style|srcset|name|class)$/.test(name))
        || parts.some((name) => node.hasAttribute(name) && !stands(node.getAttribute(name)))
    ).map((node) => node.outerHTML.slice(0, 150));
}"""
TOUCH_FRAMES = f"""for (const frame of document.querySelectorAll('iframe')) {{
    if (frame.contentDocument) ({TOUCH})(frame.contentDocument);
}}"""


# Our own files: they are not there, and asking for each would only take time.
OWN_FILES = re.compile(r'<script src="/static/[^"<>]*"[^<>]*></script>|<link [^<>]*href="/static/[^"<>]*"[^<>]*>')
TOGETHER = 40  # pieces in the browser at once


def deeds_of(page, pieces, *, pictures=False) -> list[str]:
    """What pieces of markup do in a browser, each in a frame of its own that may run scripts and ask for anything.

    An empty list is what is wanted. Our own files are not there to be loaded, so that whatever runs came with the
    markup. `pictures`: markup for other programs may name pictures elsewhere.
    """
    pieces, done = [OWN_FILES.sub("", piece) for piece in pieces], []
    for start in range(0, len(pieces), TOGETHER):
        done += _deeds_of(page, pieces[start : start + TOGETHER], pictures)
    return done


def _deeds_of(page, pieces: list[str], pictures: bool) -> list[str]:
    done = []
    frames = "".join(f'<iframe srcdoc="{html.escape(piece)}"></iframe>' for piece in pieces)

    def answer(route):
        request = route.request
        if request.url == ADDRESS and request.frame == page.main_frame:
            route.fulfill(content_type="text/html; charset=utf-8", body=f"<!doctype html><body>{frames}")
            return
        is_own = request.url.startswith(ADDRESS) and not request.is_navigation_request()
        if not is_own and not (pictures and request.resource_type == "image"):
            done.append(f"{request.method} {request.url}")
        route.abort()

    def hear(dialog):
        done.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def see(window):
        done.append(f"window {window.url}")

    page.on("dialog", hear)
    page.on("popup", see)
    page.route(EVERYTHING, answer)
    page.goto(ADDRESS, timeout=120_000)
    page.evaluate(TOUCH_FRAMES)
    page.wait_for_timeout(300)
    if page.locator("iframe").count() != len(pieces):
        done.append("a frame is missing")
    if page.url != ADDRESS:
        done.append(f"went to {page.url}")
    ran = page.evaluate("window.ran")
    page.unroute(EVERYTHING, answer)
    page.remove_listener("dialog", hear)
    page.remove_listener("popup", see)
    return done if ran is None else [*done, f"a script ran: {ran}"]
