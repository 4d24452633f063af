"""What Prometheus sees of mail, whoever sends it."""

from contextlib import suppress
from smtplib import SMTPRecipientsRefused

import pytest
from django.core.mail import send_mail
from django.test import Client
from django.urls import reverse
from prometheus_client import REGISTRY
from pytest_django import Settings

from tests.notifications.conftest import Mails

pytestmark = pytest.mark.django_db

NEWCOMER = {"username": "lena", "email": "lena@example.org", "password1": "a calm sea at dawn"}


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("mails_total", {"outcome": outcome}) or 0


def test_mail_of_a_sign_up_is_counted(mails: Mails, client: Client) -> None:
    before = counted("sent")

    client.post(reverse("account_signup"), NEWCOMER)

    assert (len(mails()), counted("sent") - before) == (1, 1)


def test_sign_up_without_a_mail_server_is_a_failed_mail(mails: Mails, client: Client, settings: Settings) -> None:
    settings.EMAIL_PORT = 1
    before = counted("failed")

    with suppress(ConnectionRefusedError):
        client.post(reverse("account_signup"), NEWCOMER)

    assert counted("failed") - before == 1


def test_refused_address_counts_apart(mails: Mails) -> None:
    before = counted("refused"), counted("failed")

    with pytest.raises(SMTPRecipientsRefused):
        send_mail("A calm sea", "It is calm.", None, ["gone@example.org"])

    assert (counted("refused"), counted("failed")) == (before[0] + 1, before[1])


def test_mail_that_is_only_printed_is_counted(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    settings.EMAIL_BACKEND = "apps.core.mail.ConsoleBackend"
    before = counted("sent")

    send_mail("A calm sea", "It is calm.", None, ["sam@example.org"])

    assert "It is calm." in capsys.readouterr().out
    assert counted("sent") - before == 1
