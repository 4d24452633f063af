"""`manage.py grow`: a community of any size, for trials of load and depth."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from tqdm import tqdm

from apps.importing.growing import Plan, as_records, grow
from apps.importing.items import Terms
from apps.importing.rejects import Rejects
from apps.importing.runs import import_records

STORIES_PER_PERSON = 8
FEWEST_PEOPLE = 10


class Command(BaseCommand):
    """Grows stories and threads that nobody has written."""

    help = "Add a grown community: the same seed and sizes make the same one, and adding it twice changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How much of what."""
        parser.add_argument("--stories", type=int, required=True)
        parser.add_argument("--comments", type=int, required=True)
        parser.add_argument("--people", type=int, help="one for every eight stories unless given")
        parser.add_argument("--thread", type=int, default=0, metavar="COMMENTS", help="one more story with so many")
        parser.add_argument("--seed", type=int, default=0)

    def handle(self, *args: Any, **options: Any) -> None:
        """Grow and take in."""
        people = options["people"] or max(options["stories"] // STORIES_PER_PERSON, FEWEST_PEOPLE)
        plan = Plan(options["stories"], options["comments"], people, options["thread"], options["seed"])
        terms = Terms(now=timezone.now(), source=plan.source, community="grown")
        with tqdm(total=plan.size, unit=" items", disable=None) as bar, Rejects([], strict=True) as rejects:
            records = as_records(grow(plan, terms.now), plan.source)
            summary = import_records(records, terms, rejects, lambda summary: bar.update(summary.read - bar.n))
        self.stdout.write(
            f"New: {summary.stories:,} stories, {summary.comments:,} comments, {summary.people:,} people. "
            f"Already there: {summary.known:,}."
        )
