"""What Prometheus sees: how the queues stand, and what came of each attempt."""

from datetime import timedelta

import pytest
from django.utils import timezone
from prometheus_client import REGISTRY

from apps.jobs.handlers import handler
from apps.jobs.models import Job, State
from apps.jobs.queries import Depth, depths
from apps.jobs.sweeping import sweep
from tests.conftest import CountQueries
from tests.jobs.names import enqueued, run
from tests.jobs.trial import tasks

pytestmark = pytest.mark.django_db
assert tasks  # registers the trial's jobs


def value(metric: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(metric, labels) or 0.0


def test_queues_are_counted_in_one_query(count_queries: CountQueries) -> None:
    now = timezone.now()
    for minutes in (-2, -1, 1):
        job = enqueued("trial.note", word="one")
        Job.objects.filter(pk=job.pk).update(due_at=now + timedelta(minutes=minutes))
    Job.objects.filter(pk=enqueued("trial.note", word="one").pk).update(state=State.DEAD, finished_at=now)
    Job.objects.filter(pk=enqueued("trial.note", word="one").pk).update(state=State.DONE, finished_at=now)

    with count_queries() as queries:
        found = depths(now)

    assert found == [Depth("fast"), Depth("default", 3, 2, 120.0, 1), Depth("slow")]
    assert len(queries) == 1


def test_sweep_says_how_the_queues_stand() -> None:
    job = enqueued("trial.note", word="one")
    Job.objects.filter(pk=job.pk).update(due_at=timezone.now() - timedelta(minutes=1))

    sweep()

    assert value("jobs_waiting", queue="default") == 1
    assert value("jobs_oldest_due_seconds", queue="default") >= 60
    assert value("jobs_oldest_due_seconds", queue="slow") == 0
    run(job)
    sweep()
    assert value("jobs_oldest_due_seconds", queue="default") == 0


def test_each_attempt_is_counted_by_what_came_of_it() -> None:
    @handler("test.metric", attempts=2)
    def fail_twice() -> None:
        raise ValueError

    def counts() -> list[float]:
        labels = [{"name": "test.metric", "outcome": outcome} for outcome in ("done", "failed", "dead")]
        return [value("jobs_run_seconds_count", **label) for label in labels]

    before = counts()
    job = enqueued("test.metric")
    run(job)
    run(job)

    assert [after - was for after, was in zip(counts(), before, strict=True)] == [0, 1, 1]
