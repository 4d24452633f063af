"""What is written down about mails: that they were sent, or refused for good; and who gets a digest."""

from datetime import datetime

from django.db import transaction

from apps.jobs import actions as jobs
from apps.notifications import queries
from apps.notifications.letters import Delivery
from apps.notifications.models import Digest, Notification, Preferences

READERS_AT_ONCE = 500


@transaction.atomic
def note_delivery(*, person_id: int, delivery: Delivery, now: datetime) -> None:
    """Remember what a mail has told, so that no other one does; or that the address refuses mail for good."""
    if delivery.is_refused:
        Preferences.objects.update_or_create(user_id=person_id, defaults={"bounced_at": now})
    Notification.objects.filter(pk__in=delivery.told).update(mailed_at=now)


@transaction.atomic
def enqueue_digests(*, after: int, now: datetime) -> None:
    """Have the digests of the next people, by id, sent; the rest in jobs to follow. One for each person and period."""
    readers = queries.digest_readers(after=after, size=READERS_AT_ONCE)
    for person, frequency in readers:
        period = _period(frequency, now)
        jobs.enqueue("notifications.digest", key=f"digest:{person}:{period}", person=person, period=period)
    if len(readers) == READERS_AT_ONCE:
        jobs.enqueue("notifications.digests", after=readers[-1][0])


def _period(frequency: str, now: datetime) -> str:
    """The day or the week, such as "2026-03-01" or "2026-W09"."""
    return f"{now:%Y-%m-%d}" if frequency == Digest.DAILY else f"{now:%G-W%V}"
