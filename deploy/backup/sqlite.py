"""Copies of an SQLite database, while the site runs. There is no archive: only their own moments can be restored."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from deploy.backup.store import Base

FILE = "database.sqlite3"


def copy(database: Path, directory: Path) -> None:
    """Copy `database` as it is at one moment. Nobody waits: a writer writes beside it into the WAL."""
    # This mode makes no new file of a wrong name.
    address = f"{database.resolve().as_uri()}?mode=rw"
    with closing(sqlite3.connect(address, uri=True)) as source, closing(sqlite3.connect(directory / FILE)) as target:
        # In one step: in several, every write between two of them would begin the copy anew.
        source.backup(target)
        # A copy is one file; the site switches to its own mode.
        target.execute("PRAGMA journal_mode = DELETE")
        verdict = target.execute("PRAGMA integrity_check").fetchone()[0]
    if verdict != "ok":
        raise SystemExit(f"The copy of {database} is damaged: {verdict}")
    with (directory / FILE).open("rb") as kept:
        os.fsync(kept.fileno())


def restore(base: Base, database: Path) -> None:
    """Make `database` the file that was kept."""
    shutil.copyfile(base.path / FILE, database)
