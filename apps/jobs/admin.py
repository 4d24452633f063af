"""Admin of jobs: how the queues stand, what waits, what has failed and why; trying again, or giving up."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from apps.core.admin import ReadOnlyAdmin
from apps.jobs import actions, queries
from apps.jobs.models import Job


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Everybody on the staff may look; administrators act on what waits or is dead."""

    list_display = ("name", "ids", "queue", "state", "attempts", "created_at", "due_at", "finished_at", "last_error")
    list_filter = ("state", "queue")
    search_fields = ("id", "key")
    actions = ("retry", "discard")

    @admin.display(description="error")
    def last_error(self, job: Job) -> str:
        """Its last line; the job's own page has all of it."""
        return job.error.rstrip().rpartition("\n")[2][:200]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, below a table of the queues."""
        return super().changelist_view(request, {"depths": queries.depths(timezone.now())} | (extra_context or {}))

    @admin.action(description="Retry now", permissions=["operate"])
    def retry(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        """Let them run at once."""
        self._act(request, jobs, actions.retry, "Jobs that will be tried again")

    @admin.action(description="Discard", permissions=["operate"])
    def discard(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        """Give them up."""
        self._act(request, jobs, actions.discard, "Discarded jobs")

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Only for administrators."""
        return request.user.is_superuser

    def _act(self, request: HttpRequest, jobs: QuerySet[Job], act: Callable[..., int], said: str) -> None:
        self.message_user(request, f"{said}: {act(jobs=jobs, now=timezone.now())} of {jobs.count()} chosen.")
