"""Renders in the background: one thread in each process, started when it is first needed."""

import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from django.db import close_old_connections

from apps.pagecache.stores import Unavailable

logger = logging.getLogger(__name__)


def submit(render: Callable[[], object]) -> None:
    """Run `render` soon; what goes wrong is for the log."""
    _thread(os.getpid()).submit(_run, render)


@cache
def _thread(process: int) -> ThreadPoolExecutor:
    """Of this process: a fork has none of its parent's threads."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="renewing")


def _run(render: Callable[[], object]) -> None:
    close_old_connections()
    try:
        render()
    except Unavailable:
        pass  # it will be due again
    except Exception:
        logger.exception("A page could not be rendered anew.")
    finally:
        close_old_connections()
