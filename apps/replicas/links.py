"""Connections of this process: measured, remembered, cut. Not here: what a measurement or a failure means."""

import os
import socket
import threading
import weakref
from contextlib import suppress
from typing import Any, cast

import psycopg
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg_pool import ConnectionPool

from apps.replicas import tokens

POSITION = """
    SELECT coalesce((SELECT timeline FROM replicas_heartbeat), 0),
           coalesce(pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0'), 0)
"""

Link = psycopg.Connection[Any]

_links: dict[str, weakref.WeakSet[Link]] = {}
_lock = threading.Lock()


def connect(alias: str) -> None:
    """Connect this thread to the server, unless it is."""
    connections[alias].ensure_connection()


def position(alias: str) -> int:
    """How far the standby has replayed, as a token. 1 query."""
    with connections[alias].cursor() as cursor:
        cursor.execute(POSITION)
        timeline, replayed = cursor.fetchone()
    return tokens.token(int(timeline), int(replayed))


def is_new(alias: str, link: Link) -> bool:
    """Whether the connection is seen for the first time; from now on it is remembered until it is gone."""
    with _lock:
        links = _links.setdefault(alias, weakref.WeakSet())
        if link in links:
            return False
        links.add(link)
        return True


def pools() -> list[tuple[str, ConnectionPool[Link]]]:
    """This process's pools by their servers' aliases."""
    return list(cast("Any", DatabaseWrapper)._connection_pools.items())


def drop(alias: str) -> None:
    """Close the pool, so that nobody waits in it, and cut all connections, so that nobody waits for an answer."""
    if pool := cast("Any", DatabaseWrapper)._connection_pools.pop(alias, None):
        pool.close(timeout=0.1)
    with _lock:
        links = list(_links.pop(alias, ()))
    for link in links:
        cut(link)


def cut(link: Link) -> None:
    """End a connection from outside of its thread: who waits there gets an error at once, even from a frozen server."""
    with suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(link.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)


def forget_all() -> None:
    """Leave behind what a parent process opened: after a fork both would speak over the same line."""
    cast("Any", DatabaseWrapper)._connection_pools.clear()
    _links.clear()
    for connection in connections.all(initialized_only=True):
        connection.connection = None
