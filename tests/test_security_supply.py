"""What the program is made of: pinned with hashes, and under licences that are written down."""

import datetime
import json
import re
import runpy
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
AUDIT = runpy.run_path(str(ROOT / ".ci" / "audit.py"))
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


LOCKED = datetime.date(2026, 11, 29)
BORNE = {"id": "CVE-2026-1", "on": datetime.date(2026, 11, 1), "reason": "not called"}
FAULTS = {
    "mended before the lock": (["2.0"], [], "2026-11-28", (True, True)),
    "mended after the lock": (["2.0"], [], "2026-11-30", (True, False)),
    "mended on its day": (["2.0"], [], "2026-11-29", (True, False)),
    "nobody tells since when": (["2.0"], [], None, (True, False)),
    "no version without it": ([], [], "2020-01-01", (True, False)),
    "borne under another name": (["2.0"], ["CVE-2026-1"], "2020-01-01", (False, False)),
}


def told_of(versions, aliases):
    fault = {"id": "PYSEC-2026-9", "aliases": aliases, "fix_versions": versions, "description": ""}
    return {"dependencies": [{"name": "x", "version": "1.0", "vulns": [fault]}, {"name": "y", "version": "1"}]}


@pytest.mark.parametrize(("versions", "aliases", "day", "expected"), FAULTS.values(), ids=FAULTS)
def test_the_gate_shuts_for_what_could_be_avoided_when_the_lock_was_made(versions, aliases, day, expected):
    known = {"PYSEC-2026-9": day and datetime.date.fromisoformat(day)}
    rows = AUDIT["judged"](told_of(versions, aliases), {"locked": LOCKED, "ignored": [BORNE]}, known.get)
    ((line, *judgement),) = rows
    assert tuple(judgement) == expected
    assert "x 1.0" in line
    assert ("not called" in line) is ("CVE-2026-1" in aliases)


@pytest.fixture
def audit(monkeypatch, tmp_path):
    """`main` of the audit, with what pip-audit prints, on what day the fault became known, and whether PyPI answers."""
    program = tmp_path / "uv"
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))

    def run(*options, printed=None, day="2020-01-01T00:00:00Z", answers=True):
        def asked(address):
            if not answers:
                raise OSError
            return {"published": day} if "osv" in address else {"vulnerabilities": []}

        program.write_text(f"#!/bin/sh\ncat {tmp_path}/printed\nexit 1\n")
        program.chmod(0o755)
        (tmp_path / "printed").write_text(printed or json.dumps(told_of(["2.0"], [])))
        scope = AUDIT["main"].__globals__
        monkeypatch.setitem(scope, "asked", asked)
        return AUDIT["main"]("--gate" in options)

    return run


def test_ci_is_held_back_by_what_was_known_and_by_nothing_of_tonight(audit, capsys):
    assert audit("--gate")
    assert audit()
    assert not audit("--gate", day="2999-01-01T00:00:00Z")
    assert audit(day="2999-01-01T00:00:00Z"), "by hand, any fault counts"
    assert "PYSEC-2026-9" in capsys.readouterr().out


def test_ci_is_not_held_back_by_a_service_that_is_silent_or_breaks(audit, capsys):
    assert not audit("--gate", answers=False)
    assert not audit("--gate", printed="no JSON")
    assert audit(printed="no JSON")
    assert capsys.readouterr().out.count("not looked for") == 3


def test_the_gate_knows_the_day_of_the_lock_and_why_a_fault_is_borne():
    faults = tomllib.loads((ROOT / ".ci" / "faults.toml").read_text("utf-8"))
    assert faults["sha256"] == AUDIT["digest"](), "run `make lock`, or `.ci/audit.py --stamp`"
    assert faults["locked"] <= datetime.datetime.now(datetime.UTC).date()
    for row in faults.get("ignored", ()):
        assert row["reason"].strip()
        assert isinstance(row["on"], datetime.date)


def test_a_new_lock_is_stamped_with_its_day(monkeypatch, tmp_path):
    scope = AUDIT["stamp"].__globals__
    (tmp_path / "faults.toml").write_text('locked = 2020-01-01\nsha256 = "old"\n[[ignored]]\nid = "CVE-2026-1"\n')
    (tmp_path / "lock").write_text("x==1\n")
    monkeypatch.setitem(scope, "FAULTS", tmp_path / "faults.toml")
    monkeypatch.setitem(scope, "LOCK", tmp_path / "lock")
    AUDIT["stamp"]()
    faults = tomllib.loads((tmp_path / "faults.toml").read_text())
    assert faults["locked"] == datetime.datetime.now(datetime.UTC).date()
    assert faults["sha256"] == AUDIT["digest"]()
    assert faults["ignored"] == [{"id": "CVE-2026-1"}]
