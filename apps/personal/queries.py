"""Questions about what the site keeps of a person."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session

from apps.accounts.models import User
from apps.jobs.models import Job, State
from apps.personal.models import KEPT, Export

CHUNK = 1000


class Stage(StrEnum):
    """How far an export has come."""

    PREPARING = "preparing"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Progress:
    """An export, and how far it has come."""

    export: Export
    stage: Stage


def export_of(person: User, now: datetime) -> Progress | None:
    """The person's export, unless it has expired. 1 query, another one while it is being prepared."""
    export = Export.objects.filter(user=person, requested_at__gt=now - KEPT).first()
    return Progress(export, _stage(export)) if export else None


def key_of(export: Export) -> str:
    """The key of the job that prepares it."""
    return f"export:{export.pk}"


def num_sessions(person: User) -> int:
    """On how many devices the person is logged in. Reads all sessions of the site."""
    return len(session_keys(person_id=person.pk))


def session_keys(*, person_id: int) -> list[str]:
    """The person's sessions. Reads all sessions of the site, CHUNK at a time: they are stored by key alone."""
    sessions = Session.objects.iterator(chunk_size=CHUNK)
    return [found.pk for found in sessions if found.get_decoded().get(SESSION_KEY) == str(person_id)]


def _stage(export: Export) -> Stage:
    if export.ready_at:
        return Stage.READY
    is_waiting = Job.objects.filter(key=key_of(export), state=State.WAITING).exists()
    return Stage.PREPARING if is_waiting else Stage.FAILED
