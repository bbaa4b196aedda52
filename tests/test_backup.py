"""Backups: what is brought back equals what was written, in another place and on another database."""

import contextlib
import gzip
import hashlib
import json
import shutil

import pytest

from articles.safekeeping.layout import seal
from tests.services import ROOT, Installation, postgres_database, wait_for

WITHOUT = ("articles.Deed", "articles.ImageHost")  # a backup is a deed itself
EDIT = """
from django.contrib.auth import get_user_model
from articles.models import Article, Revision, Tag
user = get_user_model().objects.create_superuser("chief", password="a long one for tests")
article = Article.objects.order_by("pk").first()
Revision.objects.create(article=article, author=user, title="旧的标题")
Tag.objects.create(name="人工智能")
"""
PAIRS = """
import itertools, pathlib
from django.db import transaction
from articles.models import Source, Tag
for number in itertools.count():
    with transaction.atomic():
        Tag.objects.create(name=f"主題 {{number}}")
        Source.objects.create(slug=f"source-{{number}}", name=f"來源 {{number}}", hosts=[])
    pathlib.Path({begun!r}).touch()
    if pathlib.Path({stop!r}).exists():
        break
"""
SEARCH = "import sys; from articles import search; print(search.check())"


def rows_of(folder):
    """Every table of a backup as values, told apart from the order of a JSON object's names."""
    tables = json.loads((folder / "manifest.json").read_text())["tables"]
    found = {}
    for label, part in tables.items():
        with gzip.open(folder / part["path"], "rt") as lines:
            head, *rows = map(json.loads, lines)
        found[label] = [dict(zip(head, row, strict=True)) for row in rows]
        assert len(rows) == part["rows"]
    return {label: rows for label, rows in found.items() if label not in WITHOUT}


def media_of(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (folder / "media").rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """An installation on SQLite with articles, pictures, a person and a revision; and its backup."""
    folder = tmp_path_factory.mktemp("filled")
    place = Installation(folder)
    place.manage("import_articles", str(ROOT / "seeds"), "--publish", "--images", str(ROOT / "seeds" / "images"))
    place.manage("shell", "-v", "0", "-c", EDIT)
    backup = folder / "backup"
    place.manage("backup", backup)
    return place, backup


class Unmigrated(Installation):
    """One whose database has no tables yet."""

    def set_up(self):
        """Nothing yet."""


@pytest.fixture
def empty(tmp_path):
    """Makes installations whose database has no tables yet."""

    def make(name="empty", **environment):
        (tmp_path / name).mkdir()
        return Unmigrated(tmp_path / name, **environment)

    return make


def test_a_backup_restored_on_sqlite_equals_the_place_it_was_made_of(filled, empty, tmp_path):
    place, backup = filled
    other = empty()
    other.manage("restore", backup)
    other.manage("backup", tmp_path / "again")
    assert rows_of(tmp_path / "again") == rows_of(backup)
    assert len(rows_of(backup)["articles.Article"]) >= 30
    assert media_of(other.folder) == media_of(backup) == media_of(tmp_path / "again")
    assert other.manage("export_articles", "--all") == place.manage("export_articles", "--all")
    assert "missing=0, stale=0, left_over=0" in other.manage("shell", "-v", "0", "-c", SEARCH)


def test_a_newsroom_moves_from_sqlite_to_postgresql_and_back(filled, empty, tmp_path):
    place, backup = filled
    with postgres_database() as address:
        large = empty("large", DATABASE_URL=address)
        large.manage("restore", backup)
        assert large.manage("export_articles", "--all") == place.manage("export_articles", "--all")
        large.manage("backup", tmp_path / "from-postgresql")
        assert rows_of(tmp_path / "from-postgresql") == rows_of(backup)
        large.manage("shell", "-v", "0", "-c", "from articles.models import Tag; Tag.objects.create(name='新')")
    small = empty("small")
    small.manage("restore", tmp_path / "from-postgresql")
    small.manage("backup", tmp_path / "back")
    assert rows_of(tmp_path / "back") == rows_of(backup)
    assert "missing=0, stale=0" in small.manage("shell", "-v", "0", "-c", SEARCH)


@pytest.mark.parametrize("on_postgresql", [False, True])
def test_a_backup_made_while_others_write_is_of_one_moment(empty, tmp_path, on_postgresql):
    with postgres_database() if on_postgresql else contextlib.nullcontext() as address:
        busy = empty("busy", **({"DATABASE_URL": address} if on_postgresql else {}))
        busy.manage("migrate", "-v", "0")
        stop = tmp_path / "stop"
        pairs = PAIRS.format(begun=str(tmp_path / "begun"), stop=str(stop))
        writer = busy.start("shell", "-v", "0", "-c", pairs)
        wait_for((tmp_path / "begun").exists, 60, "the first pair")
        busy.manage("backup", tmp_path / "during")
        stop.touch()
        assert writer.wait(timeout=600) == 0, busy.log()
        busy.manage("backup", tmp_path / "after")
    rows, after = rows_of(tmp_path / "during"), rows_of(tmp_path / "after")
    assert len(rows["articles.Source"]) == len(rows["articles.Tag"]) > 0
    assert len(after["articles.Tag"]) > len(rows["articles.Tag"])


MEANWHILE = """
import json, pathlib, threading
from django.core.files.storage import default_storage
from django.core.files.base import ContentFile
from articles import images
from articles.models import Image
from articles.safekeeping import back_up, writing
write_tables = writing._write_tables
old = Image.objects.filter(state="stored").first()
def meanwhile():
    images.remove(Image.objects.filter(pk=old.pk))
    name = default_storage.save("zz/new.jpg", ContentFile(b"new"))
    Image.objects.create(origin_url="https://p.example/new.jpg", state="stored", file=name)
def write(folder):
    found = write_tables(folder)
    thread = threading.Thread(target=meanwhile)
    thread.start()
    thread.join()
    return found
writing._write_tables = write
print(json.dumps([old.origin_url, old.file.name, back_up(pathlib.Path({folder!r}))["missing"]]))
"""


def test_pictures_that_are_removed_and_added_while_a_backup_is_made_leave_it_whole(filled, empty, tmp_path):
    place = empty("busy")
    place.manage("restore", filled[1])
    address, name, missing = json.loads(
        place.manage("shell", "-v", "0", "-c", MEANWHILE.format(folder=str(tmp_path / "backup")))
    )
    assert name in missing
    rows = {row["origin_url"]: row for row in rows_of(tmp_path / "backup")["articles.Image"]}
    assert rows[address]["file"] == name
    assert "https://p.example/new.jpg" not in rows
    assert not {name, "zz/new.jpg"} & {path.removeprefix("media/") for path in media_of(tmp_path / "backup")}
    other = empty()
    other.manage("restore", "--check", tmp_path / "backup")
    other.manage("restore", tmp_path / "backup")
    told = (
        "import sys; from articles.models import Image; i = Image.objects.get(origin_url={!r}); print(i.state, i.file)"
    )
    assert other.manage("shell", "-v", "0", "-c", told.format(address)).split() == ["waiting"]


def test_a_place_that_has_rows_is_refused(filled):
    place, backup = filled
    with pytest.raises(AssertionError, match="The place is not empty"):
        place.manage("restore", backup)


def test_a_folder_that_has_something_is_not_written_to(filled, tmp_path):
    place, _ = filled
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(AssertionError, match="is not empty"):
        place.manage("backup", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def spoil_table(folder):
    path = folder / "tables" / "articles.article.jsonl.gz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def spoil_picture(folder):
    next(path for path in (folder / "media").rglob("*") if path.is_file()).write_bytes(b"")


def change_manifest(**changes):
    def spoil(folder):
        facts = json.loads((folder / "manifest.json").read_text())
        facts.update(changes)
        if "format" not in changes:
            facts.pop("sha256")
            (folder / "manifest.json").write_text(seal(facts))
        else:
            (folder / "manifest.json").write_text(json.dumps(facts))

    return spoil


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (spoil_table, "The backup is damaged: .*article.jsonl.gz"),
        (spoil_picture, "The backup is damaged"),
        (lambda folder: (folder / "manifest.json").unlink(), "holds no whole backup"),
        (change_manifest(format=99), "has format 99"),
        (change_manifest(migrations=[["articles", "9999_later"]]), "made by another release"),
    ],
    ids=["table", "picture", "no manifest", "format", "release"],
)
def test_a_damaged_or_unknown_backup_is_refused_and_nothing_written(filled, empty, tmp_path, spoil, told):
    _, backup = filled
    shutil.copytree(backup, tmp_path / "spoilt")
    spoil(tmp_path / "spoilt")
    place = empty()
    with pytest.raises(AssertionError, match=told):
        place.manage("restore", tmp_path / "spoilt")
    assert not (place.folder / "media").exists()


def test_numbers_after_a_restore_go_on_where_they_were(filled, empty):
    _, backup = filled
    made = "from articles.models import Tag; print(Tag.objects.create(name='又一個').pk)"
    highest = max(row["id"] for row in rows_of(backup)["articles.Tag"])
    with postgres_database() as address:
        place = empty(DATABASE_URL=address)
        place.manage("restore", backup)
        assert int(place.manage("shell", "-v", "0", "-c", made)) > highest
