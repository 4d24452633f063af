"""A clock in the place of a module's `time`."""

import sys
import time
from collections.abc import Callable

import pytest
from django.core import signing
from django.core.cache.backends import base, locmem

from apps.core import breaker


class Clock:
    """Stands still until `move`, or until somebody sleeps by it."""

    def __init__(self) -> None:
        self.now = time.time()
        # What others do while somebody sleeps.
        self.meanwhile: Callable[[], object] = lambda: None

    def move(self, seconds: float) -> None:
        self.now += seconds

    def time(self) -> float:
        return self.now

    monotonic = perf_counter = time

    def sleep(self, seconds: float) -> None:
        self.move(seconds)
        self.meanwhile()


def stopped(patch: pytest.MonkeyPatch) -> Clock:
    """The page cache's time, and that of signed cookies, of a cache in memory and of breakers."""
    clock = Clock()
    ours = [module for name, module in sys.modules.items() if name.startswith("apps.pagecache.")]
    for module in [signing, locmem, base, breaker, *ours]:
        if hasattr(module, "time"):
            patch.setattr(module, "time", clock)
    return clock
