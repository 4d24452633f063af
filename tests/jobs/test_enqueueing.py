"""What is enqueued: with its transaction, once for each key, and nothing that could not be run."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from apps.jobs import actions as jobs
from apps.jobs.handlers import UnknownJob, handler
from apps.jobs.models import Job, State
from tests.concurrency import at_once
from tests.conftest import CountQueries
from tests.jobs.names import enqueued, names, run
from tests.jobs.trial import tasks

pytestmark = pytest.mark.django_db
assert tasks  # registers the trial's jobs


def test_job_of_a_transaction_that_is_rolled_back_never_was() -> None:
    with transaction.atomic():
        jobs.enqueue("trial.note", word="one")
        transaction.set_rollback(True)

    assert not Job.objects.exists()


def test_same_key_twice_is_one_job_and_the_transaction_goes_on() -> None:
    with transaction.atomic():
        jobs.enqueue("trial.note", key="k", word="one")
        jobs.enqueue("trial.note", key="k", word="two")
        jobs.enqueue("trial.note", word="three")

    assert [job.ids["word"] for job in Job.objects.order_by("pk")] == ["one", "three"]


def test_jobs_with_the_same_ids_are_one_insert(count_queries: CountQueries) -> None:
    with count_queries() as queries:
        jobs.enqueue("trial.note", "trial.keep", word="one")

    assert len([query for query in queries if "SAVEPOINT" not in query]) == 1
    assert [(job.name, job.queue, job.ids) for job in Job.objects.order_by("pk")] == [
        ("trial.note", "default", {"word": "one"}),
        ("trial.keep", "fast", {"word": "one"}),
    ]


def test_one_key_for_several_jobs_is_refused() -> None:
    with pytest.raises(ValueError, match="one job"):
        jobs.enqueue("trial.note", "trial.keep", key="k", word="one")


def test_key_is_taken_after_its_job_is_done() -> None:
    job = run(enqueued("trial.note", key="k", word="one"))

    jobs.enqueue("trial.note", key="k", word="two")

    assert job.state == State.DONE
    assert Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_same_key_by_many_at_once_is_one_job() -> None:
    def enqueue() -> None:
        with transaction.atomic():
            jobs.enqueue("trial.note", key="k", word="one")

    at_once([enqueue] * 8)

    assert Job.objects.count() == 1


def test_job_runs_not_before_its_time() -> None:
    now = timezone.now()
    jobs.enqueue("trial.note", not_before=now + timedelta(minutes=1), word="one")

    early = jobs.run_next(queue="default", now=now)
    in_time = jobs.run_next(queue="default", now=now + timedelta(minutes=1))

    assert (early, in_time, names()) == (False, True, ["one"])


def test_unknown_name_is_refused() -> None:
    with pytest.raises(UnknownJob, match=r"trial\.nothing"):
        jobs.enqueue("trial.nothing", word="one")


@pytest.mark.parametrize("ids", [{}, {"story_id": 1}, {"word": "one", "other": 2}])
def test_ids_that_the_handler_does_not_take_are_refused(ids: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        jobs.enqueue("trial.note", **ids)


@pytest.mark.parametrize(
    "word",
    [2**63, -(2**70), "x" * 201, "a\x00b", "\ud800", "two\nlines", 1.5, None, float("nan"), b"one", {"a": 1}, [1]],
)
def test_ids_that_no_database_has_are_refused(word: Any) -> None:
    with pytest.raises(ValueError, match="word must be"):
        jobs.enqueue("trial.note", word=word)

    assert not Job.objects.exists()


@pytest.mark.parametrize("key", ["x" * 201, "a\x00b"])
def test_malformed_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="key must be"):
        jobs.enqueue("trial.note", key=key, word="one")


@pytest.mark.parametrize("word", [2**63 - 1, -(2**63 - 1), 0, "x" * 200, "ß 🌊"])
def test_largest_ids_arrive_as_they_are(word: Any) -> None:
    arrived = []
    handler("test.keep")(lambda *, word: arrived.append(word))

    run(enqueued("test.keep", word=word))

    assert arrived == [word]
