"""From a job to the request that caused it."""

import pytest

from apps.core import tracing
from apps.jobs import actions as jobs
from apps.jobs.handlers import handler
from apps.jobs.models import Job
from tests.jobs.names import enqueued, run
from tests.jobs.trial import tasks

pytestmark = pytest.mark.django_db
assert tasks  # registers the trial's jobs


def test_job_runs_under_the_id_of_its_request_and_so_do_those_that_it_enqueues() -> None:
    seen = []

    @handler("test.trace", outside=lambda: seen.append(tracing.current()))
    def trace(_: None) -> None:
        seen.append(tracing.current())
        jobs.enqueue("trial.note", word="one")

    with tracing.tracing("0123456789abcdef"):
        job = enqueued("test.trace")
    run(job)

    assert seen == ["0123456789abcdef"] * 2
    assert Job.objects.get(name="trial.note").request_id == "0123456789abcdef"
    assert tracing.current() == ""


def test_job_that_nobody_asked_for_gives_its_own_name_to_what_it_causes() -> None:
    @handler("test.trace")
    def trace() -> None:
        jobs.enqueue("trial.note", word="one")

    job = run(enqueued("test.trace"))

    assert Job.objects.get(name="trial.note").request_id == f"job-{job.pk}"
