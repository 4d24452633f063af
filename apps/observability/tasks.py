"""Jobs of watching."""

from datetime import timedelta

from django.utils import timezone

from apps.jobs.handlers import scheduled
from apps.observability import actions


@scheduled("observability.forget_samples", every=timedelta(minutes=10), queue="slow")
def forget_samples() -> None:
    """Keep the table small."""
    actions.forget_samples(now=timezone.now())
