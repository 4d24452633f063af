"""What jobs of tests have left behind, and jobs that are made for them."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone

from apps.jobs import actions as jobs
from apps.jobs.models import Job


def names() -> list[str]:
    return sorted(Group.objects.values_list("name", flat=True))


def enqueued(name: str, **ids: Any) -> Job:
    """The job, enqueued."""
    jobs.enqueue(name, **ids)
    return Job.objects.latest("pk")


def later() -> datetime:
    """A time at which whatever waits is due."""
    return timezone.now() + timedelta(days=1)


def run(job: Job) -> Job:
    """The job after an attempt, whatever it waits for."""
    jobs.run_one(job.pk, now=later())
    job.refresh_from_db()
    return job
