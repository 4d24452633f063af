"""`manage.py import_items FILE…`: a community's history from item files."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from apps.core.errors import DomainError
from apps.importing.fields import slug
from apps.importing.items import Terms
from apps.importing.models import SOURCE_LENGTH
from apps.importing.previewing import preview_of
from apps.importing.reading import STDIN, Inputs
from apps.importing.rejects import Rejects
from apps.importing.runs import Summary, import_records, shift_to


class Command(BaseCommand):
    """Takes in items; what is there already stays as it is."""

    help = "Take in stories and comments in the Hacker News item form (JSON Lines or CSV, also .gz and .zst)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Files and what to assume about their items."""
        parser.add_argument("files", metavar="FILE", nargs="+", help="a file of items; - reads standard input")
        parser.add_argument("--source", default=Terms.source, help="where items without `src` come from")
        parser.add_argument("--community", default=Terms.community, help="for stories without `community`")
        parser.add_argument("--strict", action="store_true", help="stop at the first bad line")
        parser.add_argument(
            "--preview", action="store_true", help="say what would come in and show some stories; write nothing"
        )
        parser.add_argument(
            "--newest-at", choices=["now"], help="move all times by the same span, so that the newest is a minute ago"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import and report."""
        paths = list(dict.fromkeys(options["files"]))
        try:
            terms = _terms(paths, options)
            told = preview_of(paths, terms) if options["preview"] else _import(paths, terms, options["strict"])
        except DomainError as error:
            raise CommandError(error.detail) from error
        except KeyboardInterrupt as error:
            raise CommandError("Stopped. What was taken in stays; run it again to go on.", returncode=130) from error
        self.stdout.write(told)


def _terms(paths: list[str], options: dict[str, Any]) -> Terms:
    if not 0 < len(options["source"]) <= SOURCE_LENGTH:
        raise CommandError(f"--source is a name of at most {SOURCE_LENGTH} characters.")
    if not options["community"] or slug(options["community"]) != options["community"]:
        raise CommandError("--community is a name of small letters, digits and dashes, such as general.")
    now = timezone.now()
    shift = timedelta()
    if options["newest_at"]:
        if STDIN in paths:
            raise CommandError("--newest-at reads the files twice, which standard input does not allow.")
        shift = shift_to(now, paths)
    return Terms(now=now, source=options["source"], community=options["community"], shift=shift)


def _import(paths: list[str], terms: Terms, strict: bool) -> str:
    with (
        Inputs(paths) as inputs,
        Rejects(paths, strict=strict) as rejects,
        tqdm(total=inputs.size or None, unit="B", unit_scale=True, disable=None) as bar,
    ):

        def show(summary: Summary) -> None:
            bar.set_postfix(items=summary.read, rejected=summary.rejected, waiting=summary.waiting, refresh=False)
            bar.update(inputs.position - bar.n)

        summary = import_records(inputs.records(), terms, rejects, show)
    return "\n".join([_report(summary), *(f"Rejected lines and reasons: {path}" for path in rejects.paths)])


def _report(summary: Summary) -> str:
    return (
        f"{summary.read:,} items read: {summary.stories + summary.comments:,} new, {summary.known:,} already there, "
        f"{summary.rejected:,} rejected. New: {summary.stories:,} stories, {summary.comments:,} comments, "
        f"{summary.people:,} people."
    )
