"""Lighthouse's marks for the main kinds of page, with its preset for telephones, as a table.

    npm install lighthouse && python bench/lighthouse.py

Needs node, and Chromium (NEWSROOM_CHROMIUM, else /usr/bin/chromium). LIGHTHOUSE may name the program. The page of a
search is kept out of search engines (its noindex is deliberate), which Lighthouse counts against it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from bench.sample_site import ROOT, pages_of, served

PAGES = ("front", "article", "source", "search", "search-found")
VISITS = 3  # of which the best counts: a busy machine takes marks away and never gives any
MARKS = ("performance", "accessibility", "best-practices", "seo")
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage"


def _measured(program: str, address: str) -> dict:
    urllib.request.urlopen(address).close()
    command = [program, address, "--quiet", "--output=json", f"--chrome-flags={FLAGS}"]
    command.append(f"--only-categories={','.join(MARKS)}")
    chromium = os.environ.get("NEWSROOM_CHROMIUM", "/usr/bin/chromium")
    environment = {**os.environ, "CHROME_PATH": chromium}
    return json.loads(subprocess.run(command, env=environment, capture_output=True, check=True, timeout=300).stdout)


def main() -> None:
    """Measure each page; the first visit has its pictures made."""
    program = os.environ.get("LIGHTHOUSE", str(ROOT / "node_modules" / ".bin" / "lighthouse"))
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as address:
        pages = pages_of(address)
        print(f"| page | {' | '.join(MARKS)} | what is missing |\n|---|{'--:|' * len(MARKS)}---|")
        for name in PAGES:
            visits = [_measured(program, address + pages[name]) for _ in range(VISITS)]
            told = max(visits, key=lambda visit: visit["categories"]["performance"]["score"] or 0)
            marks = [round((told["categories"][mark]["score"] or 0) * 100) for mark in MARKS]
            parts = (
                part["id"] for mark in MARKS[1:] for part in told["categories"][mark]["auditRefs"] if part["weight"]
            )
            missing = [part for part in parts if (told["audits"][part]["score"] or 0) < 1]
            missing = [part for part in missing if told["audits"][part]["scoreDisplayMode"] in ("binary", "numeric")]
            print(f"| {name} | {' | '.join(map(str, marks))} | {', '.join(dict.fromkeys(missing))} |", flush=True)


if __name__ == "__main__":
    main()
