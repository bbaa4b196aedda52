"""What a backup's folder looks like, for those who write it and those who read it.

`manifest.json` names every file with its size and sha256, and is written last: a folder without it is no backup.
`tables/<model>.jsonl.gz` begins with the names of the columns; each further line is a row, as a JSON list.
`media.jsonl` has a line for each picture file, which lies under its own name in `media/`.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
import pathlib
from collections.abc import Iterator

from django.db import models

FORMAT = 1
MANIFEST = "manifest.json"
MEDIA = "media.jsonl"
CHUNK = 1 << 20  # bytes in memory at once
ROWS_AT_ONCE = 200  # some have a whole article's text, or the bytes of a file
# Made anew in the new place: sign-ins, numbers that the program gives, the search index, what marks pages, and workers'
# signs of life.
LEFT_OUT = frozenset(
    {
        "sessions.Session",
        "contenttypes.ContentType",
        "auth.Permission",
        "articles.Entry",
        "articles.Edition",
        "articles.MonthCount",
        "articles.TopicCount",
        "articles.Pulse",
        "articles.WaitingEntry",
    }
)
# Rows that migrations make, and that a backup has its own of.
MADE_BY_MIGRATIONS = ("auth.Group_permissions", "auth.Group")


class Unusable(Exception):
    """A backup that cannot be made or restored; the message is one sentence for a person."""


@dataclasses.dataclass(frozen=True)
class Part:
    """One file of a backup."""

    path: str
    sha256: str
    size: int
    rows: int = 0


def carried(apps) -> list[type[models.Model]]:
    """Models whose rows a backup has, of the apps as they are now or as they were at some migration."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.label not in LEFT_OUT
    ]


def columns(model: type[models.Model]) -> list[models.Field]:
    """Fields that are written; the database makes the others itself."""
    return [field for field in model._meta.concrete_fields if not field.generated]


def names_of_rows(apps) -> dict[str, dict[int, list[str]]]:
    """Content types and permissions by number: their numbers differ from place to place, their names do not."""
    types = apps.get_model("contenttypes", "ContentType")._base_manager
    permissions = apps.get_model("auth", "Permission")._base_manager
    kinds = {pk: [app, model] for pk, app, model in types.values_list("pk", "app_label", "model")}
    return {
        "contenttypes.ContentType": kinds,
        "auth.Permission": {
            pk: [*kinds[kind], codename]
            for pk, kind, codename in permissions.values_list("pk", "content_type_id", "codename")
        },
    }


def target_of(field: models.Field) -> str:
    """The label of the model whose rows are carried by name, or ""."""
    label = field.related_model._meta.label if field.is_relation else ""
    return label if label in ("contenttypes.ContentType", "auth.Permission") else ""


def digest_of(path: pathlib.Path) -> tuple[str, int]:
    """The sha256 and size of a file."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
            size += len(piece)
    return digest.hexdigest(), size


def seal(facts: dict) -> str:
    """The manifest as it is written, with a sha256 of its own."""
    plain = json.dumps(facts, ensure_ascii=False, sort_keys=True)
    return json.dumps(facts | {"sha256": hashlib.sha256(plain.encode()).hexdigest()}, ensure_ascii=False, indent=1)


def opened(folder: pathlib.Path) -> dict:
    """The manifest of a backup; raises Unusable."""
    try:
        facts = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        sha256 = facts.pop("sha256")
    except FileNotFoundError as error:
        raise Unusable(f"{folder} holds no whole backup: {MANIFEST}, which is written last, is missing.") from error
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise Unusable(f"{folder / MANIFEST} is damaged or cannot be read ({error}).") from error
    if facts.get("format") != FORMAT:
        raise Unusable(
            f"The backup has format {facts.get('format')!r}, this release reads {FORMAT}: take the one that made it."
        )
    if hashlib.sha256(json.dumps(facts, ensure_ascii=False, sort_keys=True).encode()).hexdigest() != sha256:
        raise Unusable(f"{folder / MANIFEST} is damaged: it does not have the sha256 that it was written with.")
    return facts


def parts(facts: dict) -> dict[str, Part]:
    """The tables of a manifest, by model."""
    return {label: Part(**part) for label, part in facts["tables"].items()}


def media_lines(folder: pathlib.Path) -> Iterator[Part]:
    """The picture files of a backup whose list was found whole."""
    with (folder / MEDIA).open(encoding="utf-8") as lines:
        for line in lines:
            yield Part(**json.loads(line))


def place_of(folder: pathlib.Path, name: str) -> pathlib.Path:
    """Where a picture file lies in a backup; raises Unusable for a name that leads out of it."""
    pure = pathlib.PurePosixPath(name)
    if not name or "\0" in name or pure.is_absolute() or ".." in pure.parts:
        raise Unusable(f"The backup names a file {name!r}, which would lie outside of its folder.")
    return folder / "media" / pure


def now() -> str:
    """Now, as manifests have it."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
