"""The jobs' own job."""

from datetime import timedelta

from django.utils import timezone

from apps.jobs import actions
from apps.jobs.handlers import scheduled


@scheduled("jobs.forget_finished", every=timedelta(minutes=10), queue="slow")
def forget_finished() -> None:
    """Keep the table small."""
    actions.forget_finished(now=timezone.now())
