"""Asking for an export, and its end. Not here: writing it (archive.py)."""

from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.transaction import on_commit

from apps.accounts.models import User
from apps.core.errors import Conflict
from apps.jobs import actions as jobs
from apps.personal import archive
from apps.personal.models import KEPT, Export
from apps.personal.queries import Stage, export_of, key_of

# How many exports end at once.
ENDED = 100
STRAY = timedelta(days=1)


class TooSoon(Conflict):
    """An export takes its time, so there is one a day."""

    code = "too-soon"

    def __init__(self, export: Export) -> None:
        super().__init__(f"You can ask for your data again on {export.next_at:%B %-d at %H:%M} UTC.")


@transaction.atomic
def request_export(*, by: User, now: datetime) -> Export:
    """Have all data of `by` written to a file; one that is being prepared is returned. Raises TooSoon. 6 queries."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    last = export_of(by, now)
    if last and last.stage is Stage.PREPARING:
        return last.export
    if last and last.stage is Stage.READY and now < last.export.next_at:
        raise TooSoon(last.export)
    drop_export(person=by)
    export = Export.objects.create(user=by, requested_at=now)
    jobs.enqueue("personal.prepare_export", key=key_of(export), export_id=export.pk)
    return export


@transaction.atomic
def finish_export(*, export_id: int, num_bytes: int, now: datetime) -> None:
    """Let its person have it. What was written for somebody who is erased meanwhile is removed. Idempotent. 1 write."""
    if not Export.objects.filter(pk=export_id).update(ready_at=now, num_bytes=num_bytes):
        archive.remove(Export(pk=export_id))


@transaction.atomic
def drop_export(*, person: User) -> None:
    """Delete the person's export and its file. Idempotent."""
    _drop(list(Export.objects.filter(user=person)))


@transaction.atomic
def drop_expired(*, now: datetime) -> bool:
    """Delete exports that are older than KEPT, and files that belong to none; whether there may be more of them."""
    expired = list(Export.objects.filter(requested_at__lte=now - KEPT).order_by("pk")[:ENDED])
    _drop(expired)
    archive.remove_strays(before=now - STRAY)
    return bool(expired)


def _drop(exports: list[Export]) -> None:
    Export.objects.filter(pk__in=[export.pk for export in exports]).delete()
    for export in exports:
        on_commit(partial(archive.remove, export), robust=True)
