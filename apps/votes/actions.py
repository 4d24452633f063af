"""Casting and retracting votes, and counting anew what all counters say."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Model

from apps.accounts.models import User
from apps.accounts.permissions import check_may_write
from apps.comments.models import Comment
from apps.communities.models import Community
from apps.jobs import actions as jobs
from apps.pagecache import purging
from apps.stories.models import Story
from apps.votes import casting, counting, metrics
from apps.votes.models import Recount
from apps.votes.permissions import check_can_vote

# Rows that a recount locks at once: few, so that nobody waits long for a moderator's act.
RECOUNTED = 100
# One that has taken longer has died.
LONGEST_RECOUNT = timedelta(days=1)
# In this order: points of comments are among those of stories, and all are karma.
KINDS: dict[str, type[Model]] = {"communities": Community, "threads": Story, "people": User}


@dataclass(frozen=True, slots=True)
class Drift:
    """A counter that does not say what the rows say."""

    counter: str
    pk: int
    stored: object
    counted: object


@dataclass(frozen=True, slots=True)
class Batch:
    """The first RECOUNTED rows of a kind with keys above `after`."""

    kind: str = next(iter(KINDS))
    after: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What a batch has shown: how many rows were looked at, and what comes next."""

    drift: list[Drift]
    num_rows: int
    following: Batch | None


def cast_story_vote(*, by: User, story: Story, now: datetime) -> None:
    """Count one point of `by` for `story`. Idempotent.

    Raises Banned, OwnItem, VotingClosed. Cost: on PostgreSQL 1 statement, which waits for nobody.
    """
    _check(by, story, now)
    casting.cast(by, story, now)


def retract_story_vote(*, by: User, story: Story, now: datetime) -> None:
    """Take `by`'s point back. Idempotent. Raises Banned, OwnItem, VotingClosed. Cost: as to cast it."""
    _check(by, story, now)
    casting.retract(by, story)


def cast_comment_vote(*, by: User, comment: Comment, now: datetime) -> None:
    """Count one point of `by` for `comment`. Idempotent.

    Raises Banned, OwnItem, VotingClosed. Cost: on PostgreSQL 1 statement, which waits for nobody.
    """
    _check(by, comment, now)
    casting.cast(by, comment, now)


def retract_comment_vote(*, by: User, comment: Comment, now: datetime) -> None:
    """Take `by`'s point back. Idempotent. Raises Banned, OwnItem, VotingClosed. Cost: as to cast it."""
    _check(by, comment, now)
    casting.retract(by, comment)


@transaction.atomic
def begin_recount(*, now: datetime) -> None:
    """Have jobs count everything anew, and repair it. Idempotent while that is under way."""
    if not Recount.objects.filter(finished_at=None, started_at__gt=now - LONGEST_RECOUNT).exists():
        _enqueue(Recount.objects.create(started_at=now), Batch())


@transaction.atomic
def continue_recount(*, recount_id: int, batch: Batch, now: datetime) -> None:
    """Repair a batch, note what was wrong, and have a job go on with the next. Locks as `recount_batch`."""
    run = Recount.objects.get(pk=recount_id)
    found = recount_batch(batch, repair=True)
    run.num_rows += found.num_rows
    for drift in found.drift:
        run.drift[drift.counter] = run.drift.get(drift.counter, 0) + 1
        metrics.DRIFT.labels(drift.counter).inc()
    if found.following:
        _enqueue(run, found.following)
    else:
        run.finished_at = now
    run.save()


def recount(*, repair: bool) -> Iterator[Drift]:
    """Compare every counter with what the rows say, and set it right when `repair` is true.

    Can run while people write: each batch is a transaction of its own. Memory: a batch of threads. Cost: some 100 µs
    a comment with its votes.
    """
    batch: Batch | None = Batch()
    while batch:
        found = recount_batch(batch, repair=repair)
        yield from found.drift
        batch = found.following


@transaction.atomic
def recount_batch(batch: Batch, *, repair: bool) -> Found:
    """Compare the counters of a batch with what the rows say; its rows stay locked. Purges all pages if it repairs."""
    rows = KINDS[batch.kind]._default_manager.select_for_update(no_key=True).order_by("pk")
    locked = list(rows.filter(pk__gt=batch.after)[:RECOUNTED])
    drift, num_rows = [], 0
    for checked, counted in _counted(batch.kind, locked):
        drift += _differences(checked, counted, repair)
        num_rows += len(checked)
    return Found(drift, num_rows, _following(batch, locked))


def _enqueue(run: Recount, batch: Batch) -> None:
    jobs.enqueue("votes.recount_batch", recount_id=run.pk, kind=batch.kind, after=batch.after)


def _counted(kind: str, rows: list[Any]) -> Iterator[tuple[Sequence[Model], counting.Counted]]:
    """The rows with what their counters must say; of threads, first the comments."""
    match kind:
        case "communities":
            yield rows, counting.communities(rows)
        case "threads":
            comments = Comment.objects.select_for_update(no_key=True).filter(story__in=rows).order_by("pk")
            yield list(comments), counting.comments(rows)
            yield rows, counting.stories(rows)
        case "people":
            yield rows, counting.people(rows)


def _following(batch: Batch, rows: list[Model]) -> Batch | None:
    if len(rows) == RECOUNTED:
        return Batch(batch.kind, rows[-1].pk)
    kinds = [*KINDS, ""]
    following = kinds[kinds.index(batch.kind) + 1]
    return Batch(following) if following else None


def _differences(rows: Sequence[Model], counted: counting.Counted, repair: bool) -> list[Drift]:
    found = []
    for row in rows:
        wrong = {name: value for name, value in counted[row.pk].items() if not _is_same(getattr(row, name), value)}
        model = type(row)
        found += [Drift(f"{model.__name__}.{name}", row.pk, getattr(row, name), value) for name, value in wrong.items()]
        if wrong and repair:
            model._default_manager.filter(pk=row.pk).update(**wrong)
    if found and repair:
        purging.purge_everything()
    return found


def _is_same(stored: object, counted: object) -> bool:
    if isinstance(stored, float) and isinstance(counted, float):
        # The order in which tags' modifiers are added up is not the same each time.
        return math.isclose(stored, counted, abs_tol=1e-6)
    return stored == counted


def _check(by: User, item: Story | Comment, now: datetime) -> None:
    """On the rows as they were loaded: who votes while a moderator acts has voted before."""
    check_may_write(by, now)
    check_can_vote(by, item, now)
