"""Counts each query for what it is done for, and says in the log which were slow."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

from apps.core import tracing

logger = logging.getLogger(__name__)


def on_connection(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Watch the queries of a new connection. Receives `connection_created`."""
    if watch not in connection.execute_wrappers:
        connection.execute_wrappers.append(watch)


def watch(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Run one query. Its values stay out of the log."""
    began = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        tracing.trace().num_queries += 1
        seconds = time.perf_counter() - began
        if seconds > settings.SLOW_QUERY_SECONDS:
            found = {"seconds": round(seconds, 3), "database": context["connection"].alias, "sql": str(sql)}
            logger.warning("Slow query", extra=found)
