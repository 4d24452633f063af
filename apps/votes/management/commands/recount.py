"""Whether all counters say what the rows say."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.votes import actions


class Command(BaseCommand):
    """Counts everything anew, while the site runs."""

    help = "Counts all points, replies, comments, members and ranks anew, and reports counters that differ."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to write."""
        parser.add_argument("--repair", action="store_true", help="set the counters that differ right")

    def handle(self, *args: Any, repair: bool, verbosity: int, **options: Any) -> None:
        """Print how many values of each counter differ; each of them with `--verbosity 2`."""
        found: Counter[str] = Counter()
        for drift in actions.recount(repair=repair):
            found[drift.counter] += 1
            if verbosity > 1:
                self.stdout.write(f"{drift.counter} of {drift.pk} is {drift.stored}, counted {drift.counted}")
        for counter, number in sorted(found.items()):
            self.stdout.write(f"{counter}: {number:,} {'repaired' if repair else 'differ'}")
        if found and not repair:
            raise CommandError("Some counters differ. To set them right: manage.py recount --repair")
        if not found:
            self.stdout.write("Every counter is right.")
