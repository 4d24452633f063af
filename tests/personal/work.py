"""Jobs done as a runner does them, whatever they wait for."""

from apps.jobs import actions as jobs
from apps.jobs.models import Job, State
from tests.jobs.names import later


def run_all() -> list[str]:
    """Run all jobs that wait, and those that they enqueue; their names. Fails when one of them does."""
    names = []
    while job := Job.objects.filter(state=State.WAITING).order_by("pk").first():
        jobs.run_one(job.pk, now=later())
        job.refresh_from_db()
        assert job.state == State.DONE, job.error
        names.append(job.name)
    return names
