"""Looking after the queues: telling workers once more of what nobody has taken, and saying how it stands."""

from django.conf import settings
from django.utils import timezone

from apps.jobs import metrics, queries, transport

# A worker that was told has begun by then, unless all are busy.
LATE_SECONDS = 1.0


def sweep() -> bool:
    """Tell of due jobs that nobody has taken: the message was lost, or it is time for them. Any number may sweep.

    False: there is nothing more to do at once. 1 query.
    """
    for depth in queries.depths(timezone.now()):
        metrics.OLDEST.labels(depth.queue).set(depth.oldest_seconds)
        metrics.WAITING.labels(depth.queue).set(depth.num_waiting)
        metrics.DEAD.labels(depth.queue).set(depth.num_dead)
        if settings.JOBS_TRANSPORT and depth.oldest_seconds > LATE_SECONDS:
            transport.refill(depth.queue, depth.num_due)
    return False
