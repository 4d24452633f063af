"""Counting for Prometheus: how each process that lasts begins. What is counted: docs/observability.md."""

from pathlib import Path
from typing import Any

from django.utils.module_loading import import_string

from apps.core import counting
from project import env


def share(kind: str) -> Path:
    """Have this process count as a service of this kind; the directory. Before what is counted is imported."""
    return counting.share(env.directory("VAR_DIR", Path(__file__).parent.parent / "var") / "metrics", kind)


def pre_fork(server: Any, worker: Any) -> None:
    """Of gunicorn: give the worker the first slot to count in that no living one has."""
    taken = {other.slot for other in server.WORKERS.values()}
    worker.slot = min(set(range(len(taken) + 1)) - taken)


def child_exit(server: Any, worker: Any) -> None:
    """Of gunicorn: keep a dead worker's counts, and drop its gauges."""
    counting.leave_slot(worker.slot)


def tell(num_threads: int = 0) -> None:
    """Sample what this process has, keep it, and answer Prometheus. After Django's set-up, and when nothing forks."""
    answer(num_threads)
    import_string("apps.observability.keeping.start")()


def answer(num_threads: int = 0) -> None:
    """The same without a database, and so without keeping it: others of the machine do."""
    import_string("apps.observability.sampling.start")(num_threads)
    import_string("apps.observability.exposition.start")()
