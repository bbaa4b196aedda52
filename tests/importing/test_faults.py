"""A folder with every fault there is: a named result each, and everything else imported."""

import hashlib
import json
import os
import shutil
import subprocess
import zipfile

import pytest

from articles.models import Result
from tests.importing import archive
from tests.services import ROOT, Installation, missing, postgres_database, redis_server

SAMPLES = [path for path in (ROOT / "tests/ingest/golden/edge").iterdir() if path.suffix in (".md", ".bytes")]
SEEDS = ROOT / "seeds"
FAULTS = {
    "empty.md": (Result.REFUSED, "empty"),
    "binary.md": (Result.REFUSED, "binary"),
    "noise.bin": (Result.REFUSED, "binary"),
    "huge.md": (Result.REFUSED, "too_large"),
    "secret.md": (Result.REFUSED, "no_permission"),
    "locked/": (Result.REFUSED, "no_permission"),
    "loop": (Result.REFUSED, "link_loop"),
    "self.md": (Result.REFUSED, "unreadable_link"),
    "pipe.md": (Result.REFUSED, "not_a_file"),
    "prose.md": (Result.REFUSED, "no_header"),
    "script.md": (Result.REFUSED, "bad_address"),
    "trick.zip!/../../out.md": (Result.REFUSED, "unsafe_path"),
    "broken.zip": (Result.REFUSED, "broken_archive"),
    "edge/e13_no_header.md": (Result.REFUSED, "no_header"),
    "edge/e14_javascript_url.md": (Result.REFUSED, "bad_address"),
}
FIRST_INSTANT, LAST_INSTANT = -62135596800000, 253402300799000  # milliseconds: the years 1 and 9999
# Without what lets root read everything, as every other user is.
UNPRIVILEGED = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()


@pytest.fixture
def folder(tmp_path):
    root = archive.write(tmp_path / "archive", range(3))
    (root / "README.md").write_text("about", "utf-8")
    (root / "empty.md").write_bytes(b"")
    (root / "binary.md").write_bytes(bytes(range(256)) * 20)
    (root / "noise.bin").write_bytes(b"\x00\xff" * 500)
    with open(root / "huge.md", "wb") as stream:
        stream.truncate(50_000_000)
    (root / "secret.md").write_text(archive.dw(10), "utf-8")
    (root / "secret.md").chmod(0)
    (root / "locked").mkdir(mode=0)
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
    (root / "edge").mkdir()
    for sample in SAMPLES:
        shutil.copy(sample, root / "edge" / f"{sample.stem}.md")
    yield root
    (root / "locked").chmod(0o700)


def test_every_fault_has_a_named_result_and_everything_else_is_imported(folder, tmp_path):
    if UNPRIVILEGED and not shutil.which(UNPRIVILEGED[0]):
        missing("setpriv is not installed, and root may read every file")
    place = Installation(tmp_path)
    command = place.command("import_articles", folder, "--publish", "--report", tmp_path / "r.json")
    done = subprocess.run(
        [*UNPRIVILEGED, *command], env=place.environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    report = json.loads((tmp_path / "r.json").read_text("utf-8"))
    ended = {item["path"]: (item["result"], item["code"]) for item in report["items"]}
    assert {path: ended.pop(path) for path in FAULTS} == FAULTS
    assert set(ended.values()) == {(Result.CREATED, "")}
    samples = {f"edge/{sample.stem}.md" for sample in SAMPLES}
    assert len(samples) == 22
    ordinary = {*(f"articles/dw/{1000000 - n}.md" for n in range(3)), "trick.zip!/dw/8.md", "latin.md"}
    assert set(ended) == ordinary | samples - set(FAULTS)
    assert all(item["reason"].endswith(".") for item in report["items"] if item["result"] == Result.REFUSED)
    assert not (tmp_path.parent / "out.md").exists()


@pytest.mark.parametrize("way", ["sqlite", "postgres and a queue"])
def test_instants_at_both_edges_of_time_cost_no_other_file(tmp_path, way):
    root = archive.write(tmp_path / "archive", range(3))
    for name, epoch in (("first", FIRST_INSTANT), ("last", LAST_INSTANT)):
        (root / f"{name}.md").write_text(archive.dw(0, epoch=epoch, url=f"https://www.dw.com/zh/{name}"), "utf-8")
    if way == "sqlite":
        _edges(Installation(tmp_path), root)
        return
    with postgres_database() as database, redis_server(tmp_path) as broker:
        place = Installation(tmp_path, DATABASE_URL=database, CELERY_BROKER_URL=broker)
        with place.worker():
            _edges(place, root, "--queue")


def _edges(place, root, *options):
    command = place.command("import_articles", root, "--report", "-", "-v", "0", *options)
    done = subprocess.run(command, env=place.environment, cwd=ROOT, capture_output=True, text=True, check=False)
    items = json.loads(done.stdout)["items"]
    ended = {item["path"]: item["result"] for item in items}
    edges = [ended.pop(f"{name}.md") for name in ("first", "last")]
    assert set(edges) <= {Result.CREATED, Result.FAILED}
    assert done.returncode == int(Result.FAILED in edges), done.stderr
    assert set(ended.values()) == {Result.CREATED}
    assert len(ended) == 3
    assert all("Error" in item["reason"] for item in items if item["result"] == Result.FAILED)


ODD = (
    "夜晚的 碼頭.md",
    "-rf.md",
    "a'b\"c & $d.md",
    "1 (2).md",
    "emoji 🚢.MD",
    "無尾",
    "x" * 200 + ".md",
    "line\nend.md",
)


def test_an_archive_is_written_back_byte_for_byte(folder, tmp_path):
    """The samples, each with a copy elsewhere, and names that are odd: by path below the root and sha256."""
    archived = tmp_path / "all"
    shutil.copytree(SEEDS, archived, ignore=shutil.ignore_patterns("images"))
    for number, path in enumerate(sorted((archived / "articles").rglob("*.md"))[:6]):
        shutil.copy(path, path.with_name(f"copy-{number}.md"))
    shutil.copytree(folder / "articles", archived / "made")
    for number, name in enumerate(ODD):
        (archived / "made" / name).write_text(archive.dw(20 + number), "utf-8")
    (archived / "made" / "refused.md").write_text("no header", "utf-8")
    installation = Installation(tmp_path)
    installation.manage("import_articles", archived, "--no-images", "--report", tmp_path / "r.json", code=1)
    items = json.loads((tmp_path / "r.json").read_text("utf-8"))["items"]
    assert {item["result"] for item in items} == {"created", "duplicate", "refused"}
    stayed = {item["path"] for item in items if item["result"] == "refused"}  # nothing of these was taken in
    assert "made/refused.md" in stayed
    out = tmp_path / "out"
    installation.manage("export_articles", "--format", "original", out)
    before = digests(archived)
    assert digests(out) == {path: before[path] for path in {item["path"] for item in items} - stayed}


def test_two_roots_with_the_same_paths_lose_nothing(tmp_path):
    installation = Installation(tmp_path)
    for number in range(2):
        (tmp_path / f"x{number}").mkdir()
        (tmp_path / f"x{number}" / "1.md").write_text(archive.dw(number), "utf-8")
        installation.manage("import_articles", tmp_path / f"x{number}", "--no-images")
    out = tmp_path / "out"
    installation.manage("export_articles", "--format", "original", out)
    before = {hash_ for number in range(2) for hash_ in digests(tmp_path / f"x{number}").values()}
    assert set(digests(out).values()) == before
    assert digests(out)["1.md"] == digests(tmp_path / "x1")["1.md"]


def digests(root):
    found = (path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}
