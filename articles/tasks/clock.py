"""Tasks that nobody asks for: the clock runs them."""

from __future__ import annotations

import datetime

from django.conf import settings

from articles import guarding, health, images, importing, proposing, search, websub
from articles.curation import takedown_effects
from articles.tasks.offering import LONGEST_TASK, TURN, named_task


@named_task()
def forget_sign_ins() -> int:
    """Delete failures to sign in that stop nobody any more; returns their number. Run by the clock."""
    return guarding.forget()


@named_task()
def clear_uploads() -> int:
    """Remove uploads that are of no more use, and pictures that were left half written; returns how many of both. Run
    by the clock.
    """
    return importing.clear_uploads() + images.clear_halves()


@named_task()
def settle_take_downs() -> int:
    """Carry out what has begun or ended by itself, and have the storage follow; returns how many. Run by the clock."""
    return takedown_effects.settle() + images.settle_files()


@named_task(time_limit=LONGEST_TASK)
def index_articles(article_ids: list[int]) -> None:
    """Write the search entries of articles anew: what workers of the first release were asked for may wait still."""
    search.index(article_ids)


@named_task(time_limit=LONGEST_TASK)
def index_waiting() -> None:
    """Write the search entries that wait since a change to many articles. Asked for by the change, run by the clock."""
    if search.index_waiting(TURN):
        index_waiting.delay()


@named_task()
def tell_hubs() -> int:
    """Look which feeds have changed, and hand each ping that is due to `tell_hub`; returns their number.

    Run by the clock. Without a broker `manage.py tell_hubs` does the same from a timer of the system.
    """
    if not (settings.WEBSUB_HUBS and settings.HAS_BROKER):
        return 0
    websub.look()
    numbers = websub.due()
    for number in numbers:
        tell_hub.delay(number)
    return len(numbers)


@named_task(time_limit=60)
def tell_hub(number: int) -> None:
    """Tell a hub that a feed has changed; its row says how that ended and when it is tried again."""
    websub.tell(number)


@named_task(bind=True)
def feel_pulse(self) -> None:
    """Say that this machine has a worker, and since when this message lay in the queue. Run by the clock."""
    sent_at = self.request.get("sent_at")
    if sent_at:
        health.feel_pulse(self.request.hostname, datetime.datetime.fromtimestamp(sent_at, datetime.UTC))


@named_task(time_limit=LONGEST_TASK)
def learn_topics() -> int:
    """Learn anew what speaks for each tag; returns the number of signs. Run by the clock, once a day."""
    return proposing.learn()
