"""The doctor's round: all that is looked at, in the order in which it is told."""

from collections.abc import Iterator

from apps.observability import health
from apps.observability.doctor import machine, servers, setup, work
from apps.observability.doctor.findings import Finding, error, fine, warning


def examine(*, mail_to: str = "") -> Iterator[Finding]:
    """Look at everything; nothing is changed but for files made and removed, and a mail to `mail_to`, if given.

    What needs tables is left out without them. Each server that does not answer takes some seconds.
    """
    yield from setup.settings_()
    yield from setup.packages()
    yield from setup.static_files()
    yield from machine.disks()
    yield from machine.directories()
    yield from machine.secrets()
    yield from servers.primary()
    yield from servers.redis_()
    yield from servers.broker()
    yield from servers.mail(mail_to)
    found = health.look()
    yield from (error("site", sentence) for sentence in found.missing)
    yield from (warning("site", sentence) for sentence in found.degraded)
    if found.missing or servers.is_out_of_reach():
        return
    yield from servers.replicas()
    yield from work.jobs()
    if not found.degraded:
        yield fine("site", f"ready, {found.mode}")
