"""Looks for known faults of what requirements.lock pins; one line when the service that knows them is silent.

    audit.py           fails at any fault that `faults.toml` does not ignore
    audit.py --gate    for CI: fails at those only that could have been avoided when the lock was made
    audit.py --stamp   notes in `faults.toml` that the lock was made today

The gate looks at the lock, not at the day: what it lets through today it lets through tomorrow. A fault counts when a
version without it exists, when it was published before the day of the lock, and when nobody has said why it is borne.
"""

import datetime
import hashlib
import http.client
import json
import re
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
FAULTS = ROOT / ".ci" / "faults.toml"
AUDIT = (
    "pip-audit==2.9.0",
    "--strict",
    "--require-hashes",
    "--disable-pip",
    "--progress-spinner",
    "off",
    "--format",
    "json",
    "-r",
    str(LOCK),
)
SILENT = (OSError, http.client.HTTPException, ValueError)


def asked(address: str) -> dict:
    """What a service answers; one of SILENT is raised when it does not."""
    with urllib.request.urlopen(address, timeout=10) as answer:
        return json.loads(answer.read())


def is_silent() -> bool:
    """Whether it does not know even the first of our packages: then it would find no fault in any."""
    name, version = re.search(r"^([\w.-]+)==([^\s;\\]+)", LOCK.read_text("utf-8"), re.MULTILINE).groups()
    try:
        return "vulnerabilities" not in asked(f"https://pypi.org/pypi/{name}/{version}/json")
    except SILENT:
        return True


def published(number: str) -> datetime.date | None:
    """The day on which a fault became known; None when the service that knows it does not tell."""
    try:
        return datetime.datetime.fromisoformat(asked(f"https://api.osv.dev/v1/vulns/{number}")["published"]).date()
    except (*SILENT, KeyError):
        return None


def judged(
    told: dict, faults: dict, published: Callable[[str], datetime.date | None]
) -> Iterator[tuple[str, bool, bool]]:
    """(a line for people, whether it is a fault that nobody has said is borne, whether the gate shuts) for each fault
    that pip-audit tells.
    """
    ignored = {row["id"]: row for row in faults.get("ignored", ())}
    for package in told["dependencies"]:
        for fault in package.get("vulns", ()):
            names = [fault["id"], *fault["aliases"]]
            line = f"{package['name']} {package['version']}: {', '.join(names)}"
            borne = next((ignored[name] for name in names if name in ignored), None)
            if borne:
                yield f"{line}: ignored since {borne['on']}: {borne['reason']}", False, False
            elif not fault["fix_versions"]:
                yield f"{line}: no version without it yet", True, False
            else:
                day, without = published(fault["id"]), " or ".join(fault["fix_versions"])
                is_old = day is not None and day < faults["locked"]
                since = f"published {day}" if day else "nobody tells since when"
                yield f"{line}: not in {without}; {since}, lock of {faults['locked']}", True, is_old


def stamp() -> None:
    """Note the lock and today in `faults.toml`."""
    text = FAULTS.read_text("utf-8")
    text = re.sub(r"(?m)^locked = .*$", f"locked = {datetime.datetime.now(datetime.UTC).date()}", text)
    FAULTS.write_text(re.sub(r"(?m)^sha256 = .*$", f'sha256 = "{digest()}"', text), "utf-8")


def digest() -> str:
    """Of the lock."""
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


def main(is_gate: bool) -> int:
    """Ask, print a line a fault, and say by the number whether it is bad."""
    if is_silent():
        print("audit: pypi.org tells nothing of our packages from here; known faults were not looked for")
        return 0
    ran = subprocess.run(
        [Path(sys.executable).with_name("uv"), "tool", "run", *AUDIT], check=False, stdout=subprocess.PIPE, text=True
    )
    try:
        told = json.loads(ran.stdout)
    except ValueError:
        print("audit: pip-audit could not ask; known faults were not looked for")
        return 0 if is_gate else ran.returncode or 1
    rows = list(judged(told, tomllib.loads(FAULTS.read_text("utf-8")), published))
    for line, _is_open, _shuts in rows:
        print(f"audit: {line}")
    bad = sum(shuts if is_gate else is_open for _line, is_open, shuts in rows)
    print(f"audit: {len(rows)} known faults, {bad} to be seen to")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(stamp() if "--stamp" in sys.argv else main("--gate" in sys.argv))
