"""`manage.py erase_account NAME`: for those who ask for it by mail, since they cannot log in."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.accounts.permissions import access_person
from apps.core.errors import DomainError
from apps.personal.actions.erasure import erase_account


class Command(BaseCommand):
    """Erases what the person could erase on the page of their data."""

    help = "Erase the account of NAME, which cannot be undone. Jobs do all but the first step."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who, and how much."""
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("--with-texts", action="store_true", help="stories and comments too")

    def handle(self, *args: Any, **options: Any) -> None:
        """Erase."""
        try:
            person = access_person(options["name"])
            erase_account(by=person, with_texts=options["with_texts"], now=timezone.now())
        except DomainError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"The account is closed; its number was {person.pk}.")
