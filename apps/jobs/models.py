"""The table of jobs. Not here: what jobs do (each app's tasks.py)."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from apps.core import tracing


class State(models.TextChoices):
    """What has become of a job; one that is running counts as waiting until it is committed."""

    WAITING = "waiting"
    DONE = "done"
    DEAD = "dead"
    DISCARDED = "discarded"


class JobQuerySet(models.QuerySet["Job"]):
    """Jobs by what is to be done with them."""

    def due(self, now: datetime) -> Self:
        """Those that wait for a runner, longest first."""
        return self.filter(state=State.WAITING, due_at__lte=now).order_by("due_at", "pk")

    def unfinished(self) -> Self:
        """Those that wait, or have failed for good."""
        return self.filter(state__in=[State.WAITING, State.DEAD])


class Job(models.Model):
    """Call the handler `name` with `ids`, once, not before `due_at`.

    `attempts` counts those that were begun; `error` is what the last failed one said. A `key` is never used twice.
    `traceparent` names the span that enqueued it, if there was one.
    """

    name = models.CharField(max_length=100)
    queue = models.CharField(max_length=20)
    key = models.CharField(max_length=200, unique=True, null=True, blank=True)
    ids = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    request_id = models.CharField(max_length=tracing.LENGTH, blank=True, default="", db_default="")
    traceparent = models.CharField(max_length=55, blank=True, default="", db_default="")
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "queue", "due_at", "id"], name="jobs_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=State.WAITING, finished_at=None) | ~Q(state=State.WAITING) & ~Q(finished_at=None),
                name="jobs_waiting_or_finished",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"
