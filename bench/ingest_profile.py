"""Where reading spends its time: `python bench/ingest_profile.py FOLDER…` over the article files in folders.

Prints the milliseconds a file and their ratio to the floor: bleach and nh3 alone, on the bodies as they came and on the
bodies as cleanup leaves them.
"""

import pathlib
import sys
import time
from collections.abc import Callable

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from articles.ingest import Unreadable, read, sanitize
from articles.ingest.cleanup.flow import Flow
from articles.ingest.cleanup.tree import read_page
from articles.ingest.formats import parse


def clocked(label: str, deed: Callable, values: list, floor: float = 0.0) -> float:
    """Run the deed on each value; print and return the milliseconds a value."""
    begin = time.perf_counter()
    for value in values:
        deed(*value)
    spent = (time.perf_counter() - begin) * 1000 / max(1, len(values))
    print(f"{label:34} {spent:8.3f} ms" + (f"   {spent / floor:6.2f} of the floor" if floor else ""))
    return spent


def main(folders: list[str]) -> None:
    """Read every article below the folders twice, the second time on the clock."""
    files = []
    for path in sorted(path for folder in folders for path in pathlib.Path(folder).rglob("*.md")):
        raw = path.read_bytes()
        try:
            files.append((raw, str(path), read(raw, str(path))))
        except Unreadable as refusal:
            print(f"{path.name}: {refusal.code}")
    bodies = [(parse(raw.decode("utf-8", "replace")).body, document.source) for raw, _, document in files]
    pages = [
        (read_page(body, source), document) for (body, source), (_, _, document) in zip(bodies, files, strict=True)
    ]
    print(f"{len(files)} files")
    raw_floor = clocked("floor: bleach and nh3, raw bodies", lambda body, _: sanitize.apply_policy(body), bodies)
    clean_floor = clocked(
        "floor: bleach and nh3, clean bodies", lambda *file: sanitize.apply_policy(file[2].html), files
    )
    clocked("parse and query the tree", read_page, bodies)
    clocked("stream to blocks", lambda page, document: Flow(document.canonical_url).read(page.html), pages)
    whole = clocked("read, whole", lambda raw, name, _: read(raw, name), files, raw_floor)
    print(f"{'':34} {'':8}      {whole / clean_floor:6.2f} of the floor on clean bodies")


if __name__ == "__main__":
    main(sys.argv[1:])
