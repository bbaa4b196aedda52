"""Which release of the program runs: a fingerprint of the files that decide what a page looks like."""

import functools
import hashlib
import os
import pathlib
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PARTS = ("templates", "articles", "newsroom")
KINDS = frozenset({".py", ".html", ".css", ".js", ".svg", ".mo", ".txt", ".json"})


def release_of(*, is_changing: bool) -> tuple[str, float]:
    """Hash of the names, sizes and times of the program's files, and the newest time (seconds since 1970).

    As they were when this process first asked; or (`is_changing`, for developers) as they are in this second.
    """
    return _read(int(time.monotonic()) if is_changing else -1)


@functools.lru_cache(maxsize=2)
def _read(second: int) -> tuple[str, float]:
    facts = []
    for part in PARTS:
        for folder, _, names in os.walk(ROOT / part):
            for name in names:
                if pathlib.PurePath(name).suffix in KINDS:
                    status = os.stat(os.path.join(folder, name))
                    facts.append((name, status.st_size, int(status.st_mtime)))
    newest = max(modified for *_, modified in facts)
    return hashlib.sha256(repr(sorted(facts)).encode()).hexdigest(), newest
