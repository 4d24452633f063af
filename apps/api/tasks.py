"""What the API does later."""

from datetime import timedelta

from django.utils import timezone

from apps.api import actions
from apps.jobs.handlers import scheduled


@scheduled("api.forget_answers", every=timedelta(minutes=10), queue="slow")
def forget_answers() -> None:
    """Keep the table of answers small."""
    actions.forget_answers(now=timezone.now())


@scheduled("api.forget_expired_tokens", every=timedelta(hours=6), queue="slow")
def forget_expired_tokens() -> None:
    """Keep the tables of apps' tokens small."""
    actions.forget_expired_tokens()
