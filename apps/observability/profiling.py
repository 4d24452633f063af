"""Profiles of single requests, for whoever brings a key: where the time went, in Python and in SQL."""

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import get_path_info
from django.db import connections

from apps.observability import keys, profiles
from apps.observability.profiles import Profile, Query
from apps.pagecache.door import UNKEPT

HEADER = "HTTP_X_PROFILE"
# The nearest lines of ours that asked for a query.
DEPTH = 3
OURS = ("apps/", "project/", "templates/")
# They stand between every query and who asked for it.
BETWEEN = ("apps/observability/", "apps/replicas/")

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]

logger = logging.getLogger(__name__)
# Of a process, one at a time: from Python 3.12 on, it cannot profile two threads.
_lock = threading.Lock()


class Profiler:
    """A WSGI application that profiles a request with a key, and passes everything else on.

    What is profiled is rendered for its viewer, past all kept pages, and is not kept.
    """

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request; X-Profile of its answer names the profile."""
        key = environ.get(HEADER)
        if key is None or not keys.opens(key, get_path_info(environ)) or not _lock.acquire(blocking=False):
            return self._application(environ, start_response)
        try:
            return self._profile(environ, start_response)
        finally:
            _lock.release()

    def _profile(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        profile, told = Profile(_address(environ)), list[Any]()
        environ[UNKEPT] = True
        began = time.perf_counter()
        with _watching(profile):
            answer = profile.functions.runcall(self._application, environ, lambda *said: told.extend(said))
        profile.seconds = time.perf_counter() - began
        profile.status, headers, *rest = told
        try:
            headers = [*headers, ("X-Profile", profiles.keep(profile))]
        except OSError as error:
            logger.warning("A profile could not be written: %s", error)
        start_response(profile.status, headers, *rest)
        return answer


@contextmanager
def _watching(profile: Profile) -> Iterator[None]:
    """Note the queries of this thread, on all servers."""
    note = partial(_note, profile)
    for connection in connections.all():
        connection.execute_wrappers.append(note)
    try:
        yield
    finally:
        for connection in connections.all():
            connection.execute_wrappers.remove(note)


def _note(
    profile: Profile, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    began = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        found = (str(sql), context["connection"].alias, " < ".join(_asking(sys._getframe())))
        query = profile.queries.setdefault(found, Query(*found))
        query.number += 1
        query.seconds += time.perf_counter() - began


def _asking(frame: FrameType | None) -> list[str]:
    """The lines of ours that are at work, the innermost first."""
    lines: list[str] = []
    while frame is not None and len(lines) < DEPTH:
        if place := _place(frame.f_code.co_filename):
            lines.append(f"{place}:{_line(frame)} {frame.f_code.co_name}")
        frame = frame.f_back
    return lines


@cache
def _place(file: str) -> str:
    """Where in the checkout a file of ours is; empty for others'."""
    place = file.removeprefix(f"{settings.BASE_DIR}/")
    return place if place.startswith(OURS) and not place.startswith(BETWEEN) else ""


def _line(frame: FrameType) -> int:
    """In the template, where the frame is that of one."""
    template = frame.f_globals.get("__jinja_template__")
    return int(template.get_corresponding_lineno(frame.f_lineno)) if template else frame.f_lineno


def _address(environ: dict[str, Any]) -> str:
    query = f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else ""
    return f"{environ['REQUEST_METHOD']} {get_path_info(environ)}{query}"
