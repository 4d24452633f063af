"""The canary's job."""

from datetime import timedelta

from django.conf import settings

from apps.canary.probing import probe
from apps.jobs.handlers import scheduled


def is_heard() -> bool:
    """Whether Prometheus asks the process that enqueues."""
    return settings.METRICS_ADDRESS is not None


@scheduled("canary.sing", every=timedelta(seconds=15), when=is_heard, outside=probe)
def sing(_: None) -> None:
    """Nothing is left to do in the transaction."""
