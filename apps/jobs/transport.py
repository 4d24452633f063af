"""Telling workers, through a message broker, that a queue has work. Not here: what work (the table of jobs).

A message names a queue and nothing else, so one too many or too few changes nothing that is done: whoever hears it
runs what is due, and what nobody was told of is found by the sweep.
"""

import logging
import threading
from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.db.transaction import on_commit
from django.utils.module_loading import import_string

from apps.core.breaker import Breaker

TASK = "jobs.work"
# A message that waited longer says nothing new: somebody has looked meanwhile, or the sweep sends another one. Also
# more than the clocks of two machines may differ, since the worker's decides.
EXPIRES_SECONDS = 600
# As many as the sweep lets wait in the broker for each queue.
AHEAD = 8

logger = logging.getLogger(__name__)
# Of this thread's transaction. What a rollback leaves here is told with the next one, which does no harm.
_pending = threading.local()


class Resting(Exception):
    """The broker has just failed, so nobody tries to reach it."""


breaker = Breaker(Resting)


def load() -> None:
    """Import what sends, so that no request has to wait for that."""
    if settings.JOBS_TRANSPORT:
        _app()


def nudge_after_commit(queue: str) -> None:
    """Tell a worker of `queue` once the caller's transaction is committed. Without a broker, nothing happens."""
    if settings.JOBS_TRANSPORT:
        _pending.queues = {queue, *getattr(_pending, "queues", ())}
        # What fails now has been committed, and its answer stands.
        on_commit(_nudge_pending, robust=True)


def nudge(queue: str) -> None:
    """Tell a worker of `queue`, if the broker is there. 1 round trip."""
    _try(lambda: _send(queue))


def refill(queue: str, number: int) -> None:
    """Tell workers of `queue` until `number` messages wait for them, AHEAD at most. 1 round trip for each, and one."""

    def send_missing() -> None:
        for _ in range(min(number, AHEAD) - _waiting(queue)):
            _send(queue)

    _try(send_missing)


def _nudge_pending() -> None:
    """Tell of all queues at once: the first of a transaction's jobs does it for the others."""
    queues, _pending.queues = _pending.queues, set()
    for queue in queues:
        nudge(queue)


def _try(act: Callable[[], None]) -> None:
    """Reach for the broker; one that is slow or gone holds up one caller, and then nobody for a while."""
    try:
        breaker.check()
        act()
    except Resting:
        return
    except Exception as error:  # of whatever library; the sweep sends it again
        breaker.trip()
        logger.warning("The broker cannot be reached: %r", error)
    else:
        breaker.close()


def _send(queue: str) -> None:
    _app().send_task(TASK, args=[queue], queue=queue, expires=EXPIRES_SECONDS, ignore_result=True)


def _waiting(queue: str) -> int:
    """How many messages no worker has taken yet."""
    app = _app()
    with app.pool.acquire(block=True, timeout=app.conf.broker_pool_acquire_timeout) as connection:
        # To declare it again is how both kinds of broker are asked for its length.
        return int(app.amqp.queues[queue](connection.default_channel).queue_declare().message_count)


@cache
def _app() -> Any:
    return import_string(settings.JOBS_TRANSPORT)
