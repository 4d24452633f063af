"""`manage.py load_sample`: something to look at on a first start."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.importing.samples import load_sample, login_lines, write_logins


class Command(BaseCommand):
    """Loads the sample community once."""

    help = "Fill an empty site with the sample community and three log-ins; does nothing when there are stories."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, then show the log-ins."""
        logins = load_sample(timezone.now())
        if not logins:
            self.stdout.write("There are stories already: the sample community stays out.")
            return
        path = write_logins(logins)
        self.stdout.write("\n".join([f"Loaded the sample community. Log-ins, also in {path}:", *login_lines(logins)]))
