"""A folder with every fault there is: a named result each, and everything else imported."""

import json
import os
import zipfile

import pytest

from articles.models import Result
from tests.importing import archive
from tests.services import Installation

FAULTS = {
    "empty.md": (Result.REFUSED, "empty"),
    "binary.md": (Result.REFUSED, "binary"),
    "noise.bin": (Result.REFUSED, "binary"),
    "huge.md": (Result.REFUSED, "too_large"),
    "loop": (Result.REFUSED, "link_loop"),
    "self.md": (Result.REFUSED, "unreadable_link"),
    "pipe.md": (Result.REFUSED, "not_a_file"),
    "prose.md": (Result.REFUSED, "no_header"),
    "script.md": (Result.REFUSED, "bad_address"),
    "trick.zip!/../../out.md": (Result.REFUSED, "unsafe_path"),
    "broken.zip": (Result.REFUSED, "broken_archive"),
}


@pytest.fixture
def folder(tmp_path):
    root = archive.write(tmp_path / "archive", range(3))
    (root / "README.md").write_text("about", "utf-8")
    (root / "empty.md").write_bytes(b"")
    (root / "binary.md").write_bytes(bytes(range(256)) * 20)
    (root / "noise.bin").write_bytes(b"\x00\xff" * 500)
    with open(root / "huge.md", "wb") as stream:
        stream.truncate(50_000_000)
    (root / "loop").symlink_to(root)
    (root / "self.md").symlink_to(root / "self.md")
    os.mkfifo(root / "pipe.md")
    (root / "prose.md").write_text("<p>這裡什麼都沒有。</p>", "utf-8")
    (root / "script.md").write_text("[題](javascript:alert(1))\n------\n\n<p>文</p>", "utf-8")
    with zipfile.ZipFile(root / "trick.zip", "w") as zipped:
        zipped.writestr("../../out.md", archive.dw(7))
        zipped.writestr("dw/8.md", archive.dw(8))
    (root / "broken.zip").write_bytes(b"PK no more")
    (root / "latin.md").write_bytes(archive.dw(9).encode()[:-30] + b"\xff\xfe</p>\n")
    return root


def test_every_fault_has_a_named_result_and_everything_else_is_imported(folder, tmp_path):
    installation = Installation(tmp_path)
    installation.manage("import_articles", folder, "--publish", "--report", tmp_path / "r.json", code=1)
    report = json.loads((tmp_path / "r.json").read_text("utf-8"))
    ended = {item["path"]: (item["result"], item["code"]) for item in report["items"]}
    assert {path: ended.pop(path) for path in FAULTS} == FAULTS
    assert set(ended.values()) == {(Result.CREATED, "")}
    assert set(ended) == {*(f"articles/dw/{1000000 - n}.md" for n in range(3)), "trick.zip!/dw/8.md", "latin.md"}
    assert all(item["reason"].endswith(".") for item in report["items"] if item["result"] == Result.REFUSED)
    assert not (tmp_path.parent / "out.md").exists()


def test_an_archive_is_written_back_byte_for_byte(folder, tmp_path):
    installation = Installation(tmp_path)
    installation.manage("import_articles", folder / "articles", code=0)
    out = tmp_path / "out"
    installation.manage("export_articles", "--format", "original", out)
    before = {path.name: path.read_bytes() for path in (folder / "articles").rglob("*.md")}
    assert {path.name: path.read_bytes() for path in out.rglob("*.md")} == before
