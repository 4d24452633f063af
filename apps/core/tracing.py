"""What is being done, and for which request: in each line of the log, and in the jobs that a request causes.

A request's id is also the id of its trace (W3C Trace Context), which who asks us may give. Whom we ask is told neither.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import uuid4

LENGTH = 64
TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")
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


@contextmanager
def tracing(request_id: str, doing: str = "") -> Iterator[Trace]:
    """Do the block for this request."""
    reset = _current.set(begun := Trace(request_id, doing))
    try:
        yield begun
    finally:
        _current.reset(reset)


class Spans:
    """Tell a tracing system what is done. These tell nobody; apps/observability/spans.py has some that do."""

    def traceparent(self) -> str:
        """What names the present span, so that what it causes can be a span below it; empty without one."""
        return ""

    def job(self, name: str, traceparent: str, facts: Mapping[str, str | int]) -> AbstractContextManager[None]:
        """Make the block a span below the one that caused it, with the facts that are known at its end."""
        return nullcontext()


spans = Spans()
