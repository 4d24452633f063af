"""`manage.py maintenance on|off`: the site goes on to be read, and refuses what writes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.replicas import readonly


class Command(BaseCommand):
    """Switches read-only mode by a file that all processes of this machine see; on each machine run it anew."""

    help = "Switch read-only mode on or off, for all processes of this machine."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """On or off, and what to tell people."""
        parser.add_argument("switch", choices=["on", "off"])
        parser.add_argument("--message", default=readonly.MAINTENANCE, help="what people read meanwhile")

    def handle(self, *args: Any, switch: str, message: str, **options: Any) -> None:
        """Switch."""
        if switch == "on":
            readonly.switch_on(message)
        else:
            readonly.switch_off()
        self.stdout.write(readonly.notice() or "The site takes writes.")
