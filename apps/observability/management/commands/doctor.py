"""`manage.py doctor`: looks at all that the site needs, and says what to do."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.observability.doctor.examining import examine
from apps.observability.doctor.findings import Finding, Level


class Command(BaseCommand):
    """One line for each finding; the exit status is 1 when there is an error among them."""

    help = "Check settings, versions, servers, clocks, disks, mail, permissions and jobs. Run it as the site's user."
    # They are among the findings.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """How to tell it."""
        parser.add_argument("--json", action="store_true", help="for programs")
        parser.add_argument("--mail", default="", metavar="ADDRESS", help="send a mail there, too")

    def handle(self, *args: Any, **options: Any) -> None:
        """Examine, and tell of each finding as it is found."""
        findings = []
        for finding in examine(mail_to=options["mail"]):
            findings.append(finding)
            if not options["json"]:
                self.stdout.write(self._line(finding))
        has_errors = any(finding.level == Level.ERROR for finding in findings)
        if options["json"]:
            told = {"ok": not has_errors, "findings": [asdict(finding) for finding in findings]}
            self.stdout.write(json.dumps(told, indent=2, ensure_ascii=False))
        if has_errors:
            raise SystemExit(1)

    def _line(self, finding: Finding) -> str:
        styles = {Level.FINE: self.style.SUCCESS, Level.WARNING: self.style.WARNING, Level.ERROR: self.style.ERROR}
        mark, rest = str(finding)[:1], str(finding)[1:]
        return styles[finding.level](mark) + rest
