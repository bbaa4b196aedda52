"""What every page owes to everybody, at any width and in both colour schemes; one load of a page is enough for it."""

from axe_playwright_python.sync_playwright import Axe

ALL = {"resultTypes": ["violations"]}
# What axe finds by the scheme alone; and how it is told to spend no time on what it does not find.
COLOURS = ALL | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
# What the stock admin's own parts (select2, the corner of its tables) leave undone.
EXCUSED = ("select2-", '<th class="original"></th>')
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Colours that are on their way from one scheme to the other are brought there first.
FAULTS = """async (options) => {
    const changing = () => document.getAnimations().filter((one) => one instanceof CSSTransition);
    for (let turn = 0; turn < 9 && changing().length; turn += 1) changing().forEach((one) => one.finish());
    const { violations } = await axe.run(options);
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => [id, node.html]));
}"""


def faults_of(page, options=ALL) -> list[tuple[str, str]]:
    """What keeps somebody from using the page as it is: axe's rules and the markup that breaks them."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = [(rule, html) for rule, html in page.evaluate(FAULTS, options)]
    return [(rule, html) for rule, html in found if not any(part in html for part in EXCUSED)]


def fits(page, watch) -> None:
    """The page as it stands: nothing runs over the edge, the browser has no complaint, nobody else was asked."""
    told = (page.evaluate(WIDER), watch.complaints, watch.strangers)
    assert told == (0, [], []), f"{page.url}: {told}"


def is_right(page, watch, rules=ALL, dark=COLOURS) -> None:
    """The page as it stands: it fits, and everybody can use it, in light by these rules and in dark by those."""
    fits(page, watch)
    for scheme, options in (("dark", dark), ("light", rules)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = faults_of(page, options)
        assert not found, f"{page.url}, {scheme}: {found}"
    watch.complaints.clear()  # axe itself sets styles, of which the policy complains


def are_right(page, live_server, watch, width: int, addresses) -> None:
    """Each of these pages is, at this width."""
    page.set_viewport_size({"width": width, "height": 900})
    for address in addresses:
        page.goto(live_server.url + address)
        is_right(page, watch)
