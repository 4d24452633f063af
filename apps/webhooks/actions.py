"""Telling endpoints: a message for each that wants it, sent until it is taken or its time is over."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F, Q, QuerySet

from apps.accounts.models import User
from apps.core.connections import FetchError
from apps.core.fetching import Fetcher
from apps.jobs import actions as jobs
from apps.webhooks.messages import Json
from apps.webhooks.models import Delivery, Endpoint, Event
from apps.webhooks.signing import headers

# Which waits, doubled up to an hour, last about a day.
ATTEMPTS = 40
# An endpoint that has taken nothing for so long is not asked any more.
PATIENCE = timedelta(days=3)
# While one fails it rests for this share of the time for which it has: waiting for it holds up all other work.
RESTING_SHARE = 0.1
LONGEST_REST = timedelta(minutes=10)
# What the log has of an attempt that fell into a rest; the status before it stays.
RESTING: dict[str, Any] = {"error": "resting"}
KEPT = timedelta(days=30)
FORGOTTEN_AT_ONCE = 5000


class Undelivered(Exception):
    """Nobody has taken the message; the job tries again."""


@transaction.atomic
def define_endpoint(*, endpoint: Endpoint, by: User, now: datetime) -> None:
    """Set an endpoint up, or change it; one that is active has failed in nothing yet."""
    if endpoint._state.adding:
        endpoint.created_by, endpoint.created_at = by, now
    if endpoint.is_active:
        endpoint.failing_since = endpoint.rests_until = None
    endpoint.save()


@transaction.atomic
def tell(
    *,
    event: Event,
    community_id: int | None,
    now: datetime,
    say: Callable[[], Json],
    person_id: int | None = None,
    moderator_id: int | None = None,
) -> list[Delivery]:
    """Write a message for every active endpoint that wants `event`; what it says is asked for only if one does.

    `person_id` and `moderator_id` are whose names or words it holds. 1 query without endpoints.
    """
    wanting = Endpoint.objects.filter(Q(community=None) | Q(community=community_id), is_active=True)
    endpoints = [endpoint for endpoint in wanting if event in endpoint.events]
    if not endpoints:
        return []
    body = json.dumps({"type": event, "timestamp": now.isoformat(timespec="milliseconds"), "data": say()})
    about = {"event": event, "body": body, "created_at": now, "person_id": person_id, "moderator_id": moderator_id}
    written = [Delivery(endpoint=endpoint, **about) for endpoint in endpoints]
    for delivery in Delivery.objects.bulk_create(written):
        jobs.enqueue("webhooks.deliver", delivery=delivery.pk)
    return written


def send(*, delivery: Delivery, now: datetime, fetcher: Fetcher) -> bool:
    """Post the message, and keep what came of it: whether it was taken. Not inside a transaction. Raises Undelivered.

    An endpoint that rests is not asked, though the attempt counts; to one that was switched off meanwhile nothing is
    sent. After ATTEMPTS it is given up: the receiver's fault is no failure of the site's.
    """
    endpoint = delivery.endpoint
    if not endpoint.is_active:
        return False
    answer = RESTING if endpoint.is_resting(now) else _ask(delivery, now, fetcher)
    Delivery.objects.filter(pk=delivery.pk).update(attempts=F("attempts") + 1, **answer)
    if 200 <= (answer.get("status") or 0) < 300:
        return True
    if answer != RESTING:
        note_failure(endpoint=endpoint, now=now)
    if delivery.attempts + 1 < ATTEMPTS:
        raise Undelivered(answer["error"] or f"status {answer['status']}")
    return False


@transaction.atomic
def settle(*, delivery: Delivery, now: datetime) -> None:
    """Note that the endpoint has taken the message, and is well. 2 writes."""
    Delivery.objects.filter(pk=delivery.pk).update(delivered_at=now)
    failing = Endpoint.objects.filter(pk=delivery.endpoint_id).exclude(failing_since=None)
    failing.update(failing_since=None, rests_until=None)


@transaction.atomic
def note_failure(*, endpoint: Endpoint, now: datetime) -> None:
    """Note that the endpoint fails; switch it off, and tell who set it up, when it has for longer than PATIENCE."""
    rest = min((now - (endpoint.failing_since or now)) * RESTING_SHARE, LONGEST_REST)
    Endpoint.objects.filter(pk=endpoint.pk, failing_since=None).update(failing_since=now)
    Endpoint.objects.filter(pk=endpoint.pk).update(rests_until=now + rest)
    given_up = Endpoint.objects.filter(pk=endpoint.pk, is_active=True, failing_since__lt=now - PATIENCE)
    if given_up.update(is_active=False):
        jobs.enqueue("webhooks.mail_notice", endpoint=endpoint.pk)


def mail_notice(*, endpoint: Endpoint) -> None:
    """Tell who set the endpoint up, or all administrators if that one is none any more, that it was switched off."""
    able = User.objects.filter(is_superuser=True, is_active=True).exclude(email="")
    chosen = able.filter(pk__in=[endpoint.created_by_id]) or able
    to = [person.email for person in chosen]
    text = (
        f"The webhook “{endpoint.name}” ({endpoint.url}) has taken nothing for {PATIENCE.days} days, and is switched "
        "off. When it is well again, make it active in the admin; messages that it has missed can be sent from there."
    )
    send_mail(f"Webhook switched off: {endpoint.name}", text, None, to)


@transaction.atomic
def replay(*, deliveries: QuerySet[Delivery]) -> int:
    """Send those of these messages once more whose endpoints are active, with the ids that they had; how many.

    Their endpoints rest no longer.
    """
    chosen = list(deliveries.filter(endpoint__is_active=True).values_list("pk", flat=True))
    Delivery.objects.filter(pk__in=chosen).update(attempts=0, delivered_at=None, status=None, error="")
    Endpoint.objects.filter(deliveries__in=chosen).update(rests_until=None)
    for pk in chosen:
        jobs.enqueue("webhooks.deliver", delivery=pk)
    return len(chosen)


@transaction.atomic
def forget_old(*, now: datetime) -> None:
    """Delete messages older than KEPT, some at a time."""
    old = Delivery.objects.filter(created_at__lt=now - KEPT).order_by("created_at")
    Delivery.objects.filter(pk__in=old.values("pk")[:FORGOTTEN_AT_ONCE]).delete()


def _ask(delivery: Delivery, now: datetime, fetcher: Fetcher) -> dict[str, Any]:
    """What the endpoint says to the message, as the log has it."""
    body = delivery.body.encode()
    signed = headers(delivery.endpoint.secret, delivery.key, body, now) | {"Content-Type": "application/json"}
    try:
        return {"status": fetcher.post(delivery.endpoint.url, body, signed), "error": ""}
    except FetchError as failure:
        return {"status": None, "error": str(failure)}
