"""The jobs of personal data."""

from datetime import timedelta

from django.utils import timezone

from apps.jobs.handlers import handler, scheduled
from apps.personal import archive, queries
from apps.personal.actions import erasure, exports, retention

LONG = timedelta(minutes=10)


@handler("personal.prepare_export", queue="slow", attempts=5, time_limit=LONG, outside=archive.write)
def prepare_export(num_bytes: int, *, export_id: int) -> None:
    """Write down that an export is ready."""
    exports.finish_export(export_id=export_id, num_bytes=num_bytes, now=timezone.now())


@handler("personal.erase", queue="slow")
def erase(*, person_id: int, with_texts: int) -> None:
    """Erase a step of what is left of a person, and have the next one done."""
    erasure.erase_some(person_id=person_id, with_texts=bool(with_texts), now=timezone.now())


@handler("personal.end_sessions", queue="default", time_limit=LONG, outside=queries.session_keys)
def end_sessions(keys: list[str], *, person_id: int) -> None:
    """Delete what the site remembers of a person's log-ins."""
    erasure.end_sessions(keys=keys)


@scheduled("personal.forget", every=timedelta(hours=1), queue="slow")
def forget() -> None:
    """End a step of what has been kept long enough, and have the next one done."""
    retention.forget_some(now=timezone.now())
