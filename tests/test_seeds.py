"""The sample archive: it reads without a complaint, and every picture it names is there."""

import pathlib
import runpy
import sys
from urllib.parse import urlsplit

import pytest
from PIL import Image

from articles.ingest import read

SUFFIXES = {".jpg", ".JPG", ".jpeg", ".png"}
SEEDS = pathlib.Path(__file__).parents[1] / "seeds"
FILES = sorted(path for path in SEEDS.rglob("*.md") if path.name != "README.md")
PICTURES = sorted(path for path in (SEEDS / "images").rglob("*") if path.is_file() and path.suffix in SUFFIXES)
MAIN_SOURCES = {"bbc", "dw", "voa", "rfi", "rfa", "nyt", "cdt"}
FOLDERS = {"BBC", "德国之声", "美国之音", "法广", "纽约时报", "中国数字时代"}


@pytest.fixture(scope="module")
def documents():
    """Every seed by its path below seeds/."""
    names = {path.relative_to(SEEDS).as_posix(): path for path in FILES}
    return {name: read(path.read_bytes(), name) for name, path in names.items()}


def picture_of(address):
    """Where the picture of an address lies."""
    parts = urlsplit(address)
    return SEEDS / "images" / parts.netloc / parts.path.lstrip("/")


def test_there_are_enough_articles_from_all_sources_and_both_folder_vocabularies(documents):
    assert len({document.address_key for document in documents.values()}) >= 28
    assert {document.source for document in documents.values()} >= MAIN_SOURCES
    folders = {name.split("/")[1] for name in documents if name.startswith("articles/")}
    assert folders >= MAIN_SOURCES | FOLDERS
    families = {document.source for name, document in documents.items() if name.startswith("_posts/")}
    assert len(families) >= 4


def test_they_are_spread_over_weeks_and_scripts(documents):
    weeks = {document.published_at.isocalendar()[:2] for document in documents.values()}
    assert len(weeks) >= 15
    scripts = [document.script for document in documents.values()]
    assert {"hans", "hant", "latn"} <= set(scripts)
    assert scripts.count("hant") >= 5
    assert scripts.count("latn") >= 3


def test_every_seed_reads_cleanly(documents):
    for name, document in documents.items():
        assert document.title, name
        assert document.published_precision == "second", name
        assert len(document.text) >= 250, name
        assert set(document.warnings) <= {"picture_missing"}, name  # one has the literal text where a picture was


def test_the_page_time_is_before_the_feed_time(documents):
    for name, document in documents.items():
        if document.dateline_at and document.archived_at and document.source not in ("bbc", "cdt"):  # which name days
            assert 0 <= (document.archived_at - document.dateline_at).total_seconds() < 2 * 3600, name


def test_one_event_is_told_by_three_sources_within_two_days(documents):
    told = [
        document for document in documents.values() if "452" in document.text and document.published_at.year == 2025
    ]
    assert {document.source for document in told} >= {"dw", "bbc", "rfi"}
    times = [document.published_at for document in told]
    assert (max(times) - min(times)).days < 2


def test_one_article_comes_in_two_versions_with_another_title(documents):
    first, second = documents["articles/dw/1022871.md"], documents["articles/dw/1022869.md"]
    assert first.address_key == second.address_key
    assert first.archived_at < second.archived_at
    assert first.title != second.title
    assert len(first.text) < len(second.text)


def test_articles_refer_to_each_other_in_every_form(documents):
    keys = {document.canonical_url.split("://")[1].removeprefix("www.") for document in documents.values()}
    assert len(keys) == len({document.canonical_url for document in documents.values()})
    raw = {name: (SEEDS / name).read_text(encoding="utf-8") for name in documents}
    numbers = {
        document.canonical_url.rpartition("/a-")[2] for document in documents.values() if document.source == "dw"
    }
    assert any(f"api.dw.com/api/detail/article/{number}" in text for text in raw.values() for number in numbers)
    assert any(f"http://www.{key.split('?')[0]}?utm_source=" in text for text in raw.values() for key in keys)
    linked = {link.split("://")[1].removeprefix("www.") for document in documents.values() for link in document.links}
    assert len(linked & keys) >= 5


def test_topics_recur(documents):
    topics = [tag for document in documents.values() for tag in document.tags]
    assert topics.count("瓦倫港") >= 4
    assert {"圖書館", "图书馆", "瓦伦港"} <= set(topics)


def test_every_picture_of_an_article_is_drawn(documents):
    addresses = {
        picture.src for document in documents.values() for picture in document.images if not picture.decorative
    }
    addresses |= {embed.poster for document in documents.values() for embed in document.embeds if embed.poster}
    missing = sorted(address for address in addresses if not picture_of(address).is_file())
    assert missing == []


def test_nearly_every_article_has_a_picture(documents):
    assert sum(not document.images for document in documents.values()) <= 2


def test_pictures_open_have_the_width_of_a_lead_and_stay_small_together():
    assert sum(path.stat().st_size for path in PICTURES) <= 5_000_000
    for path in PICTURES:
        with Image.open(path) as picture:
            picture.load()
            assert 1000 <= picture.width <= 1600, path
            assert picture.format == ("PNG" if path.suffix == ".png" else "JPEG"), path


@pytest.fixture
def drawing(monkeypatch):
    """The drawing script's names, run from its own folder as a person would."""
    known = set(sys.modules)
    monkeypatch.syspath_prepend(str(SEEDS / "images"))
    yield runpy.run_path(str(SEEDS / "images" / "draw.py"))
    for name in set(sys.modules) - known:
        if name == "canvas" or name.split(".")[0] == "scenes":
            del sys.modules[name]


def test_the_script_knows_exactly_the_pictures_that_are_there(drawing):
    assert {SEEDS / "images" / path for path, *_ in drawing["PICTURES"]} == set(PICTURES)


def test_a_picture_drawn_twice_is_the_same(drawing, tmp_path):
    path, scene, palette, _, options = drawing["PICTURES"][0]
    for name in ("one.jpg", "two.jpg"):
        canvas = drawing["Canvas"](path, drawing["PALETTES"][palette], (320, 180))
        scene(canvas, **options)
        canvas.save(tmp_path / name, (320, 180))
    assert (tmp_path / "one.jpg").read_bytes() == (tmp_path / "two.jpg").read_bytes()
