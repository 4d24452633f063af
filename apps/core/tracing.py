"""What is being done, and for which request: in each line of the log, and in the jobs that a request causes."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import uuid4

LENGTH = 64
# What Nginx sends; from others it may be anything.
REQUEST_ID = re.compile(rf"[A-Za-z0-9-]{{8,{LENGTH}}}")


@dataclass(slots=True)
class Trace:
    """One request or job; `doing` is the name of its view, once that is known, or of the job."""

    request_id: str = ""
    doing: str = ""
    num_queries: int = 0


_current: ContextVar[Trace | None] = ContextVar("tracing_trace", default=None)


def trace() -> Trace:
    """What is being done here; one that nobody else sees where nobody has asked for anything."""
    return _current.get() or Trace()


def current() -> str:
    """The request's id; empty where nobody has asked for anything."""
    return trace().request_id


def given_id(environ: Mapping[str, object]) -> str:
    """The id that Nginx has given a request, or a new one."""
    given = str(environ.get("HTTP_X_REQUEST_ID", ""))
    return given if REQUEST_ID.fullmatch(given) else uuid4().hex


@contextmanager
def tracing(request_id: str, doing: str = "") -> Iterator[Trace]:
    """Do the block for this request."""
    reset = _current.set(begun := Trace(request_id, doing))
    try:
        yield begun
    finally:
        _current.reset(reset)
