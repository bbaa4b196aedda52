"""Tells Sentry of faults, where NEWSROOM_SENTRY_DSN says which; elsewhere the library is not even loaded.

What is sent is the fault, its traceback, the name of the view or task, and the number that the log has for it: nothing
of the request itself, no name of a person, no values of variables.
"""

from __future__ import annotations

from typing import Any

import structlog

Event = dict[str, Any]
NUMBERS = ("request_id", "task_id", "command_id")


def tell(dsn: str, **options: Any) -> None:
    """Begin to tell; nothing happens without a `dsn`. `options` go to the library."""
    if not dsn:
        return
    import sentry_sdk  # noqa: PLC0415 - others need not wait for it
    from sentry_sdk.integrations.logging import LoggingIntegration  # noqa: PLC0415

    sentry_sdk.init(
        dsn=dsn,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,  # lines of the log before the fault, and statements with their values
        traces_sample_rate=0,
        before_send=without_people,
        integrations=[LoggingIntegration(level=None, event_level=None)],  # the log has its own lines
        **options,
    )


def without_people(event: Event, hint: Event) -> Event:
    """The event without what tells of a person; with the number that the log has."""
    for name in ("request", "user", "server_name", "extra", "breadcrumbs"):
        event.pop(name, None)
    numbers = structlog.contextvars.get_contextvars()
    told = {name: numbers[name] for name in NUMBERS if name in numbers}
    event["tags"] = {**(event.get("tags") or {}), **told}
    return event
