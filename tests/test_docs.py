"""What the documents say exists: commands and their options, settings, files, and the picture of the floors."""

import argparse
import importlib.util
import pathlib
import re
import shlex

import pytest
from django.core.management import get_commands, load_command_class

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMAND = re.compile(
    r"(?:^|[`\s])(?:manage|manage\.py|\.venv/bin/python manage\.py)[ ]+([a-z_]{3,})((?:[ ][^`#|&;\n]*)?)", re.M
)
VERBS = frozenset({"stands", "is"})  # `manage.py` in the middle of a sentence
SETTING = re.compile(r"\b(?:NEWSROOM_[A-Z0-9_]+|DATABASE_URL|CELERY_BROKER_URL|CACHE_URL)\b")
TARGET = re.compile(r"`?\bmake ([a-z]+)\b(?:`|\s*#|$| [A-Z]+=)", re.M)
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)")
CODES = re.compile(
    r"""(?:Unreadable|Refusal)\(\s*"([a-z_]+)"|\blocation,\s*"([a-z_]+)"|(?:code|CODE) ?= ?"([a-z_]+)\""""
)


@pytest.fixture(params=PAGES, ids=lambda page: page.name)
def text(request):
    return request.param.read_text("utf-8")


def parser_of(name: str) -> argparse.ArgumentParser:
    app = get_commands()[name]
    command = load_command_class(app, name) if isinstance(app, str) else app
    return command.create_parser("manage.py", name)


def told(text: str) -> list[tuple[str, list[str]]]:
    """Commands in a document, each with the options it is given; chained ones are told apart."""
    found = []
    for name, rest in COMMAND.findall(text):
        if name in VERBS:
            continue
        words = shlex.split(rest) if rest.count("'") % 2 == 0 else rest.split()
        found.append(
            (name, [word.strip("[],.)").partition("=")[0] for word in words if word.strip("[").startswith("--")])
        )
    return found


def test_commands_and_options_exist(text):
    for name, options in told(text):
        assert name in get_commands(), name
        known = {option for action in parser_of(name)._actions for option in action.option_strings}
        assert set(options) <= known, (name, set(options) - known)


def test_settings_exist(text):
    code = "\n".join(
        path.read_text("utf-8")
        for path in (
            *(ROOT / "newsroom").glob("*.py"),
            *ROOT.glob("*.py"),
            *ROOT.glob("tests/**/*.py"),
            *ROOT.glob("bench/*.py"),
        )
        if path != pathlib.Path(__file__)
    )
    for name in set(SETTING.findall(text)):
        plain = name.removesuffix("_FILE")
        assert re.search(rf"\b{plain}\b", code), f"{name} is read nowhere"


def test_targets_of_make_exist(text):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    assert set(TARGET.findall(text)) <= targets


def test_files_that_are_linked_exist(request, text):
    page = request.node.callspec.params["text"]
    for address in LINK.findall(text):
        assert (page.parent / address).exists(), address


def test_every_refusal_is_explained():
    explained = set(re.findall(r"`([a-z_]+)`", (ROOT / "docs" / "import.md").read_text("utf-8")))
    rooms = ("ingest", "importing")
    sources = [
        ROOT / "articles" / "archives.py",
        *(path for room in rooms for path in (ROOT / "articles" / room).rglob("*.py")),
    ]
    codes = {code for path in sources for found in CODES.findall(path.read_text("utf-8")) for code in found if code}
    assert len(codes) > 10
    assert codes <= explained


def test_every_command_of_ours_is_told_somewhere():
    ours = {name for name, app in get_commands().items() if app == "articles"}
    said = {name for page in PAGES for name, _ in told(page.read_text("utf-8"))}
    said |= {name for page in PAGES for name in re.findall(r"`([a-z_]+)\b", page.read_text("utf-8"))}
    assert ours - said <= {"changepassword", "createsuperuser"}


def test_the_picture_of_the_floors_is_in_step():
    spec = importlib.util.spec_from_file_location("draw_floors", ROOT / "docs" / "draw_floors.py")
    drawing = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(drawing)
    assert drawing.PICTURE.read_text("utf-8") == drawing.picture(), "run: python docs/draw_floors.py"
    assert {"models", "ingest", "exporting"} <= {room for rooms in drawing.floors() for room in rooms}


def test_commands_are_found_in_text():
    text = (
        "Say `manage.py backup DIR --x`.\n    manage reclean --a=b c    # d --e\nmanage migrate && manage check --f\n"
    )
    assert told(text) == [("backup", ["--x"]), ("reclean", ["--a"]), ("migrate", []), ("check", ["--f"])]
