"""Measures each request, and says in the log which were slow. Outside of Django, so that kept pages count too."""

import logging
import time
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from django.conf import settings
from prometheus_client import Histogram

from apps.core import tracing
from apps.core.tracing import Trace
from apps.observability import metrics
from apps.observability.sampling import busy
from apps.pagecache.door import VISIT
from apps.pagecache.visits import Visit

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]

logger = logging.getLogger(__name__)


class Meter:
    """A WSGI application that passes everything on, and measures it until the answer is ready to be sent."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        began, status = time.perf_counter(), "500"

        def note(line: str, *rest: Any) -> Any:
            nonlocal status
            status = line[:3]
            return start_response(line, *rest)

        busy.append(None)
        try:
            return self._application(environ, note)
        finally:
            busy.pop()
            _count(environ, status, time.perf_counter() - began)


def _count(environ: dict[str, Any], status: str, seconds: float) -> None:
    visit: Visit | None = environ.get(VISIT)
    # Only what has passed the door has one.
    trace: Trace | None = environ.get(tracing.KEY)
    view = visit.found.view if visit and visit.found else trace.doing if trace and trace.doing else "none"
    outcome = (visit and visit.outcome) or "none"
    _requests(view, outcome, _audience(environ, visit), status).observe(seconds)
    if trace and trace.doing:
        metrics.QUERIES.labels(view, outcome).observe(trace.num_queries)
    if seconds > settings.SLOW_REQUEST_SECONDS:
        found = {"seconds": round(seconds, 3), "status": int(status), "cache": outcome}
        with tracing.tracing(trace.request_id if trace else tracing.given_id(environ), view):
            logger.warning("Slow request", extra=found | {"queries": trace.num_queries if trace else 0})


@cache
def _requests(*labels: str) -> Histogram:
    """Where such requests are counted. To look it up costs as much as to count."""
    return metrics.REQUESTS.labels(*labels)


def _audience(environ: dict[str, Any], visit: Visit | None) -> str:
    if visit:
        return "member" if visit.is_member else "visitor"
    is_member = settings.SESSION_COOKIE_NAME in environ.get("HTTP_COOKIE", "") or "HTTP_AUTHORIZATION" in environ
    return "member" if is_member else "visitor"
