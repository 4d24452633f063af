"""Makes members on the fleet's site and signs them in: `python -m tests.cluster.people ada bo` prints JSON.

A program of its own, run with the fleet's environment: the tests' Django has another database. Each member gets
PASSWORD and two sessions, one for each of their devices.
"""

import json
import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
django.setup()

# Models can be imported only after the set-up.
from allauth.account.models import EmailAddress  # noqa: E402
from django.test import Client  # noqa: E402

from apps.accounts.models import User  # noqa: E402

PASSWORD = "correct horse battery"


def sign_up(name: str) -> list[str]:
    """The sessions of a new member."""
    person = User.objects.create_user(name, f"{name}@example.org", PASSWORD)
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return [sign_in(person), sign_in(person)]


def sign_in(person: User) -> str:
    """A new session."""
    client = Client()
    client.force_login(person)
    return str(client.session.session_key)


if __name__ == "__main__":
    sys.stdout.write(json.dumps({name: sign_up(name) for name in sys.argv[1:]}))
