"""Enqueueing jobs, running them, and what operators do with those that failed. Others say
`from apps.jobs import actions as jobs`, so that it reads `jobs.enqueue("…")`.
"""

import inspect
import logging
import random
import time
import traceback
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.core import tracing
from apps.core.text import clean, clean_line
from apps.jobs import handlers, metrics, transport
from apps.jobs.limits import TooLong, time_limit
from apps.jobs.models import Job, JobQuerySet, State
from apps.replicas import readonly, tokens
from apps.replicas.state import freshness

LONGEST_WORD = 200
LARGEST_NUMBER = 2**63 - 1
ERROR_LENGTH = 4000
FIRST_WAIT_SECONDS = 5
LONGEST_WAIT_SECONDS = 3600
# Also how long a key is remembered.
KEPT = timedelta(days=7)
FORGOTTEN_AT_ONCE = 10_000

Id = int | str | list[str]

logger = logging.getLogger(__name__)


class ProcessLost(Exception):
    """The last attempt of a job began, and nothing was heard of it again."""


def enqueue(*names: str, key: str | None = None, not_before: datetime | None = None, **ids: Id) -> None:
    """Have the handlers `names` called, each with `ids`, once the caller's transaction is committed; never, if it is
    not.

    A second job of the same `key` is none, also after the first one is done. Raises UnknownJob; TypeError when a
    handler takes other ids; ValueError for one key of several jobs, and for ids that are no numbers of the database,
    short words or lists of them. Cost: 1 insert; of two transactions with the same key the second waits for the first.
    """
    if key and len(names) > 1:
        raise ValueError("A key is for one job.")
    jobs = [_new(name, key, not_before, ids) for name in names]
    # No error for a key that is there, so that the caller's transaction goes on.
    Job.objects.bulk_create(jobs, ignore_conflicts=True)
    if not_before is None:
        for job in jobs:
            transport.nudge_after_commit(job.queue)


def insure(name: str, /, *, not_before: datetime, **ids: Id) -> int:
    """Enqueue what is needed only if this process dies before it calls `call_off`; the job's id, for that. 1 insert."""
    job = _new(name, None, not_before, ids)
    job.save()
    return job.pk


def reinsure(pk: int, **ids: Id) -> None:
    """Have such a job take these ids instead. 1 statement."""
    Job.objects.filter(pk=pk).update(ids=ids)


def call_off(pk: int) -> None:
    """Forget a job that is no longer needed. 1 statement."""
    Job.objects.filter(pk=pk).delete()


def run_next(*, queue: str, now: datetime) -> bool:
    """Run one due job of `queue`, if there is one and the site takes writes. Not inside a transaction."""
    if readonly.notice():
        return False
    due = Job.objects.due(now).filter(queue=queue)
    # A look alone takes no lock on SQLite.
    return due.exists() and _run_first(due, now)


def run_one(job_id: int, *, now: datetime) -> bool:
    """Run this job if it is due, and nobody else is running it. Not inside a transaction."""
    return _run_first(Job.objects.due(now).filter(pk=job_id), now)


@transaction.atomic
def retry(*, jobs: QuerySet[Job], now: datetime) -> int:
    """Let those of `jobs` that wait or are dead run at once, with all attempts anew; how many. Not those that run."""
    chosen = _locked(jobs)
    return chosen.update(state=State.WAITING, attempts=0, due_at=now, finished_at=None)


@transaction.atomic
def discard(*, jobs: QuerySet[Job], now: datetime) -> int:
    """Give up those of `jobs` that wait or are dead; how many. Not those that run just now."""
    chosen = _locked(jobs)
    return chosen.update(state=State.DISCARDED, finished_at=now)


@transaction.atomic
def forget_finished(*, now: datetime) -> None:
    """Delete jobs that were done or discarded more than KEPT ago, oldest first. Dead ones wait for an operator."""
    finished = Job.objects.filter(state__in=[State.DONE, State.DISCARDED], finished_at__lt=now - KEPT)
    Job.objects.filter(pk__in=finished.order_by("pk").values("pk")[:FORGOTTEN_AT_ONCE]).delete()


def wait_after(attempts: int) -> timedelta:
    """The time from a failed attempt to the next: twice as long each time, less up to a half, so that jobs that failed
    together do not come back together.
    """
    seconds = min(FIRST_WAIT_SECONDS * 2.0 ** min(attempts - 1, 30), LONGEST_WAIT_SECONDS)
    return timedelta(seconds=seconds * random.uniform(0.5, 1))  # noqa: S311 (no secret)


def _new(name: str, key: str | None, not_before: datetime | None, ids: Mapping[str, Id]) -> Job:
    handler = handlers.named(name)
    inspect.signature(handler.outside or handler.run).bind(**ids)
    _check({"key": key or "", **ids})
    now = timezone.now()
    job = Job(name=name, queue=handler.queue, key=key, ids=ids, request_id=tracing.current())
    job.traceparent = tracing.spans.traceparent()
    job.created_at, job.due_at = now, not_before or now
    return job


def _check(words: Mapping[str, object]) -> None:
    for name, value in words.items():
        match value:
            case int() if abs(value) <= LARGEST_NUMBER:
                continue
            case str() if _is_short(value):
                continue
            case list() if all(map(_is_short, value)):
                continue
        raise ValueError(f"{name} must be a number of the database or short words, not {str(value)[:50]!r}")


def _is_short(word: object) -> bool:
    return isinstance(word, str) and len(word) <= LONGEST_WORD and clean_line(word) == word


def _run_first(due: JobQuerySet, now: datetime) -> bool:
    job = _claim(due, now)
    if job is None:
        return False
    began = time.monotonic()
    facts: dict[str, str | int] = {"job.id": job.pk, "job.queue": job.queue, "job.attempt": job.attempts}
    span = tracing.spans.job(job.name, job.traceparent, facts)
    with tracing.tracing(job.request_id or f"job-{job.pk}", job.name), span:
        facts["job.outcome"] = outcome = _attempt(job)
    metrics.RUNS.labels(job.name, outcome).observe(time.monotonic() - began)
    return True


def _attempt(job: Job) -> str:
    """What came of it, as the metrics have it."""
    try:
        _run(job, *_go_outside(job))
    except (Exception, TooLong) as error:  # whatever it is, it is this job's failure
        return _note_failure(job, error)
    return "done"


@transaction.atomic(durable=True)
def _claim(due: JobQuerySet, now: datetime) -> Job | None:
    """Count an attempt before it begins, so that one that takes its process with it is counted too, and followed by the
    next after the same wait; with work outside, which no lock protects, not before its time is over.
    """
    job = due.select_for_update(skip_locked=True, no_key=True).first()
    if job:
        job.attempts += 1
        job.due_at = now + handlers.time_outside(job.name) + wait_after(job.attempts)
        job.save(update_fields=["attempts", "due_at"])
    return job


def _go_outside(job: Job) -> tuple[object, ...]:
    """Do what comes before the transaction, if there is something; its result for the rest, in a tuple."""
    handler = handlers.named(job.name)
    if job.attempts > handler.attempts:
        raise ProcessLost("The process of the last attempt ended before the job did.")
    if handler.outside is None:
        return ()
    # Taken now, when what enqueued the job is surely visible, so no replica that it reads from lacks that.
    token = tokens.current() if settings.REPLICAS else 0
    with time_limit(handler.time_limit), freshness(at_least=token):
        return (handler.outside(**job.ids),)


@transaction.atomic(durable=True)
def _run(job: Job, *found: object) -> None:
    """Do the work and mark it done: both are committed, or neither. The lock keeps others away, however long it takes;
    before it, an operator may have taken the job away, or somebody else begun the next attempt.
    """
    # Waits for a lock: who looks for a due row may lock this one for a moment, though it is due no longer.
    if not _mine(job).select_for_update(no_key=True).exists():
        return
    handler = handlers.named(job.name)
    with time_limit(handler.time_limit):
        handler.run(*found, **job.ids)
    _mine(job).update(state=State.DONE, finished_at=timezone.now())


def _note_failure(job: Job, error: BaseException) -> str:
    """Keep what went wrong, and decide whether there is another attempt: "failed", or else "dead".

    Idle if the job was committed after all.
    """
    now = timezone.now()
    is_last = job.attempts >= handlers.attempts(job.name)
    # What it says may name people; operators find all of it in the job's row.
    logger.log(logging.ERROR if is_last else logging.WARNING, "Job %s failed: %s", job, type(error).__name__)
    text = clean("".join(traceback.format_exception(error)))[-ERROR_LENGTH:]
    if is_last:
        _mine(job).update(error=text, state=State.DEAD, finished_at=now)
        return "dead"
    _mine(job).update(error=text, due_at=now + wait_after(job.attempts))
    return "failed"


def _mine(job: Job) -> JobQuerySet:
    """The job's row, as long as it is in the attempt that we began."""
    return Job.objects.filter(pk=job.pk, state=State.WAITING, attempts=job.attempts)


def _locked(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """Those of `jobs` that are not finished; what runs just now is locked by its runner, and left out."""
    unfinished = Job.objects.unfinished().filter(pk__in=jobs.values("pk"))
    return Job.objects.filter(pk__in=list(unfinished.select_for_update(skip_locked=True).values_list("pk", flat=True)))
