"""Ending a handler that takes too long, in whatever thread it runs."""

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection


class TooLong(BaseException):
    """Raised inside a handler when its time is over; no Exception, so that the handler's own `except` lets it pass."""


@contextmanager
def time_limit(limit: timedelta) -> Iterator[None]:
    """Raise TooLong in the block after `limit`: between two steps of Python, and inside a transaction of PostgreSQL in
    the midst of a query. So whoever waits for the outside world needs a time-out of its own.
    """
    thread, lock, is_over = threading.get_ident(), threading.Lock(), False

    def interrupt() -> None:
        with lock:
            if not is_over:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(TooLong))

    if connection.vendor == "postgresql" and connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {limit.total_seconds() * 1000:.0f}")
    timer = threading.Timer(limit.total_seconds(), interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        with lock:
            is_over = True
        timer.cancel()
