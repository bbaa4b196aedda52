"""Sample files in, expected Documents out.

After a change of rules that is meant: `python -m tests.ingest.golden`, then read the difference as a reader would.
"""

import dataclasses
import json
import pathlib

from articles.ingest import Document, Unreadable, read

HERE = pathlib.Path(__file__).parent
SAMPLES = sorted([*HERE.rglob("*.md"), *HERE.rglob("*.bytes")])  # .bytes: not text, kept from formatters
_OF_THE_BUILD = ("sha256", "rules_version", "policy_version", "text")
_BLOCK_ENDS = ("</p>", "</h2>", "</h3>", "</h4>", "</figure>", "</li>", "</tr>", "</blockquote>", "</pre>", "<hr>")


def name_of(sample: pathlib.Path) -> str:
    """The path as an importer would hand it in."""
    return sample.relative_to(HERE).as_posix()


def expected_of(sample: pathlib.Path) -> pathlib.Path:
    """Where the expected outcome of a sample is written."""
    return sample.with_suffix(".json")


def outcome(sample: pathlib.Path) -> dict:
    """What reading a sample gives, as JSON can hold it: a Document's fields, or why there is none."""
    try:
        document = read(sample.read_bytes(), name_of(sample))
    except Unreadable as error:
        return {"code": error.code, "message": str(error)}
    return _plain(document)


def _plain(document: Document) -> dict:
    fields = dataclasses.asdict(document)
    for name in _OF_THE_BUILD:
        del fields[name]
    for name in ("published_at", "archived_at", "dateline_at"):
        fields[name] = fields[name] and fields[name].isoformat()
    fields["removed"] = dict(sorted(fields["removed"].items()))
    fields["html"] = _lines(fields["html"])
    return json.loads(json.dumps(fields, ensure_ascii=False))


def _lines(html: str) -> list[str]:
    """HTML with a block a line, so that a difference can be read."""
    for end in _BLOCK_ENDS:
        html = html.replace(end, end + "\0")
    return [line for line in html.split("\0") if line]
