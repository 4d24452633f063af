"""Where processes count what Prometheus reads. Not here: what is counted (each app's metrics.py), nor who shows it.

A **service** is a gunicorn, a Celery worker or a scheduler with the processes that it forks. Each has a directory of
its own, `web-0`, `web-1`, `worker-0` …, emptied when it begins; a lock in it tells for how long it lives. Its processes
have **slots**, which their successors take over: so a counter never falls while the service lives, and there are never
more files than slots.
"""

import fcntl
import os
from pathlib import Path
from typing import TextIO

from prometheus_client import REGISTRY, CollectorRegistry, values
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
LOCK = "lock"
PARENT = "parent"

_lock: TextIO | None = None
# Of this process; one that was forked, and has taken none, counts under its own number.
_slot = PARENT


def share(root: Path, kind: str) -> Path:
    """Have this process, and those that it forks, count as a service; its directory, the same when asked again.

    To be called before anything that is counted is imported.
    """
    global _lock
    if _lock is None:
        _lock = _occupy(root, kind)
        for file in _directory().glob("*.db"):
            file.unlink()
        os.environ[VARIABLE] = str(_directory())
        values.ValueClass = values.MultiProcessValue(_identity)  # type: ignore[no-untyped-call]  # the library's own
    return _directory()


def take_slot(number: int) -> None:
    """Count where another process of this service did, which has ended; its gauges are gone with it. After a fork."""
    global _slot
    leave_slot(number)
    _slot = str(number)


def leave_slot(number: int) -> None:
    """Drop the gauges of the process that has ended there; its counts stay."""
    mark_process_dead(number)  # type: ignore[no-untyped-call]  # the library's own


def registry() -> CollectorRegistry:
    """What all processes of this service have counted; what this process has, if it is in none."""
    if VARIABLE not in os.environ:
        return REGISTRY
    found = CollectorRegistry()
    MultiProcessCollector(found)  # type: ignore[no-untyped-call]  # the library's own
    return found


def families() -> list[Metric]:
    """What all living services of this machine have counted, added up; of this process alone if it is in none."""
    if _lock is None:
        return list(REGISTRY.collect())
    living = filter(_is_alive, _directory().parent.iterdir())
    files = [str(file) for directory in living for file in directory.glob("*.db")]
    return list(MultiProcessCollector.merge(files))  # type: ignore[no-untyped-call]  # the library's own


def _occupy(root: Path, kind: str) -> TextIO:
    """The lock of a directory that belongs to no living service; it is ours for as long as the file is open."""
    number = 0
    while True:
        directory = root / f"{kind}-{number}"
        directory.mkdir(parents=True, exist_ok=True)
        file = (directory / LOCK).open("a")
        if _could_lock(file):
            return file
        file.close()
        number += 1


def _directory() -> Path:
    return Path(_lock.name if _lock else "").parent


def _is_alive(directory: Path) -> bool:
    try:
        with (directory / LOCK).open() as file:
            return not _could_lock(file)
    except OSError:
        return False


def _could_lock(file: TextIO) -> bool:
    """Whether nobody else holds it; now we do."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _identity() -> str:
    return _slot


def _leave_parent() -> None:
    global _slot
    _slot = str(os.getpid())


# So that no number that is counted asks the system whose process it is in.
os.register_at_fork(after_in_child=_leave_parent)
