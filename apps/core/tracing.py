"""What is being done, and for which request: in each line of the log, and in the jobs that a request causes.

A request's id is also the id of its trace (W3C Trace Context): who asks us may give it, and whom we ask is told it.
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import uuid4

LENGTH = 64
TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")
TRACE_ID = re.compile(r"[0-9a-f]{32}")
# Where a request's environment holds its trace, once it has passed the page cache's door.
KEY = "tracing.trace"
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
    """The id that Nginx has given a request, else that of the trace that it belongs to, or a new one."""
    given = str(environ.get("HTTP_X_REQUEST_ID", ""))
    if REQUEST_ID.fullmatch(given):
        return given
    parent = TRACEPARENT.fullmatch(str(environ.get("HTTP_TRACEPARENT", "")))
    return parent[1] if parent else uuid4().hex


def headers() -> dict[str, str]:
    """What tells a server that we ask for whom we do; nothing where nobody has asked for anything."""
    trace_id = TRACE_ID.fullmatch(current())
    return {"traceparent": f"00-{trace_id[0]}-{secrets.token_hex(8)}-00"} if trace_id else {}


@contextmanager
def tracing(request_id: str, doing: str = "") -> Iterator[Trace]:
    """Do the block for this request."""
    reset = _current.set(begun := Trace(request_id, doing))
    try:
        yield begun
    finally:
        _current.reset(reset)
