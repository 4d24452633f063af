"""Jobs that leave a name behind."""

import os
import time

from django.contrib.auth.models import Group

from apps.jobs.handlers import handler


@handler("trial.note")
def note(*, word: str) -> None:
    """Leave `word`."""
    Group.objects.create(name=word)


@handler("trial.dawdle")
def dawdle(*, word: str) -> None:
    """Leave `word`, say so, and then take as long as the environment wants."""
    Group.objects.create(name=word)
    os.write(1, b"begun\n")
    time.sleep(float(os.environ.get("TRIAL_SECONDS", "0")))
