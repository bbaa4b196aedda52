"""A newsroom that was fed all of it."""

import contextlib
import functools

from django.core.management import call_command

from articles.ingest import Unreadable, read, sanitize
from articles.models import Article
from tests.browser.conftest import _heard_out, browser_type_launch_args, watch  # noqa: F401 (fixtures)
from tests.hostile.vectors import vectors

TYPED = 32  # vectors in a body that is typed, at most


def stored_bodies(folder) -> dict[int, str]:
    """Import every vector as a file of its own; body by number of the vector, of those that were not refused."""
    place = folder / "articles" / "dw"
    place.mkdir(parents=True)
    for vector in vectors():
        (place / f"{vector.number}.md").write_text(vector.file, encoding="utf-8", newline="")
    options = {"publish": True, "no_images": True, "jobs": 1, "verbosity": 0}
    with contextlib.suppress(SystemExit):  # files with a NUL are refused as no text
        call_command("import_articles", str(folder), **options)
    rows = Article.objects.filter(address_key__startswith="dw.com").values_list("originals__path", "body")
    return {int(path.rpartition("/")[2].removesuffix(".md")): body for path, body in rows}


@functools.cache
def read_bodies() -> dict[int, str]:
    """What an import stores, without a database: body by number of the vector, of those that are not refused."""
    bodies = {}
    for vector in vectors():
        with contextlib.suppress(Unreadable):
            bodies[vector.number] = read(vector.file.encode("utf-8", "surrogatepass"), "articles/dw/1.md").html
    return bodies


@functools.cache
def edited_bodies() -> dict[int, str]:
    """What an editor's save stores of each vector."""
    return {vector.number: sanitize.sanitize(vector.body) for vector in vectors()}


@functools.cache
def typed_bodies() -> list[str]:
    """All vectors as a browser sends them, some in one body: in each, every vector comes out as it does alone, so that
    none hides another. What swallows what follows it stands alone.
    """
    typed = [vector.body.replace("\0", "").replace("\r\n", "\n").replace("\n", "\r\n") for vector in vectors()]
    alone = dict(zip(typed, map(sanitize.sanitize, typed), strict=True))

    def apart(texts: list[str]) -> list[str]:
        together = "".join(texts)
        if len(texts) == 1 or sanitize.sanitize(together) == "".join(map(alone.get, texts)):
            return [together]
        middle = len(texts) // 2
        return apart(texts[:middle]) + apart(texts[middle:])

    return [body for at in range(0, len(typed), TYPED) for body in apart(typed[at : at + TYPED])]
