"""A circuit breaker: whoever meets a slow or dead server spares the others the wait."""

import threading
import time

# A busy machine's hiccup costs a moment; a dead server is tried every few seconds.
FIRST_REST_SECONDS = 0.25
LONGEST_REST_SECONDS = 4.0


class Breaker:
    """Open after a failure: then all fail at once, until one caller may try. Rests longer with each failed try."""

    def __init__(self, error: type[Exception]) -> None:
        self._error = error
        self._rest = 0.0
        self._rests_until = 0.0
        self._lock = threading.Lock()

    @property
    def is_tripped(self) -> bool:
        """Whether the last try has failed."""
        return bool(self._rest)

    def check(self) -> None:
        """Raises the error that this one was made with, while nobody shall try."""
        if not self._rest:
            return
        with self._lock:
            now = time.monotonic()
            if now < self._rests_until:
                raise self._error("It has just failed, and is given a rest.")
            # If this one fails, too, the others rest longer.
            self._rest = min(2 * self._rest, LONGEST_REST_SECONDS)
            self._rests_until = now + self._rest

    def trip(self) -> None:
        """Note a failure. Of several that were under way together only the first counts."""
        with self._lock:
            if not self._rest:
                self._rest = FIRST_REST_SECONDS
                self._rests_until = time.monotonic() + self._rest

    def close(self) -> None:
        """Note a success."""
        self._rest = 0.0
