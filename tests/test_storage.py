"""The storage of pictures on this machine's disk: whole files only, and what killed processes leave."""

import os
import time

import pytest
from django.core.files.base import ContentFile

from articles import tasks
from articles.images import clear_halves
from newsroom.storage import WholeFileStorage

pytestmark = pytest.mark.django_db


def names(folder) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_a_file_that_cannot_be_written_whole_leaves_nothing(tmp_path):
    class Breaking(ContentFile):
        def chunks(self, chunk_size=None):
            yield b"half"
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        WholeFileStorage(location=tmp_path).save("images/a.png", Breaking(b"half and half"))
    assert names(tmp_path) == set()


def test_a_file_is_whole_under_its_name(tmp_path):
    assert WholeFileStorage(location=tmp_path).save("images/a.png", ContentFile(b"whole")) == "images/a.png"
    assert names(tmp_path) == {"a.png"}


def test_the_clock_clears_what_was_left_half_written_long_ago_and_nothing_else(settings, tmp_path):
    folder = tmp_path / "media" / "images" / "0a"
    folder.mkdir(parents=True)
    settings.MEDIA_ROOT = tmp_path / "media"
    for name, age in {"old.png.1234abcd.part": 90_000, "young.png.1234abcd.part": 60, "old.png": 90_000}.items():
        (folder / name).write_bytes(b"x")
        os.utime(folder / name, (time.time() - age,) * 2)
    assert tasks.clear_uploads() == 1
    assert names(folder) == {"young.png.1234abcd.part", "old.png"}
    assert clear_halves(older=0) == 1
    assert names(folder) == {"old.png"}
