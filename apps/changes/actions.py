"""Noting changes, and forgetting old ones."""

from datetime import datetime

from django.db import transaction

from apps.changes.models import Change
from apps.changes.queries import KEPT

FORGOTTEN_AT_ONCE = 10_000


def note(kind: str, key: int, now: datetime) -> None:
    """Tell those who follow the site, once the caller's transaction is committed, that this has changed. 1 insert."""
    Change.objects.create(kind=kind, key=key, created_at=now)


@transaction.atomic
def forget_old(*, now: datetime) -> None:
    """Delete changes from more than KEPT ago, oldest first."""
    old = Change.objects.filter(created_at__lt=now - KEPT).order_by("created_at")
    Change.objects.filter(pk__in=old.values("pk")[:FORGOTTEN_AT_ONCE]).delete()
