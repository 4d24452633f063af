"""`manage.py run_jobs`: does deferred work, straight from the table of jobs."""

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.jobs.handlers import QUEUES
from apps.jobs.runner import Runner


class Command(BaseCommand):
    """Runs until SIGTERM or Ctrl-C, then ends after the jobs that are running."""

    help = "Run jobs, and enqueue scheduled ones, until told to stop. Several may run at the same time."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which queues."""
        parser.add_argument("--queue", action="append", choices=QUEUES, help="may be repeated; by default all queues")

    def handle(self, *args: Any, queue: list[str] | None, **options: Any) -> None:
        """Run."""
        runner = Runner(queue or QUEUES)
        signal.signal(signal.SIGTERM, runner.stop)
        signal.signal(signal.SIGINT, runner.stop)
        runner.run()
