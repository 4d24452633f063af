"""What is done with changes later."""

from datetime import timedelta

from django.utils import timezone

from apps.changes import actions
from apps.jobs.handlers import scheduled


@scheduled("changes.forget_old", every=timedelta(minutes=10), queue="slow")
def forget_old() -> None:
    """Keep the table small."""
    actions.forget_old(now=timezone.now())
