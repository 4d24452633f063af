"""Directories that private servers work in: one for each run, removed after it, or by the next one after a crash.

Also who can enter a directory, and holding its lock. The maker of a directory for a run holds a lock on it. The kernel
drops the lock when that process ends, however it ends, so a directory that can be locked is nobody's any more, and
runs at the same time never meet.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.local.processes import bound

ROOT = Path(__file__).resolve().parents[2]
# Root's home and the like cannot be entered by the user that a server runs as.
HOMES = (ROOT / "var" / "scratch", Path("/var/tmp/groundswell"))  # noqa: S108 (owner and mode are checked)


@contextmanager
def directory(*, user: str) -> Iterator[Path]:
    """A new directory that belongs to `user` (to ourselves unless we are root), for the length of the block."""
    home = enterable(HOMES, user)
    with locked(home):
        for abandoned in home.iterdir():
            _remove_if_abandoned(abandoned)
        path = Path(tempfile.mkdtemp(dir=home))
        lock = _lock(path, fcntl.LOCK_EX)
    try:
        if os.geteuid() == 0:
            shutil.chown(path, user, user)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(lock)


def own(directory: Path, user: str) -> None:
    """Make a directory that belongs to `user`."""
    directory.mkdir(mode=0o755, exist_ok=True)
    if os.geteuid() == 0:
        shutil.chown(directory, user, user)


def enterable(homes: Sequence[Path], user: str) -> Path:
    """The first of `homes` that `user` can enter; made when it is missing."""
    for home in homes:
        home.mkdir(mode=0o755, parents=True, exist_ok=True)
        ours = home.stat().st_uid == os.geteuid() and not home.is_symlink()
        search = [*bound(user), "test", "-x", str(home)]
        if ours and subprocess.run(search, check=False, capture_output=True).returncode == 0:  # noqa: S603 (our own)
            return home
    raise SystemExit(f"No directory for private servers: {user or 'this user'} can enter none of {homes}.")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a directory for the length of the block; waits for whoever holds it."""
    lock = _lock(path, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(lock)


def _lock(path: Path, operation: int) -> int:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, operation)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _remove_if_abandoned(path: Path) -> None:
    try:
        lock = _lock(path, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    shutil.rmtree(path, ignore_errors=True)
    os.close(lock)
