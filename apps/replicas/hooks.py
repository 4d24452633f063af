"""What every connection tells the fleet: a new one how far its server is, each query its failure or its write."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

from apps.replicas import links, servers, state
from apps.replicas.servers import PRIMARY

# What begins otherwise may change something; WITH when it names a change.
HARMLESS = re.compile(
    r"\s*(select|show|explain|set|reset|begin|commit|rollback|savepoint|release|declare|fetch|close|discard"
    r"|with(?!.*\b(insert|update|delete|merge)\b))\b",
    re.IGNORECASE | re.DOTALL,
)


def on_connection(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Measure a replica over a new connection, and watch the queries. Receives `connection_created`."""
    server = servers.fleet.server(connection.alias)
    if server is None:
        return
    epoch = server.epoch
    is_new = connection.vendor == "postgresql" and links.is_new(server.alias, connection.connection)
    if is_new and server is not servers.fleet.primary:
        server.begin(links.position(server.alias), epoch)
    if not any(isinstance(wrapper, partial) and wrapper.func is watch for wrapper in connection.execute_wrappers):
        connection.execute_wrappers.append(partial(watch, server.alias))


def watch(alias: str, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Run one query; note a raw write on the primary, and a lost connection or a conflict anywhere."""
    if alias == PRIMARY and not (isinstance(sql, str) and HARMLESS.match(sql)):
        state.mark_written()
    try:
        return execute(sql, params, many, context)
    except DatabaseError as error:
        servers.fleet.report(alias, error, state.current())
        raise
