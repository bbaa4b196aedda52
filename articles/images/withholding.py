"""Takes pictures from where readers ask for them, and gives them back: rows with the caller's deed, files after it.

The bytes wait in the database, so that no folder or bucket that is served has them, and a backup carries them on.
"""

from __future__ import annotations

import contextlib
import mimetypes
from collections.abc import Iterable

from django.core.files.storage import default_storage
from django.db import transaction

from articles.images.files import deposit, discard
from articles.images.looks import are_near, look_of
from articles.images.renditions import forget
from articles.models import Block, Image, Rendition, TakeDown, WithheldFile, WithheldPicture, block_key

FIELDS = ["state", "file", "reason", "prepared", "next_try_at"]


def withhold(take_down: TakeDown, images: Iterable[Image]) -> int:
    """Keep pictures from readers: their rows say so, their bytes are kept aside, their renditions are forgotten.

    Within the caller's transaction; `settle_files` removes the files, after the commit. Returns
    the number of renditions. Four statements a picture.
    """
    renditions = 0
    for image in images:
        if image.sha256 and image.file:
            _keep_aside(image)
        WithheldPicture.objects.create(
            take_down=take_down,
            image=image,
            origin_url=image.origin_url,
            sha256=image.sha256,
            name=image.file.name or "",
            former_state=image.state,
        )
        renditions += Rendition.objects.filter(image=image).delete()[0]
        image.state, image.reason, image.prepared, image.next_try_at = Image.State.TAKEN_DOWN, "", "", None
        image.file.name = ""
        image.save(update_fields=FIELDS)
    return renditions


def refuse(image: Image, take_down: TakeDown) -> None:
    """Say of a picture that has not come yet that it shall not: it is tried again when the take-down is over."""
    with transaction.atomic():
        WithheldPicture.objects.get_or_create(
            take_down=take_down,
            image=image,
            defaults={"origin_url": image.origin_url, "former_state": Image.State.WAITING},
        )
        image.state, image.reason, image.next_try_at = (
            Image.State.TAKEN_DOWN,
            f"Taken down: {take_down.reference}.",
            None,
        )
        image.save(update_fields=["state", "reason", "next_try_at"])


def _keep_aside(image: Image) -> None:
    """The bytes of a stored picture, once; a file that is lost already is nothing to keep."""
    if WithheldFile.objects.filter(sha256=image.sha256).update(is_settled=False):
        return
    try:
        content = _content(image)
    except OSError:
        return
    WithheldFile.objects.create(sha256=image.sha256, name=image.file.name, size=len(content), bytes=content)


def give_back(take_down: TakeDown) -> int:
    """Let the pictures of a take-down return, but for those that another one withholds; returns how many did.

    Within the caller's transaction; the files come with `settle_files`. Three statements a picture.
    """
    given = 0
    others = WithheldPicture.objects.exclude(take_down=take_down).filter(
        take_down__state=TakeDown.State.IN_FORCE, take_down__applied_at__isnull=False
    )
    for withheld in take_down.pictures.filter(image__state=Image.State.TAKEN_DOWN).select_related("image"):
        image = withheld.image
        if others.filter(image=image).exists():
            continue
        mine = WithheldPicture.objects.filter(image=image).exclude(former_state=Image.State.TAKEN_DOWN)
        before = mine.order_by("-pk").first() or withheld  # the first of the take-downs that have held it
        kept = WithheldFile.objects.filter(sha256=before.sha256).exclude(sha256="")
        image.state, image.file.name = before.former_state, before.name
        if before.name and not kept.update(is_settled=False):  # its bytes are lost: fetched again
            image.state, image.file.name = Image.State.WAITING, ""
        image.save(update_fields=FIELDS)
        given += 1
    lone = WithheldFile.objects.filter(sha256__in=take_down.pictures.exclude(sha256="").values("sha256"))
    lone.exclude(sha256__in=Image.objects.exclude(sha256="").values("sha256")).delete()
    return given


def settle_files() -> int:
    """Make the storage follow: remove files and renditions of what is withheld, write back what has returned.

    Safe to run twice, and at any time; returns how many files were settled. Reads bytes only to write them back.
    """
    settled = 0
    for pk, sha256, name in WithheldFile.objects.filter(is_settled=False).values_list("pk", "sha256", "name"):
        rows = Image.objects.filter(sha256=sha256)
        if rows.exclude(state=Image.State.TAKEN_DOWN).exists():
            kept = WithheldFile.objects.filter(pk=pk).first()
            if kept is not None:
                deposit(name, bytes(kept.bytes))
                kept.delete()
        else:
            discard(f"images/{sha256[:2]}", sha256)
            default_storage.delete(name)
            forget(sha256)
            WithheldFile.objects.filter(pk=pk).update(is_settled=True)
        settled += 1
    return settled


def blocked(*, origin_url: str = "", sha256: str = "") -> TakeDown | None:
    """The take-down that keeps a picture out by its address or its bytes; one query."""
    kinds = {Block.Kind.PICTURE_ADDRESS: origin_url, Block.Kind.PICTURE: sha256}
    keys = {block_key(kind, value): (kind, value) for kind, value in kinds.items() if value}
    for block in Block.objects.filter(key__in=keys, take_down__in=TakeDown.objects.begun()).select_related("take_down"):
        if keys.get(block.key) == (block.kind, block.value):
            return block.take_down
    return None


def blocked_by_look(raw: bytes) -> TakeDown | None:
    """The take-down of a picture that looks the same as these bytes; one query, and a decoding where there is any."""
    key = block_key(Block.Kind.LOOK, "")
    blocks = list(Block.objects.filter(key=key, take_down__in=TakeDown.objects.begun()).select_related("take_down"))
    look = look_of(raw) if blocks else ""
    return next((block.take_down for block in blocks if are_near(block.value, look)), None)


def looks_of(images: Iterable[Image]) -> set[str]:
    """How pictures look whose bytes are here, in the storage or kept aside; reads each."""
    looks = set()
    for image in images:
        kept = WithheldFile.objects.filter(sha256=image.sha256).first() if image.sha256 else None
        with contextlib.suppress(OSError):
            looks.add(look_of(bytes(kept.bytes) if kept else _content(image)))
    return looks - {""}


def _content(image: Image) -> bytes:
    if not image.file:
        return b""
    with image.file.open() as file:
        return file.read()


def withheld_at(path: str) -> TakeDown | None:
    """The take-down of the picture that was at a path of the storage; None when it is not taken down. Two queries."""
    if mimetypes.guess_type(path)[0] is None:
        return None
    parts = path.removeprefix("renditions/").split("/")
    if path.startswith("images/") and len(parts) == 3:
        found = WithheldPicture.objects.filter(sha256=parts[2].split(".")[0])
    elif path.startswith("renditions/") and len(parts) == 4:
        beginning = f"{parts[1]}{parts[2]}"
        found = WithheldPicture.objects.filter(sha256__range=(beginning, beginning + "g"))
    else:
        return None
    held = found.filter(take_down__in=TakeDown.objects.begun()).values_list("take_down", flat=True).first()
    return held and TakeDown.objects.get(pk=held)
