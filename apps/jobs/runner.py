"""Threads that look after the table of jobs, until they are told to stop: they enqueue scheduled ones, sweep, and run
jobs themselves where no Celery does. Not here: one job (actions.py).
"""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from django.db import Error, connections
from django.utils import timezone

from apps.jobs import actions, handlers
from apps.jobs.sweeping import sweep
from apps.replicas import readonly

# Between two looks at an empty queue, longer and longer; so a job waits for LONGEST_SECONDS at most.
SHORTEST_SECONDS = 0.05
LONGEST_SECONDS = 0.5
# After the database has failed.
TROUBLE_SECONDS = 2.0

logger = logging.getLogger(__name__)


class Runner:
    """Serves `queues`, which may be none, sweeps them all, and enqueues the turns of scheduled jobs.

    Any number may work beside each other.
    """

    def __init__(self, queues: Sequence[str]) -> None:
        self.is_stopping = False
        self._queues = queues
        self._beats: set[str] = set()

    def stop(self, *_: object) -> None:
        """Let the jobs that run now end, and begin no other. Receives signals too: so it only sets a flag."""
        self.is_stopping = True

    def run(self) -> None:
        """Work until `stop` is called. Raises what ended a thread; then the others end as well.

        This thread asks the database for nothing: while it waited for a lock, it would hear no signal. Each queue has
        one, on SQLite too: its jobs write one after the other there, but none waits for what another does outside.
        """
        lanes = (partial(_run_next, queue) for queue in self._queues)
        acts: list[Callable[[], bool]] = [self._enqueue_beats, sweep, *lanes]
        with ThreadPoolExecutor(len(acts)) as pool:
            threads = [pool.submit(self._repeat, act) for act in acts]
            while not self.is_stopping and not any(thread.done() for thread in threads):
                time.sleep(LONGEST_SECONDS)
            self.stop()
        for thread in threads:
            thread.result()

    def _repeat(self, act: Callable[[], bool]) -> None:
        """Do it again at once if it found something to do, and else after a pause."""
        pause = SHORTEST_SECONDS
        while not self.is_stopping:
            if self._carefully(act):
                pause = SHORTEST_SECONDS
            else:
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_SECONDS)
        connections.close_all()

    def _enqueue_beats(self) -> bool:
        if readonly.notice():
            return False
        beats = handlers.beats(timezone.now())
        new = beats.keys() - self._beats
        for key in new:
            if handlers.named(beats[key]).when():
                actions.enqueue(beats[key], key=key)
        self._beats = set(beats)
        return bool(new)

    def _carefully(self, act: Callable[[], bool]) -> bool:
        """What `act` returns; false, after a rest, when the database is out of reach."""
        try:
            return act()
        except Error as error:
            logger.warning("Jobs wait for the database: %s", error)
            connections.close_all()
            time.sleep(TROUBLE_SECONDS)
            return False


def _run_next(queue: str) -> bool:
    return actions.run_next(queue=queue, now=timezone.now())
