"""How many near-duplicates an import finds, and how many of what it offers are none.

    python bench/likeness.py            variants of the seeds
    python bench/likeness.py --like DIR variants of the articles in DIR

Of each article with enough text four variants are made under addresses of their own: every twentieth sentence
changed, the other script, the last part cut off, boilerplate added. All are imported together, into a database that is
thrown away. Prints, for each kind, the share of variants that are paired with their article (recall), and of all pairs
the share whose two are the same article's (precision). Pairs of two articles as they came are listed: they may be
copies in the archive itself.
"""

from __future__ import annotations

import argparse
import collections
import os
import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import opencc  # noqa: E402

from articles.ingest import Unreadable, likeness, read  # noqa: E402
from articles.ingest.text import fold  # noqa: E402

SENTENCE = re.compile(r"[^。！？.!?\n]+[。！？.!?\n]*")
BOILERPLATE = "本文首發於合作媒體，轉載須經授權並註明出處；訂閱我們的電子報，每天早晨收到編輯挑選的新聞與評論。" * 3
SCRIPTS = {"hant": opencc.OpenCC("t2s"), "hans": opencc.OpenCC("s2t")}


def changed(text: str) -> str:
    """Every twentieth sentence says something else."""
    pieces = SENTENCE.findall(text)
    return "".join(piece[::-1] if at % 20 == 5 else piece for at, piece in enumerate(pieces))


def variants(text: str, script: str) -> dict[str, str]:
    """The text as others might bring it."""
    converter = SCRIPTS.get(script)
    made = {
        "one sentence in twenty changed": changed(text),
        "last fifth cut off": text[: len(text) * 4 // 5],
        "last two fifths cut off": text[: len(text) * 3 // 5],
        "boilerplate added": f"{text}\n{BOILERPLATE}",
    }
    return made | ({"other script": converter.convert(text)} if converter else {})


def write(folder: Path, documents: list) -> int:
    """Files of all articles and their variants; the address tells the article and the kind."""
    number = 0
    for place, document in enumerate(documents):
        for kind, text in {"": document.text, **variants(document.text, document.script)}.items():
            number += 1
            body = "".join(f"<p>{line}</p>" for line in text.split("\n") if line.strip())
            name = kind.replace(" ", "-") or "original"
            address = f"https://{name}.example/{place}"
            content = f"<!--{1739467244000 + number}-->\n[{document.title}]({address})\n------\n\n{body}\n"
            (folder / f"{number}.md").write_text(content, encoding="utf-8")
    return number


def documents_of(folder: Path) -> list:
    """Articles below a folder that have text enough to be compared."""
    found = {}
    for path in sorted(folder.rglob("*.md")):
        try:
            document = read(path.read_bytes(), str(path))
        except Unreadable:
            continue
        if likeness.signature(fold(document.text)):
            found.setdefault(document.text, document)
    return list(found.values())


def measure(archive: Path, documents: list) -> None:
    """Import, and compare the pairs with the truth."""
    import django  # noqa: PLC0415 - its settings come from the environment that `main` makes

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from articles.models import PossibleDuplicate  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("import_articles", str(archive), "--no-images", "--jobs", "1", verbosity=0)
    pairs = PossibleDuplicate.objects.values_list("article__canonical_url", "other__canonical_url", "likeness")
    found, right, foreign = collections.Counter(), 0, []
    for one, other, share in pairs:
        (kind, place), (second, there) = (
            (url.split("//")[1].split(".")[0], url.rsplit("/", 1)[1]) for url in (one, other)
        )
        right += place == there
        if place == there and "original" in (kind, second):
            found[second if kind == "original" else kind] += 1
        if place != there and kind == second == "original":
            foreign.append((share, documents[int(place)].title, documents[int(there)].title))
    tried = collections.Counter(kind.replace(" ", "-") for d in documents for kind in variants(d.text, d.script))
    print(f"{len(documents)} articles, {sum(tried.values())} variants, {len(pairs)} pairs")
    for kind, number in tried.items():
        print(f"recall, {kind.replace('-', ' '):<28} {found[kind] / number:.3f}")
    print(f"recall, all                          {found.total() / tried.total():.3f}")
    print(f"precision of all pairs               {right / max(1, len(pairs)):.3f}")
    for share, one, other in foreign:
        print(f"  two articles, {share} % alike: {one} | {other}")


def main() -> None:
    """Make the archive and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--like", type=Path, default=ROOT / "seeds")
    arguments = parser.parse_args()
    documents = documents_of(arguments.like)
    with tempfile.TemporaryDirectory() as place:
        archive = Path(place) / "articles" / "dw"
        archive.mkdir(parents=True)
        write(archive, documents)
        os.environ.update(
            NEWSROOM_DATA_DIR=str(Path(place) / "data"),
            NEWSROOM_SECRET_KEY="bench",
            DJANGO_SETTINGS_MODULE="newsroom.settings",
        )
        measure(archive, documents)


if __name__ == "__main__":
    main()
