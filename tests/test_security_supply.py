"""What the program is made of: pinned with hashes, and under licences that are written down."""

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LICENCES = runpy.run_path(str(ROOT / ".ci" / "licences.py"))
COPYLEFT = re.compile(r"\b(?:AGPL|GPL)\b|Affero|(?<!Lesser )General Public", re.IGNORECASE)


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_package_is_pinned_with_its_hashes(name):
    blocks = re.split(r"\n(?=\S)", (ROOT / name).read_text("utf-8").strip())
    pinned = [block for block in blocks if not block.startswith("#")]
    assert len(pinned) > 20
    assert not [block.splitlines()[0] for block in pinned if "==" not in block or "--hash=sha256:" not in block]


def test_the_list_of_licences_is_whole_and_todays():
    listed = re.findall(r"^\| ([\w.-]+) \| (\S+) \| (.*) \|$", (ROOT / "docs" / "LICENCES.md").read_text("utf-8"), re.M)
    rows = {name: (version, licence) for name, version, licence in listed if name != "package"}
    wanted = dict(LICENCES["packages"]((ROOT / "requirements.lock").read_text("utf-8")))
    assert {name: version for name, (version, _) in rows.items()} == wanted, "run `make licences`"
    assert not [name for name, (_, licence) in rows.items() if not licence]


def test_nothing_that_we_run_with_would_bind_a_newsroom_to_its_licence():
    for name, _ in LICENCES["packages"]((ROOT / "requirements.lock").read_text("utf-8")):
        assert not COPYLEFT.search(LICENCES["licence_of"](name).replace("LGPL", "")), name
