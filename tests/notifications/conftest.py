"""A mail server that is really there, and the mails it has taken."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from pytest_django import Settings

from apps.accounts.models import User
from tests.factories import PersonFactory

Mails = Callable[[], list[EmailMessage]]


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the mail server puts what it takes."""
    return tmp_path_factory.mktemp("mails")


@pytest.fixture(scope="session")
def mail_port(shelf: Path) -> Iterator[int]:
    command = [sys.executable, "-m", "tests.notifications.postman", str(shelf)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        assert server.stdout
        yield int(server.stdout.readline())
        server.terminate()


@pytest.fixture
def mails(shelf: Path, mail_port: int, settings: Settings) -> Mails:
    """The site sends by that server; calling this gives what has arrived in this test."""
    settings.EMAIL_BACKEND = "apps.core.mail.SmtpBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail_port
    before = len(list(shelf.iterdir()))

    def arrived() -> list[EmailMessage]:
        files = sorted(shelf.iterdir())[before:]
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]

    return arrived


@pytest.fixture
def reader() -> User:
    """Somebody with a confirmed address."""
    return with_address(PersonFactory.create(username="sam"), "sam@example.org")


def with_address(person: User, address: str) -> User:
    EmailAddress.objects.create(user=person, email=address, verified=True, primary=True)
    return person
