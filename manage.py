#!/usr/bin/env python3
"""The operator's and the editor's command line: `python manage.py help`."""

import os
import sys
import uuid


def main() -> None:
    """Run the management command that the arguments name."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
    try:
        import structlog
        from django.conf import settings
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line

        from articles.actors import COMMAND, acting
    except ImportError as error:
        raise SystemExit("Django is not installed here: run `make run`, or activate .venv first.") from error
    try:
        settings.INSTALLED_APPS  # noqa: B018 - reading one setting loads the file, and with it every variable
    except ImproperlyConfigured as error:
        raise SystemExit(f"Newsroom cannot start: {error}") from None
    structlog.contextvars.bind_contextvars(
        command=sys.argv[1] if len(sys.argv) > 1 else "help", command_id=uuid.uuid4().hex
    )
    with acting(COMMAND, sys.argv[1] if len(sys.argv) > 1 else "help"):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
