"""Sets the gauges of what this process has now: threads, connections, memory."""

import os
import threading
import time
from pathlib import Path

from apps.observability import metrics
from apps.replicas import links

ROUND_SECONDS = 1.0
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
# One for each thread of this process that answers a request. To add and to take from a list needs no lock.
busy: list[None] = []


def start(num_threads: int = 0) -> None:
    """Sample from now on, in a thread; `num_threads` answer requests."""
    metrics.THREADS.set(num_threads)
    threading.Thread(target=_repeat, name="sampling", daemon=True).start()


def sample() -> None:
    """Look once."""
    for alias, pool in links.pools():
        stats = pool.get_stats()
        size, available = stats.get("pool_size", 0), stats.get("pool_available", 0)
        metrics.POOL_SIZE.labels(alias).set(size)
        metrics.POOL_USED.labels(alias).set(size - available)
        metrics.POOL_WAITING.labels(alias).set(stats.get("requests_waiting", 0))
    metrics.BUSY.set(len(busy))
    resident = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    metrics.MEMORY.set(int(resident) * PAGE_BYTES)


def _repeat() -> None:
    while True:
        sample()
        time.sleep(ROUND_SECONDS)
