"""What a Celery worker does at a message: the due jobs of a queue. Loaded by workers only (project/celery.py)."""

import logging
import time

from celery import shared_task
from django.db import Error, connections
from django.utils import timezone

from apps.jobs import actions, transport

# Then the others have their turn, and a worker that was told to stop can do so.
BURST_SECONDS = 5.0

logger = logging.getLogger(__name__)


@shared_task(name=transport.TASK)  # type: ignore[untyped-decorator]  # Celery has no types
def work(queue: str) -> None:
    """Run jobs of `queue` until none is due; after BURST_SECONDS leave the rest to the next message."""
    end = time.monotonic() + BURST_SECONDS
    try:
        while actions.run_next(queue=queue, now=timezone.now()):
            if time.monotonic() > end:
                transport.nudge(queue)
                return
    except Error as error:
        # The sweep tells of them again.
        logger.warning("Jobs wait for the database: %s", error)
        connections.close_all()
