"""The id of the request that something is done for: in each line of the log, and in the jobs that it leaves behind."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

LENGTH = 64

_current: ContextVar[str] = ContextVar("tracing_request_id", default="")


def current() -> str:
    """The id; empty where nobody has asked for anything."""
    return _current.get()


@contextmanager
def tracing(request_id: str) -> Iterator[None]:
    """Do the block for this request."""
    reset = _current.set(request_id)
    try:
        yield
    finally:
        _current.reset(reset)


class RequestIdFilter(logging.Filter):
    """Lets everything pass, and adds `request_id`."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add it to one record."""
        record.request_id = current() or "-"
        return True
