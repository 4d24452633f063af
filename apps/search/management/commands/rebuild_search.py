"""`manage.py rebuild_search`: the whole index anew, while the site runs."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from apps.search import actions
from apps.search.documents import KINDS


class Command(BaseCommand):
    """Goes through all rows in steps of one transaction each."""

    help = "Take everything that people can find into the index again, and drop from it what they cannot."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What of it."""
        parser.add_argument("--kind", choices=KINDS, action="append", help="only these (default: all)")
        parser.add_argument(
            "--after", type=int, default=0, metavar="ID", help="go on behind this row of the first kind"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Index, and say where to go on when stopped."""
        actions.prepare()
        after = options["after"]
        for kind in options["kind"] or KINDS:
            after = self.rebuild(kind, after)

    def rebuild(self, kind: str, after: int) -> int:
        """All rows of a kind with ids above `after`; returns where the next kind begins."""
        last = actions.last_key(kind)
        with tqdm(total=last, initial=after, desc=kind, unit=" rows", unit_scale=True, disable=None) as bar:
            while after < last:
                try:
                    after = actions.index_step(kind=kind, after=after, last=last)
                except KeyboardInterrupt as error:
                    words = f"Stopped. To go on: manage.py rebuild_search --kind {kind} --after {after}"
                    raise CommandError(words, returncode=130) from error
                bar.update(after - bar.n)
        return 0
