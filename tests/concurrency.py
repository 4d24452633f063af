"""Real threads, each with connections of its own."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

from django.db import connections

Result = TypeVar("Result")


def at_once(tasks: Sequence[Callable[[], Result]]) -> list[Result]:
    """What the tasks return, each run in its own thread, all begun at the same moment. Raises what they raise."""
    start = Barrier(len(tasks))

    def run(task: Callable[[], Result]) -> Result:
        start.wait()
        try:
            return task()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def awaited(work: Coroutine[Any, Any, Result]) -> Result:
    """What `work` gives, in a thread of its own: in that of the tests a browser may have its loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
