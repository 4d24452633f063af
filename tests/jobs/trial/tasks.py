"""Jobs that leave a name behind, and jobs that keep a promise."""

import os
import time
from datetime import timedelta
from pathlib import Path

from django.contrib.auth.models import Group
from django.core.mail import EmailMessage
from django.db import connection

from apps.jobs.handlers import handler


@handler("trial.note")
def note(*, word: str) -> None:
    """Leave `word`."""
    Group.objects.create(name=word)


@handler("trial.dawdle")
def dawdle(*, word: str) -> None:
    """Leave `word`, say so, and wait for the gate that the environment names."""
    Group.objects.create(name=word)
    os.write(1, b"begun\n")
    while "TRIAL_GATE" in os.environ and not Path(os.environ["TRIAL_GATE"]).exists():
        time.sleep(0.02)


@handler("trial.keep", queue="fast")
def keep(*, word: str) -> None:
    """Keep a promise, and take a moment in the midst of it."""
    _note_kept(word)
    time.sleep(0.02)


def send(*, word: str) -> None:
    """Send the mail that tells of `word`, under the same Message-ID however often, and take a moment."""
    headers = {"Message-ID": f"<{word}@trial.example>"}
    EmailMessage("A promise", word, to=["somebody@trial.example"], headers=headers).send()
    time.sleep(0.02)


@handler("trial.mail", outside=send, time_limit=timedelta(seconds=10))
def note_mail(_: None, *, word: str) -> None:
    """Keep a promise by the mail that has just been sent."""
    _note_kept(word)


def _note_kept(word: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO kept VALUES (%s)", [word])
