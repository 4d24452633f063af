"""Sets the gauges of what this process has now: threads, connections, memory."""

import os
import threading
import time
from pathlib import Path

from apps.observability import metrics
from apps.replicas import links

ROUND_SECONDS = 1.0
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Busy:
    """The number of threads of this process that answer a request."""

    def __init__(self) -> None:
        self.number = 0
        self._lock = threading.Lock()

    def add(self, number: int) -> None:
        """One more, or one less."""
        with self._lock:
            self.number += number


busy = Busy()


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
    metrics.BUSY.set(busy.number)
    resident = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    metrics.MEMORY.set(int(resident) * PAGE_BYTES)


def _repeat() -> None:
    while True:
        sample()
        time.sleep(ROUND_SECONDS)
