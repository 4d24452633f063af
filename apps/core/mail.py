"""How all mails leave the site: they are counted. Not here: what they say (apps/notifications, allauth, webhooks)."""

from collections.abc import Sequence
from smtplib import SMTPRecipientsRefused

from django.core.mail import EmailMessage
from django.core.mail.backends import console, smtp
from django.core.mail.backends.base import BaseEmailBackend
from prometheus_client import Counter

MAILS = Counter(
    "mails_total",
    "Mails by what the server has said: sent, refused (the address, for good) or failed",
    ["outcome"],
)
# Answers of a mail server from here on are final.
PERMANENT = 500


class Counted(BaseEmailBackend):
    """Counts what a backend of Django's sends."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send them; how many were sent. Raises what the backend raises: then none of them counts as sent."""
        outcome, sent = "failed", 0
        try:
            sent = super().send_messages(email_messages) or 0
        except SMTPRecipientsRefused as error:
            outcome = "refused" if is_final(error) else "failed"
            raise
        finally:
            MAILS.labels("sent").inc(sent)
            MAILS.labels(outcome).inc(len(email_messages) - sent)
        return sent


class ConsoleBackend(Counted, console.EmailBackend):
    """Shows mails where the site was started."""


class SmtpBackend(Counted, smtp.EmailBackend):
    """Hands mails to the mail server."""


def is_final(error: SMTPRecipientsRefused) -> bool:
    """Whether another attempt would be refused as well."""
    return all(code >= PERMANENT for code, _ in error.recipients.values())
