"""Copies of the files that the site makes, and the way back."""

import filecmp
import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from deploy.backup.store import Store


def copy(store: Store, media: Path, keep: timedelta, now: datetime) -> int:
    """Add what is new, set aside what the site has deleted, drop what was deleted `keep` ago; how many are new."""
    new = [name for name in _names(media) if _add(media / name, store.media / name)]
    for name in _names(store.media):
        if not (media / name).exists():
            _set_aside(store.media / name, store.gone / name, now)
    for name in _names(store.gone):
        if (store.gone / name).stat().st_mtime < (now - keep).timestamp():
            (store.gone / name).unlink()
    return len(new)


def restore(store: Store, until: datetime | None, media: Path) -> None:
    """Bring back to `media` all that is kept, but what the site had deleted before `until`. Overwrites nothing."""
    names = {name: store.media / name for name in _names(store.media)}
    for name in _names(store.gone):
        if until and (store.gone / name).stat().st_mtime > until.timestamp():
            names.setdefault(name, store.gone / name)
    for name, kept in names.items():
        if not (media / name).exists():
            _place(kept, media / name)


def _add(file: Path, kept: Path) -> bool:
    # A name says its content, but a file may have been copied while it was written.
    if kept.exists() and filecmp.cmp(file, kept):
        return False
    try:
        _place(file, kept)
    except FileNotFoundError:  # deleted meanwhile
        return False
    return True


def _place(file: Path, target: Path) -> None:
    """Copy with the time of change; under its name only when whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f"{target.name}.unfinished")
    shutil.copy2(file, unfinished)
    unfinished.replace(target)


def _set_aside(kept: Path, gone: Path, now: datetime) -> None:
    gone.parent.mkdir(parents=True, exist_ok=True)
    kept.replace(gone)
    # When it went, as far as can be told.
    os.utime(gone, (now.timestamp(), now.timestamp()))


def _names(directory: Path) -> Iterator[Path]:
    """Paths of all files below, as they are called there."""
    files = [path for path in directory.rglob("*") if path.is_file() and path.suffix != ".unfinished"]
    return (path.relative_to(directory) for path in files)
