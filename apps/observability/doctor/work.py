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
    problems = [*_silence(queries.last_turn_at(), now), *_late(depths)]
    yield from problems
    if num_dead := sum(depth.num_dead for depth in depths):
        yield warning("jobs", f"{num_dead} dead letters", "Read their errors in the admin, then retry or discard them.")
    elif not problems:
        yield fine("jobs", f"{sum(depth.num_waiting for depth in depths)} wait, the oldest due one is taken in time")


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
