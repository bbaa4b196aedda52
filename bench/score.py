"""Brings an export into the form that a scorer of importers reads: one row a file, by its name, with its author.

    manage.py export_articles --all all.jsonl
    python bench/score.py all.jsonl > results.jsonl             # paths are base names
    python bench/score.py --whole-paths all.jsonl > results.jsonl

The rest of the record is as the export has it. A file that made no article of its own (refused, or an older version of
another one) has no row.
"""

import argparse
import json
import sys
from pathlib import PurePosixPath


def row_of(record: dict, *, whole_path: bool) -> dict:
    """The scorer's row of an export record."""
    path = record["path"]
    return record | {"path": path if whole_path else PurePosixPath(path).name, "author": record["byline"]}


def main() -> None:
    """Convert a file, line by line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", help="what export_articles wrote")
    parser.add_argument("--whole-paths", action="store_true", help="paths below the archive, not base names")
    options = parser.parse_args()
    with open(options.export, encoding="utf-8") as lines:
        for line in lines:
            row = row_of(json.loads(line), whole_path=options.whole_paths)
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
