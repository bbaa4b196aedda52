"""How the newsroom stands, for chiefs: what needs somebody comes first, the numbers after it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import connection, models
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.http import urlencode
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from articles import health
from articles.models import Article, Image, ImportRun

Status = Article.Status
NARROWS = {Image: "state__exact", Article: "status__exact"}  # a list to rows of one state
STEER = "articles.steer_importrun"
OLD_BACKUP = datetime.timedelta(days=7)
LONG_WAIT = 60  # seconds in the queue, after which somebody should look
FULL = 0.9  # of the disk


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that is told; `wrong` says what to do about it, and is empty while all is well."""

    label: str
    value: str
    note: str = ""
    wrong: str = ""
    address: str = ""


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """All of it; a dozen queries, whatever the size of the archive, and two seconds when the broker is away."""
    if not request.user.has_perm(STEER):
        raise PermissionDenied
    sections = [
        {"name": "program", "title": _("The program"), "rows": [*_program(), _backup()]},
        {"name": "workers", "title": _("Workers"), "rows": _workers()},
        {"name": "imports", "title": _("Imports"), "rows": _imports()},
        {"name": "pictures", "title": _("Pictures"), "rows": _numbers(Image, Image.State, health.pictures_by_state())},
        {"name": "articles", "title": _("Articles"), "rows": _numbers(Article, Status, health.articles_by_state())},
    ]
    context = {
        **admin.site.each_context(request),
        "title": _("How the newsroom stands"),
        "sections": sections,
        "wrong": [row for section in sections for row in section["rows"] if row.wrong],
        "now": timezone.now(),
    }
    return TemplateResponse(request, "admin/status.html", context)


def _program() -> list[Row]:
    missing, disk = health.missing_migrations(), health.disk()
    behind = not missing and health.is_search_behind()
    used = 1 - disk.free / disk.total
    facts = {"percent": round(100 * used), "size": filesizeformat(disk.total)}
    return [
        Row(
            _("Database"),
            {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(connection.vendor, connection.vendor),
            "" if missing else _("all migrations are there"),
            _("Migrations are missing: run manage.py migrate.") if missing else "",
        ),
        Row(
            _("Search index"),
            _("behind") if behind else _("in step"),
            "",
            _("Some of the newest articles cannot be found: run manage.py rebuild_search.") if behind else "",
        ),
        Row(
            _("Disk"),
            _("%(size)s left") % {"size": filesizeformat(disk.free)},
            _("%(percent)s %% of %(size)s are used") % facts,
            _("The disk is nearly full: make room under NEWSROOM_DATA_DIR.")
            if used > FULL or disk.free < health.LEAST_FREE
            else "",
        ),
    ]


def _backup() -> Row:
    made_at = health.latest_backup()
    told = _("Make one with manage.py backup, and have the clock do it every day.")
    if made_at is None:
        return Row(_("Latest backup"), _("never"), "", told)
    is_old = timezone.now() - made_at > OLD_BACKUP
    return Row(_("Latest backup"), _ago(made_at), _moment(made_at), told if is_old else "")


def _workers() -> list[Row]:
    if not settings.HAS_BROKER:
        return [
            Row(_("Broker"), _("none"), _("What takes long runs in processes of its own, or while somebody waits."))
        ]
    beat = health.pulse()
    rows = [_queue()]
    if beat.felt_at is None:
        rows.append(Row(_("Latest pulse"), _("never"), "", _no_pulse()))
        return rows
    rows += [
        Row(_("Latest pulse"), _ago(beat.felt_at), _moment(beat.felt_at), _no_pulse() if beat.is_late else ""),
        Row(
            _("Wait in the queue"),
            _seconds(beat.waited),
            _("of the latest pulse, which beat sends each minute"),
            _("Workers do not keep up: run more of them.") if beat.waited > LONG_WAIT else "",
        ),
    ]
    rows += [Row(_("Worker"), each.machine, _ago(each.felt_at)) for each in beat.machines]
    return rows


def _no_pulse() -> str:
    return _("Beat, or every worker, is away: see that both processes run.")


def _queue() -> Row:
    try:
        number = health.messages_waiting()
    except health.BROKER_FAULTS:
        return Row(_("Broker"), _("away"), "", _("The broker does not answer: see CELERY_BROKER_URL."))
    told = ngettext("%(number)s message waits", "%(number)s messages wait", number)
    return Row(_("Broker"), told % {"number": number_format(number)})


def _imports() -> list[Row]:
    rows = []
    run = health.latest_import()
    if run is None:
        rows.append(Row(_("Latest import"), _("never")))
    else:
        stalled = run.state == ImportRun.State.INTERRUPTED
        rows.append(
            Row(
                _("Latest import"),
                f"#{run.pk} · {run.get_state_display()}",
                _moment(run.finished_at or run.started_at),
                _("It has stalled: go on with it from its page.") if stalled else "",
                reverse("admin:articles_importrun_change", args=[run.pk]),
            )
        )
    states = health.imports_by_state()
    rows += [
        Row(str(label).capitalize(), number_format(states[value]), "", "", _list("importrun", "state__exact", value))
        for value, label in ImportRun.State.choices
        if states.get(value)
    ]
    waiting = health.files_waiting()
    if waiting:
        rows.append(Row(_("Files that wait for workers"), number_format(waiting)))
    return rows


def _numbers(model: type[models.Model], choices: type[models.TextChoices], numbers: dict[str, int]) -> list[Row]:
    return [
        Row(
            str(label).capitalize(),
            number_format(numbers[value]),
            address=_list(model._meta.model_name, NARROWS[model], value),
        )
        for value, label in choices.choices
        if numbers[value]
    ]


def _list(model: str, name: str, value: str) -> str:
    return f"{reverse(f'admin:articles_{model}_changelist')}?{urlencode({name: value})}"


def _ago(moment: datetime.datetime) -> str:
    if timezone.now() - moment < datetime.timedelta(minutes=1):
        return _("less than a minute ago")
    return _("%(time)s ago") % {"time": timesince(moment, depth=1)}


def _moment(moment: datetime.datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def _seconds(number: float) -> str:
    return _("%(number)s s") % {"number": number_format(number, 1)}


app_name = "status"
addresses = [path("", admin.site.admin_view(status), name="page")]
