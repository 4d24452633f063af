"""What one request, job or command knows about its own reads and writes. Not here: which server serves them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(slots=True)
class Freshness:
    """`needed` is the token that reads must have reached; `chosen` is the replica that serves them, once picked.

    `failed` names the server that the present run lost; `tried` those that are not asked again. `is_relaxed`: the
    primary is gone, so reads take the newest that there is.
    """

    needed: int = 0
    is_pinned: bool = False
    has_written: bool = False
    is_relaxed: bool = False
    chosen: str = ""
    failed: str = ""
    tried: set[str] = field(default_factory=set)
    on_release: Callable[[], None] = lambda: None

    def release(self) -> None:
        """Give up the choice, so that the next read makes another."""
        self.on_release()
        self.chosen, self.on_release = "", lambda: None


_current: ContextVar[Freshness | None] = ContextVar("replicas_freshness", default=None)


def current() -> Freshness | None:
    """The state of the block we are in; None outside, where all reads go to the primary."""
    return _current.get()


@contextmanager
def freshness(*, at_least: int = 0, is_pinned: bool = False) -> Iterator[Freshness]:
    """Let replicas that have reached the token `at_least` serve the block's reads; `is_pinned` asks for the primary.

    A block inside another needs what both need, and its writes count for both.
    """
    outer = _current.get() or Freshness()
    state = Freshness(
        needed=max(outer.needed, at_least),
        is_pinned=is_pinned or outer.is_pinned,
        has_written=outer.has_written,
        is_relaxed=outer.is_relaxed,
    )
    reset = _current.set(state)
    try:
        yield state
    finally:
        state.release()
        _current.reset(reset)
        outer.has_written |= state.has_written


def mark_written() -> None:
    """Send the rest of the block's reads to the primary, and have its viewer remember the commit."""
    if (state := _current.get()) is not None:
        state.has_written = True
