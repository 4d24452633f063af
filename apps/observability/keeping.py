"""A thread of each lasting process that keeps samples of its service. Not here: what a sample is (actions.py)."""

import logging
import random
import threading
import time

from django.db import DatabaseError, connections
from django.utils import timezone

from apps.observability import actions
from apps.observability.models import EVERY

logger = logging.getLogger(__name__)


def start() -> None:
    """Keep samples from now on."""
    threading.Thread(target=_repeat, name="keeping", daemon=True).start()


def _repeat() -> None:
    while True:
        # Not all at the same moment: the first one spares the others the work.
        time.sleep(EVERY - time.time() % EVERY + random.uniform(0, EVERY / 2))  # noqa: S311 (no secret)
        try:
            actions.keep_sample(now=timezone.now())
        except DatabaseError as error:
            logger.info("No sample was kept: %s", error)
        finally:
            connections.close_all()
