"""The router: each read to a replica that has what its viewer has seen, everything else to the primary."""

from typing import Any

from django.conf import settings
from django.db import DatabaseError, connections
from django.db.models import Model

from apps.replicas import metrics, servers, state
from apps.replicas.servers import PRIMARY
from apps.replicas.state import Freshness


class Router:
    """One cluster: all aliases hold the same rows, only "default" takes writes."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        """The primary when there is a reason for it, else the replica that this request reads from."""
        alias = _alias_for_read(model, hints.get("instance"))
        metrics.READS.labels(alias).inc()
        return alias

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        """The primary. No sign of a write: Django asks whenever a new object is given a relation (hooks.py sees)."""
        return PRIMARY

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        """Rows of the same cluster, wherever each was read."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """On the primary alone: replicas repeat what it does."""
        return db == PRIMARY


def _alias_for_read(model: type[Model], instance: Model | None) -> str:
    now = state.current()
    if now is None:
        return PRIMARY
    reason = _reason_for_primary(now, model, instance)
    if reason == "atomic" or (reason and _has_primary(now)):
        metrics.FALLBACKS.labels(reason).inc()
        return PRIMARY
    if not now.chosen and servers.fleet.pick(now) == PRIMARY:
        metrics.FALLBACKS.labels("behind").inc()
        if not _has_primary(now):
            return servers.fleet.pick(now)
    return now.chosen


def _reason_for_primary(now: Freshness, model: type[Model], instance: Model | None) -> str:
    if connections[PRIMARY].in_atomic_block:
        return "atomic"
    if now.is_pinned or now.has_written:
        return "pinned"
    if instance is not None and instance._state.db == PRIMARY:
        return "instance"
    return "model" if model._meta.label_lower in settings.REPLICAS_PRIMARY_ONLY else ""


def _has_primary(now: Freshness) -> bool:
    """Whether the primary can be read from; if not, the newest replica serves the rest. A pinned request just tries."""
    primary = servers.fleet.primary
    if not now.is_relaxed and (primary.is_serving or (now.needed and primary.hope())):
        if now.is_pinned:
            return True
        try:
            primary.connect()
        except DatabaseError as error:
            servers.fleet.report(PRIMARY, error, now)
            now.failed = ""
        else:
            return True
    if now.chosen == PRIMARY:
        now.release()
    now.is_relaxed = True
    return False
