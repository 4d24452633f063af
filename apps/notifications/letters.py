"""One mail as text and HTML, and handing it to the mail server. Not here: what it says (mail.py)."""

from collections.abc import Mapping
from dataclasses import dataclass
from smtplib import SMTPRecipientsRefused
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import get_template

from apps.accounts.models import User
from apps.core import mail
from apps.core.text import clean_line, shortened
from apps.notifications.queries import confirmed_address
from apps.notifications.stopping import EVERYTHING, Stop

SUBJECT_LENGTH = 150


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came of a letter: which notifications it `told`, or that its address refuses mail for good."""

    told: tuple[int, ...] = ()
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to `person`; its `key` never names another one, and those of one `thread` belong together.

    `about`: what its reader can stop. `template` is one of mail/, which gets `context`.
    """

    person: User
    key: str
    about: tuple[str, ...]
    subject: str
    template: str
    context: Mapping[str, object]
    thread: str = ""
    told: tuple[int, ...] = ()


def send(letter: Letter) -> Delivery:
    """Hand it to the mail server; not without a confirmed address. Raises what another attempt may mend. 1 query."""
    address = confirmed_address(letter.person)
    if address is None:
        return Delivery()
    try:
        _message(letter, address).send()
    except SMTPRecipientsRefused as error:
        if not mail.is_final(error):
            raise
        return Delivery(is_refused=True)
    return Delivery(letter.told)


def _message(letter: Letter, address: str) -> EmailMultiAlternatives:
    stop = Stop(letter.person.pk, letter.about)
    context = {
        "subject": shortened(clean_line(letter.subject), SUBJECT_LENGTH),
        "person": letter.person,
        "site_url": settings.SITE_URL,
        "stop": stop,
        "stop_all": Stop(letter.person.pk, EVERYTHING),
        **letter.context,
    }
    text, html = (get_template(f"mail/{letter.template}.{kind}").render(context) for kind in ("txt", "html"))
    headers = {
        # The same at each attempt, so that whoever gets two can tell that they are one.
        "Message-ID": _id(letter.key),
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": f"<{stop.address}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    if letter.thread:
        headers["References"] = headers["In-Reply-To"] = _id(letter.thread)
    message = EmailMultiAlternatives(str(context["subject"]), text, to=[address], headers=headers)
    message.attach_alternative(html, "text/html")
    return message


def _id(key: str) -> str:
    return f"<{key}@{urlsplit(settings.SITE_URL).hostname}>"
