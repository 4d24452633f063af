"""A clock in the place of a module's `time`."""

import time
from collections.abc import Callable


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
