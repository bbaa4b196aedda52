"""Holds what hostile files cost against their size: twice the size may cost thrice the work, never its square.

    .venv/bin/python -m bench.hostile_sizes [giants]

Each shape is read at a size and at twice that size, in one process, the best of three times each. Also files of 50 MB,
200,000 nested tags, a million attributes and entities, with the memory that each takes. Prints a line of JSON a shape;
ends with 1 when a shape grows faster.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable

from articles.ingest import Unreadable, read, sanitize
from tests.hostile.vectors import HEADER

MOST = 3.0  # times the work for twice the size
NOTHING = 0.03  # seconds below which a clock says nothing
TIMES = 3
FORM = 2_621_440  # bytes that Django takes of a form without files
FRONT = "---\ntitle: {}\ndate: {}\nfrom: https://www.dw.com/x\n---\n<p>潮</p>"
DOWN = ("p", "blockquote", "b", "ul", "table", "a", "ruby", "svg", "font")
# Text that makes patterns try again and again where they are written carelessly.
RUNS = {
    "letters": "a",
    "spaces": " ",
    "wide spaces": "\u3000",
    "digits": "1",
    "line ends": "\n",
    "brackets": "（",
    "quotes": "“",
    "equals": "=",
    "dashes": "—",
    "entities": "&amp;",
    "bare ampersands": "&",
    "less-thans": "<",
    "tag beginnings": "<a",
    "end beginnings": "</",
    "comment beginnings": "<!--",
    "comment names": "<e<!-->",
    "declarations": "<!",
    "instructions": "<?",
    "breaks": "<br>",
    "empty bold": "<b></b>",
    "open bold": "<b>詞",
    "bold after bold": "<b>詞</b> ",
    "links": '<a href="https://a.example/?q=1&region=x">詞</a>',
    "note links": '<a href="#note-1">1</a>',
    "open quotes": '<p title="',
    "pictures": '<img src="/a.jpg"><div><small>說</small></div>',
    "paragraphs": "<p>詞</p>",
    "items": "<ul><li><a href=/a>詞</a></li></ul>",
    "cells": "<tr><td>詞<td>詞",
    "times": "<div><i>王<br>2020-09-11 10:33:06</i></div>",
    "authors": "記者：王 責編：李 ",
    "copyrights": "© 2020 ",
    "proxies": "https://images.weserv.nl/?url=",
}


def best(through: Callable[[str], str], text: str) -> float:
    """Seconds of the processor, the least of three."""
    spent = []
    for _ in range(TIMES):
        began = time.process_time()
        through(text)
        spent.append(time.process_time() - began)
    return min(spent)


def reading(text: str) -> str:
    """How reading a file ends."""
    try:
        return f"{len(read(text.encode(), 'articles/dw/1.md').text)} letters"
    except Unreadable as refusal:
        return refusal.code


def shapes() -> dict[str, tuple[Callable[[int], str], int]]:
    """Files by name, made at any size, and a size to begin with."""
    head = HEADER.format(number=1, address=7_000_000)
    made = {f"<{name}> within": (lambda n, name=name: head + f"<{name}>" * n + "深", 40_000) for name in DOWN}
    for name, unit in RUNS.items():
        start = max(2_000, min(100_000, 400_000 // len(unit.encode())))
        made[name] = (lambda n, unit=unit: head + f"<p>潮{unit * n}水</p>", start)
        made[f"{name} in a title"] = (
            lambda n, unit=unit: f"[{unit * n}](https://a.example/)\n------\n\n<p>潮</p>",
            start,
        )
        made[f"{name} in an address"] = (lambda n, unit=unit: f"[x](https://a.example/{unit * n})\n------\n\n潮", start)
        made[f"{name} in front matter"] = (lambda n, unit=unit: FRONT.format(unit * n, unit * n), start)
    made["attributes"] = (lambda n: head + "<p " + " ".join(f"a{i}=1" for i in range(n)) + ">深", 200_000)
    made["odd attributes"] = (lambda n: head + "<p" + " <b=1" * n + ">深", 100_000)
    made["long attribute"] = (lambda n: head + f'<p title="{"x" * n}">深', 1_000_000)
    made["style"] = (lambda n: head + f'<p style="{"a:b;" * n}">深', 200_000)
    return made


GIANTS = {
    "a million entities": lambda: "<p>" + "潮&amp;" * 1_000_000,
    "a million names of tags": lambda: "<p>" + "<a" * 1_000_000,
    "50 MB": lambda: "<p>潮水退去。</p>" * 2_600_000,
    "200,000 nested tags": lambda: "<div>" * 200_000 + "深",
    "200,000 nested formats": lambda: "<b><i>" * 100_000 + "深",
    "a million attributes": lambda: "<p " + " ".join(f"a{n}=1" for n in range(1_000_000)) + ">深",
    "a million of one attribute": lambda: "<p" + " a=1" * 1_000_000 + ">深",
}


def of_giants() -> None:
    """Each giant by both doors, in a process of its own; by an editor's save as much of it as a form may send."""
    for name, make in GIANTS.items():
        text = HEADER.format(number=1, address=7_000_000) + make()
        for door, through, sent in (("import", reading, text), ("edit", sanitize.sanitize, text[:FORM])):
            child = os.fork()
            if child:
                os.waitpid(child, 0)
                continue
            before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
            end = through(sent)
            told = {"giant": name, "door": door, "MB": round(len(sent.encode()) / 1e6, 1)}
            told |= {"end": end if door == "import" else f"{len(end)} characters"}
            told |= {"seconds": round(time.process_time() - began, 2)}
            told |= {"more_MB": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024}
            print(json.dumps(told, ensure_ascii=False), flush=True)
            os._exit(0)


def main() -> None:
    """The giants, then every shape by both doors."""
    of_giants()
    if "giants" in sys.argv:
        return
    bad = []
    for name, (make, start) in shapes().items():
        for door, through in (("import", reading), ("edit", sanitize.sanitize)):
            if door == "edit" and (" in a" in name or " in front" in name):
                continue
            once, twice = make(start), make(2 * start)
            took = best(through, once), best(through, twice)
            if took[1] > MOST * took[0]:  # others at the machine, perhaps: a square is one the second time, too
                took = min(took[0], best(through, once)), min(took[1], best(through, twice))
            ratio = took[1] / max(took[0], 1e-9)
            told = {"shape": name, "door": door, "bytes": len(once.encode()), "ms": round(took[0] * 1000, 1)}
            told["times"] = round(ratio, 2)
            if ratio > MOST and took[1] > NOTHING:
                bad.append(told)
            print(json.dumps(told, ensure_ascii=False), flush=True)
    print(json.dumps({"growing too fast": bad}, ensure_ascii=False))
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
