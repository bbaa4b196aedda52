"""Pictures of every kind of page, from the sample articles, into docs/pages: light beside dark, at two widths.

    python bench/screens.py               all of them
    python bench/screens.py article day   those whose name begins so

Needs Chromium (NEWSROOM_CHROMIUM, else /usr/bin/chromium).
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from pathlib import Path

from PIL import Image as Picture
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from bench.sample_site import ROOT, further_pages, pages_of, served

OUT = ROOT / "docs" / "pages"
WIDTHS = {"phone": (390, 1700, 1.0), "desk": (1280, 1700, 0.6)}  # name to width, most of the height, scale
QUALITY = 60


def _shot(browser, address: str, width: int, most: int, scheme: str) -> Picture.Image:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, locale="en-GB")
    page = context.new_page()
    page.goto(address)
    page.evaluate("() => document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
    page.wait_for_load_state("networkidle", timeout=120_000)
    height = min(page.evaluate("document.documentElement.scrollHeight"), most)
    content = page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})
    context.close()
    return Picture.open(io.BytesIO(content)).convert("RGB")


def _beside(pair: list[Picture.Image], scale: float) -> Picture.Image:
    size = (sum(one.width for one in pair), max(one.height for one in pair))
    whole = Picture.new("RGB", size, "white")
    whole.paste(pair[0], (0, 0))
    whole.paste(pair[1], (pair[0].width, 0))
    return whole.resize((round(size[0] * scale), round(size[1] * scale)), Picture.Resampling.LANCZOS)


def _take(browser, name: str, address: str) -> None:
    """A page at both widths."""
    for place, (width, most, scale) in WIDTHS.items():
        pair = [_shot(browser, address, width, most, scheme) for scheme in ("light", "dark")]
        file = OUT / f"{name}-{place}.webp"
        _beside(pair, scale).save(file, "WEBP", quality=QUALITY, method=6)
        print(f"{file.relative_to(ROOT)} {file.stat().st_size / 1000:.0f} kB", flush=True)


def main(wanted: list[str]) -> None:
    """Take them, and say how much they weigh."""
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as address, sync_playwright() as play:
        chromium = os.environ.get("NEWSROOM_CHROMIUM", "/usr/bin/chromium")
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for pages in (pages_of, lambda address: further_pages(Path(folder), address)):  # which adds to the site
            for name, path in pages(address).items():
                if not wanted or name.startswith(tuple(wanted)):
                    _take(browser, name, address + path)
        browser.close()
    print(f"{sum(file.stat().st_size for file in OUT.glob('*.webp')) / 1e6:.2f} MB in all")


if __name__ == "__main__":
    main(sys.argv[1:])
