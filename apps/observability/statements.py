"""Counts each query for what it is done for, and says in the log which were slow."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

from apps.core import tracing
from apps.observability import metrics

logger = logging.getLogger(__name__)


def on_connection(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Watch the queries of a new connection. Receives `connection_created`."""
    if watch not in connection.execute_wrappers:
        connection.execute_wrappers.append(watch)


def watch(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Run one query. Its values stay out of the log."""
    began, alias = time.perf_counter(), context["connection"].alias
    try:
        return execute(sql, params, many, context)
    finally:
        seconds = time.perf_counter() - began
        trace = tracing.trace()
        trace.num_queries += 1
        metrics.QUERY_SECONDS.labels(alias).observe(seconds)
        # Commands may take their time.
        if seconds > settings.SLOW_QUERY_SECONDS and (trace.request_id or trace.doing):
            logger.warning("Slow query", extra={"seconds": round(seconds, 3), "database": alias, "sql": str(sql)})
