"""Renditions: our time as a ratio to plain Pillow doing the same resizes into the same formats (target: at most 1.2).

python -m bench.images [pictures]
"""

import io
import os
import pathlib
import sys
import tempfile
import time

import django
import django.core.management
import PIL.Image
from PIL import ImageOps

TARGET = 1.2
ROOT = pathlib.Path(__file__).resolve().parent.parent


def plain(raw: bytes, plans, focus, encoders) -> int:
    """What a few lines of Pillow do: open, resize or fit, save; returns the number of files."""
    number = 0
    for plan in plans:
        with PIL.Image.open(io.BytesIO(raw)) as picture:
            size = (plan.width, plan.height)
            whole = picture.convert("RGB")
            lanczos = PIL.Image.Resampling.LANCZOS
            made = ImageOps.fit(whole, size, lanczos, centering=focus) if plan.ratio else whole.resize(size, lanczos)
            for kind, options in (encoders[suffix] for suffix in plan.suffixes):
                made.save(io.BytesIO(), kind, **options)
                number += 1
    return number


def main(most: int) -> int:
    """Print both times and their ratio; 1 when it misses the target."""
    from articles import images  # noqa: PLC0415 - Django is set up by now
    from articles.images.renditions import ENCODERS, SUFFIXES, shares  # noqa: PLC0415
    from articles.models import Image  # noqa: PLC0415

    encoders = {suffix: ENCODERS[suffix] for suffix in SUFFIXES}
    files = sorted((ROOT / "seeds" / "images").rglob("*.jpg"))[:most]
    rows = []
    for file in files:
        row = Image(origin_url=f"https://bench.example/{file.name}/{len(rows)}")
        row.save()
        images.keep(row, file.read_bytes())
        rows.append((row, file.read_bytes()))
    ours = theirs = 0.0
    number = renditions = 0
    for row, raw in rows:  # one after the other, so that a busy machine slows both
        begun = time.perf_counter()
        renditions += images.prepare(row)
        between = time.perf_counter()
        plans = [*images.whole(row), *images.cards(row), *shares(row)]
        number += plain(raw, plans, (row.focal_x, row.focal_y), encoders)
        ours += between - begun
        theirs += time.perf_counter() - between
    ratio = ours / theirs
    print(f"{len(rows)} pictures, {renditions} sizes, {number} files")
    print(f"ours   {ours:6.2f} s  {number / ours:6.1f} files a second (stored and recorded)")
    print(f"Pillow {theirs:6.2f} s  {number / theirs:6.1f} files a second (in memory)")
    print(f"ratio  {ratio:6.2f}  (target: at most {TARGET})")
    return int(ratio > TARGET)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"NEWSROOM_DATA_DIR": folder, "NEWSROOM_DEBUG": "true", "NEWSROOM_FETCH_IMAGES": "false"}
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
        sys.path.insert(0, str(ROOT))
        django.setup()
        django.core.management.call_command("migrate", verbosity=0)
        sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 24))
