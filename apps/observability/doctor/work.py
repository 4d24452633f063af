"""Whether somebody does the work that is promised."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from apps.jobs import queries
from apps.jobs.queries import Depth
from apps.observability.doctor.findings import Finding, error, fine, warning

# As docs/jobs.md says when to alert.
LATE_SECONDS = {"fast": 60, "default": 300, "slow": 300}
# Several turns of the most frequent scheduled jobs.
LONGEST_SILENCE = timedelta(minutes=5)
START = "Start manage.py run_jobs, or with BROKER_URL workers and schedulers (docs/operations.md)."


def jobs() -> Iterator[Finding]:
    """Whether jobs are taken and scheduled ones enqueued, and whether any have failed for good. 2 queries."""
    now = timezone.now()
    depths = queries.depths(now)
    problems = list(judge(depths, queries.last_turn_at(), now))
    yield from problems
    if not problems:
        yield fine("jobs", f"{sum(depth.num_waiting for depth in depths)} wait, the oldest due one is taken in time")


def judge(depths: list[Depth], last_turn_at: datetime | None, now: datetime) -> Iterator[Finding]:
    """What is wrong with the queues."""
    yield from _silence(last_turn_at, now)
    yield from _late(depths)
    if num_dead := sum(depth.num_dead for depth in depths):
        yield warning("jobs", f"{num_dead} dead letters", "Read their errors in the admin, then retry or discard them.")


def _silence(last: datetime | None, now: datetime) -> Iterator[Finding]:
    if last is None:
        yield warning("jobs", "no scheduled job was ever enqueued", START)
    elif now - last > LONGEST_SILENCE:
        yield error("jobs", f"the last scheduled one was enqueued at {last:%Y-%m-%d %H:%M} UTC", START)


def _late(depths: list[Depth]) -> Iterator[Finding]:
    for depth in depths:
        if depth.oldest_seconds > LATE_SECONDS[depth.queue]:
            text = f"the queue {depth.queue} waits for {depth.oldest_seconds:.0f} s, {depth.num_due} are due"
            yield error("jobs", text, START)
