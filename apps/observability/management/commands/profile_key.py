"""`manage.py profile_key`: lets its caller have one page profiled."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.observability import keys


class Command(BaseCommand):
    """Prints a command that opens the page with a key."""

    help = "Print a command that has a page profiled. It works for ten minutes."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which page."""
        parser.add_argument("address", help="a path such as /top/week, or a whole address")

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        """Print it."""
        self.stdout.write(keys.command(address))
