"""A SQLite database as of one moment, copied while others write to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from deploy.backup.manifest import BackupBroken

# Small enough that a progress bar moves, large enough to cost nothing.
PAGES_PER_STEP = 2_000

# Called with pages done and pages in all.
Progress = Callable[[int, int], None]


def dump(source: Path, target: Path, progress: Progress) -> None:
    """Copy `source` to the new file `target`, whole and checked. Raises BackupBroken, sqlite3.Error."""
    with (
        closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as origin,
        closing(sqlite3.connect(target)) as copy,
    ):
        # The open read transaction pins the moment: later commits do not restart the copy.
        origin.execute("BEGIN")
        origin.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        origin.backup(copy, pages=PAGES_PER_STEP, progress=lambda _status, left, total: progress(total - left, total))
        # One file, without a -wal beside it.
        copy.execute("PRAGMA journal_mode = DELETE")
        verdict = copy.execute("PRAGMA quick_check").fetchone()[0]
    if verdict != "ok":
        raise BackupBroken(f"quick_check: {verdict}")


def load(source: Path, target: Path, progress: Progress) -> None:
    """Put a dumped database in place. The server makes it WAL again when it opens it."""
    dump(source, target, progress)
