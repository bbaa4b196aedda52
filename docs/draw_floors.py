"""Draws floors.svg, the picture of the floors in architecture.md, out of the contract in pyproject.toml.

python docs/draw_floors.py
"""

import math
import re
import tomllib
from pathlib import Path
from xml.sax.saxutils import escape

HERE = Path(__file__).resolve().parent
PICTURE = HERE / "floors.svg"
WIDTH, ROOM, GAP, LINE = 980, 66, 10, 20
LEFT = 190  # where the rooms begin
MOST = 5  # rooms beside each other
# What a floor is called, by one room on it; what a room does. A room that is not told here has its name only.
FLOORS = {
    "newsroom": "Wiring",
    "urls": "Addresses",
    "admin": "Doors",
    "tasks": "Later",
    "importing": "Deeds",
    "search": "Finding, showing",
    "models": "Keeping",
    "ingest": "From bytes",
}
ROOMS = {
    "newsroom": "settings, Celery, WSGI",
    "urls": "every address",
    "admin": "what editors see",
    "views": "what readers see",
    "feeds": "Atom, RSS, JSON",
    "sitemaps": "for search engines",
    "templatetags": "words of templates",
    "management": "commands",
    "tasks": "Celery: numbers in, one service called",
    "importing": "document to article",
    "exporting": "records, books, sites",
    "curation": "what editors do",
    "tagging": "merge, rename, alias",
    "proposing": "topics, with reasons",
    "websub": "tells hubs",
    "guarding": "signing in",
    "safekeeping": "backup and restore",
    "health": "how it stands",
    "search": "pairs of characters",
    "images": "check, sizes, places",
    "likeness": "texts that repeat",
    "models": "tables, constraints, what a reader may see",
    "ingest": "file to document",
    "archives": "files of a folder",
    "fetch": "a guarded way out",
    "actors": "who acts",
    "release": "which version",
}
STYLE = """
    text { font: 600 15px system-ui, sans-serif; fill: #16181d; }
    .what { font-weight: 400; font-size: 12px; fill: #555a64; }
    .floor { font-size: 13px; fill: #ae2a1c; }
    rect { fill: #f5f4f1; stroke: #c9c6bf; }
    .page { fill: #ffffff; stroke: none; }
    line { stroke: #dddbd6; }
    @media (prefers-color-scheme: dark) {
      text { fill: #eceae6; }
      .what { fill: #a9adb6; }
      .floor { fill: #ff9583; }
      rect { fill: #1d2026; stroke: #4a505a; }
      .page { fill: #14161a; }
      line { stroke: #333840; }
    }
"""


def floors() -> list[list[str]]:
    """Rooms by floor, the highest first."""
    settings = tomllib.loads((HERE.parent / "pyproject.toml").read_text("utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [["newsroom"], *(re.findall(r"\w+", layer) for layer in layers)]


def picture() -> str:
    """The whole drawing."""
    parts, top = [], GAP
    for rooms in floors():
        name = next((FLOORS[room] for room in rooms if room in FLOORS), "")
        each = math.ceil(len(rooms) / math.ceil(len(rooms) / MOST))
        rows = [rooms[begin : begin + each] for begin in range(0, len(rooms), each)]
        parts.append(f'<text class="floor" x="{GAP * 2}" y="{top + ROOM / 2 + 5:g}">{escape(name)}</text>')
        for row in rows:
            wide = (WIDTH - LEFT - GAP * 2 - GAP * (len(row) - 1)) / len(row)
            for place, room in enumerate(row):
                parts.append(_room(room, LEFT + place * (wide + GAP), top, wide))
            top += ROOM + GAP
        top += GAP
        parts.append(f'<line x1="{GAP}" x2="{WIDTH - GAP}" y1="{top - GAP:g}" y2="{top - GAP:g}"/>')
    body = "\n  ".join(parts[:-1])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top - GAP}" role="img"'
        ' aria-labelledby="title">\n'
        '  <title id="title">The floors of the house: a room uses only what lies below it</title>\n'
        f"  <style>{STYLE}  </style>\n"
        f'  <rect class="page" width="{WIDTH}" height="{top - GAP}"/>\n  {body}\n</svg>\n'
    )


def _room(name: str, left: float, top: float, wide: float) -> str:
    middle = left + wide / 2
    drawn = f'<rect x="{left:.1f}" y="{top}" width="{wide:.1f}" height="{ROOM}" rx="4"/>'
    what = ROOMS.get(name, "")
    line = top + ROOM / 2 + (-2 if what else 5)
    drawn += f'<text x="{middle:.1f}" y="{line:g}" text-anchor="middle">{escape(name)}</text>'
    if what:
        drawn += f'<text class="what" x="{middle:.1f}" y="{line + LINE:g}" text-anchor="middle">{escape(what)}</text>'
    return drawn


if __name__ == "__main__":
    PICTURE.write_text(picture(), "utf-8")
