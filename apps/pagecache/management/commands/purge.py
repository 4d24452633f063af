"""`manage.py purge front-page story:42`: have pages rendered anew."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.pagecache import purging


class Command(BaseCommand):
    """For what no action has purged, such as rows changed by hand."""

    help = "Have kept pages rendered anew: those that carry one of TAGS, or all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Tags, or all."""
        parser.add_argument("tags", nargs="*", metavar="TAG", help="as in the header Surrogate-Key of a page")
        parser.add_argument("--all", action="store_true", help="every page; none is shown any more, even in need")

    def handle(self, *args: Any, **options: Any) -> None:
        """Purge."""
        if bool(options["tags"]) == options["all"]:
            raise CommandError("Say which TAGS, or --all.")
        if not purging.purge_now(*options["tags"]):
            raise CommandError("The cache cannot be reached, so nothing was purged. Try again when it is back.")
        self.stdout.write("Purged.")
