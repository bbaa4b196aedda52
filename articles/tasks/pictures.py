"""Tasks of pictures: from a mirror folder, from the network, and their renditions."""

from __future__ import annotations

from django.conf import settings

from articles import images
from articles.models import Image
from articles.tasks.offering import LOG, LONGEST_TASK, named_task, offer

PICTURES_A_TASK = 100
PICTURES_AT_ONCE = 5000  # handed out by one look at the clock


@named_task(time_limit=LONGEST_TASK)
def place_images(image_ids: list[int], folder: str) -> dict[str, int]:
    """Take waiting pictures from a mirror folder; returns how many are in which state then."""
    states: dict[str, int] = {}
    stored = []
    for image in Image.objects.filter(pk__in=image_ids, state=Image.State.WAITING):
        state = images.place(image, folder)
        states[state] = states.get(state, 0) + 1
        if state == Image.State.STORED:
            stored.append(image.pk)
    want_renditions(stored)
    return states


def place_all_images(folder: str) -> list[int]:
    """Hand every waiting picture that the mirror folder has to `place_images`; returns their numbers.

    The whole of what waits is looked at, so that pictures of a run that was killed are placed by the next one.
    """
    there = images.waiting().only("pk", "origin_url", "proxy_url").iterator(chunk_size=1000)
    numbers = [image.pk for image in there if images.mirrored(image, folder)]
    for start in range(0, len(numbers), PICTURES_A_TASK):
        place_images.delay(numbers[start : start + PICTURES_A_TASK], folder)
    return numbers


@named_task(time_limit=LONGEST_TASK)
def fetch_image(image_id: int, folder: str = "", again: bool = False) -> None:
    """Bring one waiting picture in (`again`: a stored one too); renditions follow, or its row says when it is tried."""
    image = Image.objects.filter(pk=image_id).first()
    if image is None or not (again or image.state == Image.State.WAITING):
        return
    if images.fetch_image(image, folder) == Image.State.STORED:
        want_renditions([image_id])


@named_task()
def fetch_due_images() -> int:
    """Hand each waiting picture whose time has come to `fetch_image`; returns their number.

    Run by the clock (CELERY_BEAT_SCHEDULE), so that tries come again whatever was killed.
    """
    if not (settings.FETCH_IMAGES and settings.HAS_BROKER):
        return 0
    numbers = list(images.due().values_list("pk", flat=True)[:PICTURES_AT_ONCE])
    images.hand_out(numbers)
    for number in numbers:
        fetch_image.delay(number)
    return len(numbers)


def want_renditions(image_ids: list[int]) -> bool:
    """Have renditions made ahead, unless our own server makes each when it is first asked for.

    False when the broker does not answer: `make_missing_renditions` finds them then.
    """
    if not image_ids or settings.RENDITIONS_ON_DEMAND:
        return True
    if offer(make_renditions, image_ids):
        return True
    Image.objects.filter(pk__in=image_ids).update(prepared="")
    return False


@named_task(time_limit=LONGEST_TASK)
def make_renditions(image_ids: list[int]) -> int:
    """Make the renditions of stored pictures that have none yet; returns how many files' worth were made."""
    made = 0
    for image in Image.objects.filter(pk__in=image_ids, state=Image.State.STORED):
        try:
            made += images.prepare(image)
        except (images.Rejected, OSError) as fault:  # the others are not to wait for it
            LOG.warning("no_renditions", image=image.pk, fault=str(fault))
    return made


@named_task()
def make_missing_renditions() -> int:
    """Hand out stored pictures whose renditions nobody was asked for; returns their number. Run by the clock."""
    if settings.RENDITIONS_ON_DEMAND or not settings.HAS_BROKER:
        return 0
    missing = Image.objects.filter(state=Image.State.STORED, prepared="").order_by("pk")
    numbers = list(missing.values_list("pk", flat=True)[:PICTURES_AT_ONCE])
    for start in range(0, len(numbers), PICTURES_A_TASK):
        make_renditions.delay(numbers[start : start + PICTURES_A_TASK])
    return len(numbers)
