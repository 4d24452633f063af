"""Measures each request, and says in the log which were slow. Outside of Django, so that kept pages count too."""

import logging
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings

from apps.core import tracing
from apps.core.tracing import Trace
from apps.observability import metrics
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

        with metrics.BUSY.track_inprogress(), tracing.tracing(tracing.given_id(environ)) as trace:
            try:
                return self._application(environ, note)
            finally:
                _count(environ, trace, status, time.perf_counter() - began)


def _count(environ: dict[str, Any], trace: Trace, status: str, seconds: float) -> None:
    visit: Visit | None = environ.get(VISIT)
    view = visit.found.view if visit and visit.found else trace.doing or "none"
    cache = (visit and visit.outcome) or "none"
    metrics.REQUESTS.labels(view, cache, _audience(environ, visit), status).observe(seconds)
    # Only what has passed the door has a name.
    if trace.doing:
        metrics.QUERIES.labels(view, cache).observe(trace.num_queries)
    if seconds > settings.SLOW_REQUEST_SECONDS:
        found = {"seconds": round(seconds, 3), "queries": trace.num_queries, "status": int(status), "cache": cache}
        trace.doing = view
        logger.warning("Slow request", extra=found)


def _audience(environ: dict[str, Any], visit: Visit | None) -> str:
    if visit:
        return "member" if visit.is_member else "visitor"
    is_member = settings.SESSION_COOKIE_NAME in environ.get("HTTP_COOKIE", "") or "HTTP_AUTHORIZATION" in environ
    return "member" if is_member else "visitor"
