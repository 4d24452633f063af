"""What people do with what they were told, how they want to be told, and what is forgotten."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db import transaction

from apps.accounts.models import User
from apps.core.errors import Invalid, NotFound
from apps.jobs import actions as jobs
from apps.live import publishing
from apps.notifications import queries
from apps.notifications.models import Channel, Digest, Kind, Notification, Preferences
from apps.notifications.stopping import DIGEST
from apps.pagecache.tags import viewer

KEPT = timedelta(days=90)
FORGOTTEN_AT_ONCE = 1000


@transaction.atomic
def mark_read(*, by: User, until: int) -> None:
    """Mark what `by` was told as read, up to that id; a lower one than the known changes nothing. 1 row is written."""
    person = User.objects.select_for_update(no_key=True).get(pk=by.pk)
    received = Notification.objects.filter(recipient=person)
    newest = received.order_by("-id").values_list("id", flat=True).first() or 0
    person.read_until = max(person.read_until, min(until, newest))
    person.num_unread = received.filter(id__gt=person.read_until).count()
    person.save(update_fields=["read_until", "num_unread"])
    publishing.publish("unread", {viewer(person.pk): {"unread": person.num_unread}})


@transaction.atomic
def choose(*, by: User, channels: Mapping[str, str], digest: str) -> Preferences:
    """Keep where `by` is told of each kind, and how often they get a digest. Mail that was refused is tried again.

    Raises Invalid.
    """
    is_known = channels.keys() == set(Kind.values) and set(channels.values()) <= set(Channel.values)
    if not is_known or digest not in Digest.values:
        raise Invalid
    chosen = {**channels, "digest": digest, "bounced_at": None}
    preferences, _ = Preferences.objects.update_or_create(user=by, defaults=chosen)
    return preferences


@transaction.atomic
def stop_mail(*, person_id: int, about: Iterable[str]) -> None:
    """Send them no more mail about these kinds, or no more digests; the site still tells. Idempotent.

    Raises NotFound for who is gone.
    """
    if not User.objects.filter(pk=person_id).exists():
        raise NotFound("This account is gone, and gets no mail.")
    Preferences.objects.get_or_create(user_id=person_id)
    preferences = Preferences.objects.select_for_update(no_key=True).get(user=person_id)
    for name in about:
        if name == DIGEST:
            preferences.digest = Digest.OFF
        elif preferences.channel(name) == Channel.MAIL:
            setattr(preferences, name, Channel.SITE)
    preferences.save()


@transaction.atomic
def forget_read(*, after: int, now: datetime) -> None:
    """Delete what has been read and is older than KEPT, of the next notifications by id; the rest in jobs to follow."""
    read, last = queries.read_before(now - KEPT, after=after, size=FORGOTTEN_AT_ONCE)
    Notification.objects.filter(pk__in=read).delete()
    if last:
        jobs.enqueue("notifications.forget_read", after=last)
