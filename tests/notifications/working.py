"""Doing the jobs that acts have left, and what people were told."""

from datetime import datetime, timedelta

from django.utils import timezone

from apps.accounts.models import User
from apps.jobs import actions as jobs
from apps.jobs.models import Job, State
from apps.notifications.models import Kind, Notification


def work(queue: str = "default", *, now: datetime | None = None) -> None:
    """Do all jobs of a queue, also those that come of them. None may fail."""
    while jobs.run_next(queue=queue, now=now or timezone.now() + timedelta(seconds=1)):
        pass
    assert list(Job.objects.exclude(error="").values_list("name", "error")) == []


def again(name: str) -> None:
    """Do the last job of this name once more, as if its mark had been lost."""
    Job.objects.filter(name=name).update(state=State.WAITING, finished_at=None, attempts=0)
    work()


def told(person: User) -> list[Kind]:
    """The kinds of what a person was told, oldest first."""
    kinds = Notification.objects.filter(recipient=person).order_by("pk").values_list("kind", flat=True)
    return [Kind(kind) for kind in kinds]


def num_unread(person: User) -> int:
    return User.objects.get(pk=person.pk).num_unread
