"""Jobs that leave a name behind."""

import os
import time
from pathlib import Path

from django.contrib.auth.models import Group

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
