"""What runs: once, all or nothing, and what becomes of a job that fails."""

import time
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.utils import timezone

from apps.jobs import actions as jobs
from apps.jobs import handlers
from apps.jobs.handlers import ATTEMPTS, handler
from apps.jobs.models import Job, State
from tests.concurrency import at_once
from tests.jobs.names import enqueued, later, names, run
from tests.jobs.trial import tasks

pytestmark = pytest.mark.django_db
assert tasks  # registers the trial's jobs


class Hostile(Exception):
    def __str__(self) -> str:
        return "no\x00thing \ud800 " + "x" * 10_000 + " the end"


def failing(error: Exception, attempts: int = 2) -> Job:
    @handler("test.fail", attempts=attempts)
    def fail() -> None:
        Group.objects.create(name="half")
        raise error

    return enqueued("test.fail")


def test_job_runs_once() -> None:
    job = run(enqueued("trial.note", word="one"))

    run(job)

    assert (job.state, job.attempts, job.error, names()) == (State.DONE, 1, "", ["one"])
    assert job.finished_at


def test_job_that_waited_longest_runs_first_and_other_queues_wait() -> None:
    handler("test.slow", queue="slow")(lambda: None)
    slow, first, second = enqueued("test.slow"), enqueued("trial.note", word="1"), enqueued("trial.note", word="2")

    jobs.run_next(queue="default", now=later())

    states = Job.objects.in_bulk([slow.pk, first.pk, second.pk])
    assert [states[job.pk].state for job in (slow, first, second)] == [State.WAITING, State.DONE, State.WAITING]


def test_failed_job_leaves_nothing_but_its_error_and_waits() -> None:
    before = timezone.now()

    job = run(failing(ValueError("no such luck")))

    assert names() == []
    assert (job.state, job.attempts) == (State.WAITING, 1)
    assert job.error.endswith("ValueError: no such luck")
    assert before + timedelta(seconds=2.5) <= job.due_at <= timezone.now() + timedelta(seconds=5)


def test_error_that_no_database_takes_is_kept_as_it_can_be() -> None:
    job = run(failing(Hostile()))

    assert job.error.endswith("the end")
    assert len(job.error) <= jobs.ERROR_LENGTH


def test_waits_double_up_to_an_hour_and_differ() -> None:
    waits = [[jobs.wait_after(attempts).total_seconds() for _ in range(50)] for attempts in (1, 2, 5, 40, 10**6)]

    assert all(
        longest / 2 <= min(w) < max(w) <= longest for w, longest in zip(waits, (5, 10, 80, 3600, 3600), strict=True)
    )


def test_job_is_dead_after_its_last_attempt() -> None:
    job = failing(ValueError("no such luck"))

    run(job)
    run(job)
    run(job)

    assert (job.state, job.attempts) == (State.DEAD, 2)
    assert "no such luck" in job.error


def test_job_whose_code_is_gone_is_tried_as_often_as_any_then_dead() -> None:
    job = failing(ValueError())
    del handlers.registry["test.fail"]

    states = [run(job).state for _ in range(ATTEMPTS)]

    assert states == [State.WAITING] * (ATTEMPTS - 1) + [State.DEAD]
    assert "No handler is called 'test.fail'" in job.error


def test_job_whose_handler_takes_other_ids_by_now_fails() -> None:
    job = enqueued("trial.note", word="one")
    del handlers.registry["trial.note"]
    handler("trial.note")(lambda *, story_id: None)

    assert "TypeError" in run(job).error


def test_job_that_ended_its_process_each_time_is_dead_without_another_try() -> None:
    job = enqueued("trial.note", word="one")
    Job.objects.update(attempts=ATTEMPTS)

    run(job)

    assert (job.state, names()) == (State.DEAD, [])
    assert "The process of the last attempt ended" in job.error


@pytest.mark.django_db(transaction=True)
def test_work_outside_comes_first_in_no_transaction_and_hands_over_what_it_found() -> None:
    were_atomic = []

    def fetch(*, word: str) -> str:
        were_atomic.append(connection.in_atomic_block)
        return word.upper()

    @handler("test.fetch", outside=fetch)
    def keep(found: str, *, word: str) -> None:
        were_atomic.append(connection.in_atomic_block)
        Group.objects.create(name=f"{word} {found}")

    job = run(enqueued("test.fetch", word="one"))

    assert (job.state, names(), were_atomic) == (State.DONE, ["one ONE"], [False, True])


def test_nobody_begins_a_job_again_while_its_work_outside_may_go_on() -> None:
    due_again = []

    def fetch() -> None:
        due_again.append(Job.objects.get().due_at - now)

    handler("test.fetch", outside=fetch, time_limit=timedelta(minutes=3))(lambda _: None)
    enqueued("test.fetch")
    now = timezone.now()

    jobs.run_next(queue="default", now=now)

    assert due_again[0] > timedelta(minutes=3)


def test_job_whose_work_outside_fails_waits_and_writes_nothing() -> None:
    def fetch() -> None:
        raise ConnectionError("nobody there")

    @handler("test.fetch", outside=fetch)
    def keep(_: None) -> None:
        Group.objects.create(name="half")

    job = run(enqueued("test.fetch"))

    assert (job.state, job.attempts, names()) == (State.WAITING, 1, [])
    assert job.due_at < later()
    assert "nobody there" in job.error


def test_what_was_found_outside_is_dropped_when_somebody_else_took_the_job() -> None:
    def fetch() -> None:
        Job.objects.update(attempts=2)

    @handler("test.fetch", outside=fetch)
    def keep(_: None) -> None:
        Group.objects.create(name="late")

    job = run(enqueued("test.fetch"))

    assert (job.state, names()) == (State.WAITING, [])


@pytest.mark.django_db(transaction=True)
def test_handler_that_takes_too_long_is_ended() -> None:
    @handler("test.loop", time_limit=timedelta(seconds=0.5))
    def loop() -> None:
        Group.objects.create(name="half")
        while True:
            try:
                time.sleep(0.001)
            except Exception:  # as careless handlers do
                continue

    job = run(enqueued("test.loop"))

    assert (job.state, job.attempts, names()) == (State.WAITING, 1, [])
    assert "TooLong" in job.error


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no query that waits")
def test_query_that_takes_too_long_is_ended() -> None:
    @handler("test.query", time_limit=timedelta(seconds=0.1))
    def query() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(60)")

    job = run(enqueued("test.query"))

    assert job.state == State.WAITING
    assert "statement timeout" in job.error or "TooLong" in job.error
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


@pytest.mark.django_db(transaction=True)
def test_many_runners_at_once_run_each_job_once() -> None:
    words = [f"{number:02}" for number in range(24)]
    for word in words:
        jobs.enqueue("trial.note", word=word)

    def work() -> None:
        while Job.objects.due(timezone.now()).exists():
            jobs.run_next(queue="default", now=timezone.now())

    at_once([work] * 4)

    assert names() == words
    assert set(Job.objects.values_list("state", "attempts")) == {(State.DONE, 1)}


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="on SQLite others wait until the job is done")
def test_job_that_runs_is_left_alone() -> None:
    answers: list[object] = []

    @handler("test.long")
    def long() -> None:
        chosen = Job.objects.all()
        now = later()
        for act in (
            lambda: jobs.run_one(job.pk, now=now),
            lambda: jobs.retry(jobs=chosen, now=now),
            lambda: jobs.discard(jobs=chosen, now=now),
        ):
            answers.extend(at_once([act]))

    job = enqueued("test.long")
    run(job)

    assert answers == [False, 0, 0]
    assert (job.state, job.attempts) == (State.DONE, 1)


@pytest.mark.django_db(transaction=True)
def test_job_does_not_run_inside_a_transaction() -> None:
    job = enqueued("trial.note", word="one")

    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        jobs.run_one(job.pk, now=later())


def test_finished_jobs_are_forgotten_after_a_week_and_dead_ones_are_not() -> None:
    now = timezone.now()
    for age in (6, 8):
        for state in State.values:
            finished = None if state == State.WAITING else now - timedelta(days=age)
            Job.objects.create(name=state, state=state, finished_at=finished, created_at=now, due_at=later())

    run(enqueued("jobs.forget_finished"))

    kept = Job.objects.exclude(name="jobs.forget_finished").order_by("name")
    assert [job.name for job in kept] == ["dead", "dead", "discarded", "done", "waiting", "waiting"]
