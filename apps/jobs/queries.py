"""What waits in the table of jobs. Not here: what is done about it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, Q

from apps.jobs.handlers import QUEUES
from apps.jobs.models import Job, State


@dataclass(frozen=True, slots=True)
class Depth:
    """One queue: jobs that wait, those of them that are due, the age of the oldest due one, and dead letters.

    A job that runs for longer than its wait counts as due meanwhile.
    """

    queue: str
    num_waiting: int = 0
    num_due: int = 0
    oldest_seconds: float = 0.0
    num_dead: int = 0


def depths(now: datetime) -> list[Depth]:
    """Of every queue. 1 query, through the index of what waits."""
    is_waiting = Q(state=State.WAITING)
    is_due = is_waiting & Q(due_at__lte=now)
    rows = Job.objects.unfinished().values("queue").order_by("queue")
    found = {
        row["queue"]: Depth(
            row["queue"], row["waiting"], row["due"], (now - (row["oldest"] or now)).total_seconds(), row["dead"]
        )
        for row in rows.annotate(
            waiting=Count("pk", filter=is_waiting),
            due=Count("pk", filter=is_due),
            oldest=Min("due_at", filter=is_due),
            dead=Count("pk", filter=Q(state=State.DEAD)),
        )
    }
    return [found.get(queue, Depth(queue)) for queue in QUEUES]


def last_turn_at() -> datetime | None:
    """When a turn of a scheduled job was last enqueued; None: never, or not within the week that keys are kept.

    1 query, through the index of keys.
    """
    found: datetime | None = Job.objects.filter(key__startswith="beat:").aggregate(last=Max("created_at"))["last"]
    return found
