"""`manage.py schedule_jobs`: enqueues scheduled jobs, and tells Celery's workers of what they were not told."""

import signal
from typing import Any

from django.core.management.base import BaseCommand

from apps.jobs.runner import Runner


class Command(BaseCommand):
    """Runs until SIGTERM or Ctrl-C."""

    help = "Enqueue scheduled jobs, and sweep the queues, until told to stop. Several may run at the same time."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        runner = Runner([])
        signal.signal(signal.SIGTERM, runner.stop)
        signal.signal(signal.SIGINT, runner.stop)
        runner.run()
