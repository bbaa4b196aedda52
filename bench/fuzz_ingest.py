"""Feeds `ingest.read` inputs that a fuzzer makes, guided by the branches that each one reaches.

    python -m venv /tmp/fuzz && /tmp/fuzz/bin/pip install atheris
    PYTHONPATH=.:.venv/lib/python3.11/site-packages nice /tmp/fuzz/bin/python bench/fuzz_ingest.py 900 CORPUS_FOLDER

An input is a byte that chooses the name of the file, then the file. Whatever it is, it is read, or refused with a
reason; a body that came out is one that the policy leaves alone, and has no empty paragraph. Prints one line of JSON:
inputs, ends, slowest input. The slowest input, and one that breaks a law (it ends the run), are written beside the
folder of inputs.
"""

import json
import pathlib
import re
import resource
import sys
import time
from collections import Counter

import atheris

with atheris.instrument_imports(include=["articles.ingest"]):
    from articles.ingest import Unreadable, read, sanitize

NAMES = ("articles/dw/1.md", "articles/bbc/1.md", "articles/voa/1.md", "articles/rfi/1.md", "x/1.md", "1.html", "名.md")
HEADER = "<!--1700000000000-->\n[題](https://www.example.com/a)\n------\n\n".encode()
LONGEST = 20_000
TOLD_EVERY = 5_000
EMPTY = re.compile(r"<p>\s*</p>")

ends: Counter[str] = Counter()
slowest = (0.0, b"")
began = time.monotonic()


def told() -> str:
    """How far the run is."""
    return json.dumps(
        {
            "inputs": ends.total(),
            "seconds": round(time.monotonic() - began),
            "slowest_ms": round(slowest[0] * 1000, 1),
            "slowest_bytes": len(slowest[1]),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "ends": dict(ends.most_common()),
        }
    )


def law_broken_by(html: str) -> str:
    """Which law a cleaned body breaks; "" for none."""
    if sanitize.sanitize(html) != html or sanitize.apply_policy(html) != html:
        return "the policy changes a body that it let through"
    return "an empty paragraph is left in the body" if EMPTY.search(html) else ""


def one(data: bytes) -> None:
    """Read one input; any error but a refusal, and any body that breaks a law, ends the run."""
    global slowest  # noqa: PLW0603 (the fuzzer calls a plain function)
    chooser, raw = (data[0], data[1:]) if data else (0, b"")
    if chooser & 64:
        raw = HEADER + raw
    start = time.process_time()
    try:
        document = read(raw, NAMES[chooser % len(NAMES)])
    except Unreadable as refusal:
        ends[refusal.code] += 1
    else:
        ends["read"] += 1
        broken = law_broken_by(document.html)
        if broken:
            pathlib.Path(f"{sys.argv[2]}-broken").write_bytes(data)  # the fuzzer keeps none when Python raises
            raise AssertionError(broken)
    spent = time.process_time() - start if ends.total() > 50 else 0  # the first ones load tables
    if spent > slowest[0]:
        slowest = (spent, data)
        pathlib.Path(f"{sys.argv[2]}-slowest").write_bytes(data)
    if ends.total() % TOLD_EVERY == 0:
        print(told(), flush=True)


def main() -> None:
    """Run for so many seconds over a folder of inputs, which grows."""
    seconds, corpus = sys.argv[1:3]
    folder = pathlib.Path(corpus)
    folder.mkdir(parents=True, exist_ok=True)
    for place in sorted(pathlib.Path("seeds").rglob("*.md")):
        raw = place.read_bytes()[:LONGEST]
        (folder / place.name).write_bytes(bytes([len(raw) % len(NAMES)]) + raw)
    options = [f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-timeout=20", "-rss_limit_mb=2000"]
    options.append(f"-artifact_prefix={corpus}-")
    atheris.Setup([sys.argv[0], *options, corpus], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
