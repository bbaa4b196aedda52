"""Runs hostile markup that other projects publish through both doors and a real Chromium.

    pip download --no-binary :all: --no-deps html5lib==1.1 bleach==6.4.0 feedparser lxml_html_clean html-sanitizer
    (unpack them into FOLDER; html5lib's build wants --no-build-isolation and a setuptools older than 70)
    .venv/bin/python -m bench.foreign_vectors FOLDER…

Read are html5lib's tests (.dat and .test), bleach's (.test), feedparser's (.xml with "sanit" in the path), lists of
payloads (.json, .mjs), and every text with a tag in tests that are Python (.py) or plain (.txt). None of it is kept in
this project. Prints one line of JSON: vectors by kind, what they did (nothing is wanted), how many keep the text that
Chromium shows of them. Ends with 1 when anything ran, was asked for, or stands that the policy does not know. A link to
a path of this site (`/a/1/`) is the policy's; one that a browser reads as another host's is not (`//host`, also with a
backslash or a tab in it).
"""

import ast
import contextlib
import html
import json
import pathlib
import re
import sys
from collections import Counter
from collections.abc import Iterator

from playwright.sync_api import sync_playwright

from articles.ingest import Unreadable, read, sanitize
from tests.hostile.bare import BAD, deeds_of
from tests.hostile.vectors import HEADER

TOGETHER = 400  # vectors on one bare page
SECTION = re.compile(r"^#data\n(.*?)\n#(?:errors|document)", re.DOTALL | re.MULTILINE)
PAYLOAD = re.compile(r'"payload"\s*:\s*("(?:[^"\\]|\\.)*")')
SHOWN = """([pieces, dropped]) => pieces.map((html) => {
    const body = new DOMParser().parseFromString('<!doctype html><body>' + html, 'text/html').body;
    for (const node of body.querySelectorAll(dropped)) node.remove();
    return body.textContent.replace(/[\\s\\u0000-\\u001f\\u007f-\\u009f\\ufffd]/g, '');
})"""


def of_file(path: pathlib.Path) -> Iterator[tuple[str, str]]:
    """(kind, vector) for each that a file holds."""
    raw = path.read_text("utf-8", "replace")
    if path.suffix == ".dat":
        yield from (("html5lib trees", text) for text in SECTION.findall(raw))
    elif path.suffix == ".test" and raw.lstrip().startswith("{"):
        rows = json.loads(raw).get("tests", [])
        yield from (("html5lib tokens", row["input"]) for row in rows if isinstance(row.get("input"), str))
    elif path.suffix == ".test":
        yield "bleach", raw.partition("\n--\n")[0]
    elif path.suffix == ".xml" and "sanit" in str(path):
        yield "feeds", raw
        yield "feeds", html.unescape(raw)
    elif path.suffix in (".json", ".mjs", ".js"):
        yield from (("payloads", json.loads(text)) for text in PAYLOAD.findall(raw))
    elif path.suffix == ".py" and "test" in str(path):
        for node in ast.walk(ast.parse(raw)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "<" in node.value:
                yield "texts in tests", node.value
    elif path.suffix == ".txt" and "test" in str(path):
        yield from (("texts in tests", line) for line in raw.splitlines() if "<" in line)


def stored(vector: str) -> list[str]:
    """What each door stores of it."""
    bodies = [sanitize.sanitize(vector)]
    raw = HEADER.format(number=1, address=7_000_000) + f"<p>潮前</p><div>{vector}</div><p>潮後</p>"
    with contextlib.suppress(Unreadable):  # a NUL: no text
        bodies.append(read(raw.encode("utf-8", "replace"), "articles/dw/1.md").html)
    return bodies


def main() -> None:
    """All files below the folders named."""
    found = dict.fromkeys(
        row
        for folder in sys.argv[1:]
        for path in sorted(pathlib.Path(folder).rglob("*"))
        if path.is_file()
        for row in of_file(path)
    )
    counts = Counter(kind for kind, _ in found)
    vectors = [text for _, text in found]
    pairs = [stored(text) for text in vectors]
    bodies = [body for pair in pairs for body in pair]
    restless = [body for body in bodies if sanitize.sanitize(body) != body or sanitize.apply_policy(body) != body]
    done, standing, kept = [], [], 0
    with sync_playwright() as playwright:
        options = {"executable_path": "/usr/bin/chromium", "args": ["--no-sandbox", "--disable-dev-shm-usage"]}
        browser = playwright.chromium.launch(**options)
        for start in range(0, len(bodies), TOGETHER):
            page = browser.new_page()
            done += deeds_of(page, bodies[start : start + TOGETHER], pictures=True)
            page.close()
        page = browser.new_page()
        for start in range(0, len(bodies), TOGETHER):
            page.set_content("<main></main>")
            page.evaluate(
                "(html) => document.querySelector('main').innerHTML = html", "".join(bodies[start : start + TOGETHER])
            )
            standing += page.evaluate(BAD, sorted(sanitize.TAGS | {"main"}))
        texts = page.evaluate(SHOWN, [vectors, sanitize.WITH_CONTENT])
        edited = page.evaluate(SHOWN, [[pair[0] for pair in pairs], "x-none"])
        kept = sum(text == shown for text, shown in zip(edited, texts, strict=True))
        differing = [
            vector for vector, text, shown in zip(vectors, edited, texts, strict=True) if not set(shown) <= set(text)
        ]
        browser.close()
    told = {"vectors": len(vectors), "kinds": dict(counts), "bodies": len(bodies), "did": done, "stands": standing}
    told |= {
        "changed by a second pass": len(restless),
        "text as Chromium shows it": kept,
        "letters lost": len(differing),
    }
    print(json.dumps(told | {"examples": [one[:150] for one in differing[:12]]}, ensure_ascii=False))
    sys.exit(bool(done or standing or restless))


if __name__ == "__main__":
    main()
