"""Jobs about votes: the recount of every night."""

from datetime import timedelta

from django.utils import timezone

from apps.jobs.handlers import handler, scheduled
from apps.votes import actions
from apps.votes.actions import Batch


@scheduled("votes.recount", every=timedelta(days=1), queue="slow")
def recount() -> None:
    """Begin to count everything anew."""
    actions.begin_recount(now=timezone.now())


@handler("votes.recount_batch", queue="slow")
def recount_batch(*, recount_id: int, kind: str, after: int) -> None:
    """Go on with it."""
    actions.continue_recount(recount_id=recount_id, batch=Batch(kind, after), now=timezone.now())
