"""What the clock does: whatever is kept for a time ends, oldest first, a bounded step at a time.

Nothing here needs an index of its own: what came first has the lowest numbers.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef

from apps.accounts import tags
from apps.accounts.models import User
from apps.comments.models import Comment, Visit
from apps.jobs import actions as jobs
from apps.moderation.models import Flag
from apps.pagecache import purging
from apps.personal.actions.exports import drop_expired
from apps.personal.actions.votes import forget_owners
from apps.stories.models import Story

ROWS = 1000
# Each costs a query for every table that people have rows in.
ACCOUNTS = 50
# From signing up to confirming an e-mail address.
UNCONFIRMED = timedelta(days=14)
# Of a thread that nobody has been able to comment on for most of the time.
VISITS = timedelta(days=365)
FLAGS = timedelta(days=365)


@transaction.atomic
def forget_some(*, now: datetime) -> None:
    """Do a step of the first kind of which something is due, and have the next one done by another job. Idempotent."""
    if any(step(now=now) for step in STEPS):
        jobs.enqueue("personal.forget")


@transaction.atomic
def drop_sessions(*, now: datetime) -> bool:
    """Delete sessions that are over; whether there may be more of them."""
    over = list(Session.objects.filter(expire_date__lt=now).values_list("pk", flat=True)[:ROWS])
    Session.objects.filter(pk__in=over).delete()
    return bool(over)


@transaction.atomic
def drop_unconfirmed(*, now: datetime) -> bool:
    """Delete accounts that have confirmed no address, never logged in, and wrote nothing; whether there may be more."""
    wrote = [~Exists(model.objects.filter(author=OuterRef("pk"))) for model in (Story, Comment)]
    unused = User.objects.filter(*wrote, last_login=None, date_joined__lt=now - UNCONFIRMED)
    # Who has no address at all was brought in by an operator.
    unconfirmed = unused.filter(emailaddress__verified=False).exclude(emailaddress__verified=True)
    people = list(unconfirmed.order_by("pk").distinct()[:ACCOUNTS])
    User.objects.filter(pk__in=[person.pk for person in people]).delete()
    if people:
        purging.purge(tags.PEOPLE, *(tags.person(person.username) for person in people))
    return bool(people)


@transaction.atomic
def drop_visits(*, now: datetime) -> bool:
    """Delete visits of the oldest stories, when these are older than VISITS; whether there may be more."""
    first = Visit.objects.order_by("story", "pk").values_list("pk", "story__created_at")[:ROWS]
    old = [pk for pk, created_at in first if created_at < now - VISITS]
    Visit.objects.filter(pk__in=old).delete()
    return bool(old)


@transaction.atomic
def drop_flags(*, now: datetime) -> bool:
    """Delete flags that are older than FLAGS; whether there may be more of them."""
    first = Flag.objects.order_by("pk").values_list("pk", "created_at")[:ROWS]
    old = [pk for pk, created_at in first if created_at < now - FLAGS]
    Flag.objects.filter(pk__in=old).delete()
    return bool(old)


STEPS: tuple[Callable[..., bool], ...] = (
    *(drop_sessions, drop_unconfirmed, drop_visits, drop_flags),
    *(drop_expired, forget_owners),
)
