"""Refuses addresses that cannot be what they are given as. A server that is down is no reason: the site starts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings
from django.core.checks import CheckMessage, Error

from apps.replicas import addresses

PRIMARY_VARIABLE = "DATABASE_URL"
VARIABLE = "DATABASE_REPLICA_URLS"
IDENTITY = """
    SELECT (SELECT system_identifier FROM pg_control_system()), pg_postmaster_start_time()::text || inet_server_port(),
           pg_is_in_recovery()
"""
# Wrong password, wrong or forbidden user, no such database.
REFUSED = ("28P01", "28000", "3D000")


@dataclass(frozen=True, slots=True)
class Identity:
    """`cluster` is the same on a primary and its replicas; `life` is one start of one server."""

    cluster: str
    life: str
    is_replica: bool


def check_addresses(databases: Iterable[str] | None, **_: Any) -> list[CheckMessage]:
    """Django's check, run by `migrate` and `check --database default`."""
    configs = dict(settings.DATABASES) if databases and "default" in databases else {}
    return [Error(sentence, id="replicas.E001") for sentence in problems(configs)]


def problems(configs: Mapping[str, dict[str, Any]]) -> list[str]:
    """A sentence for each address that is wrong. One connection to each server; none without replicas."""
    found: list[str] = []
    seen: dict[str, str] = {}
    primary = identity(configs["default"]) if len(configs) > 1 else None
    if isinstance(primary, str):
        found.append(f"{PRIMARY_VARIABLE}: {_place(configs['default'])} {_closed(primary)}")
    for alias, config in configs.items():
        if alias != "default":
            name = f"{VARIABLE}: {_place(config)}"
            known = identity(config)
            if problem := _problem(known, primary, seen):
                found.append(f"{name} {problem}")
            if isinstance(known, Identity):
                seen.setdefault(known.life, name)
    return found


def identity(config: dict[str, Any]) -> Identity | str | None:
    """Who answers at an address; the server's words when it lets nobody in; None when it does not answer."""
    try:
        with addresses.open_link(config) as link:
            row = link.execute(IDENTITY).fetchone()
    except psycopg.OperationalError as error:
        words = str(error).strip()
        # While connecting, libpq tells no SQLSTATE: only the words are left.
        is_refused = error.sqlstate in REFUSED or ("FATAL" in words and "starting up" not in words)
        return words if is_refused else None
    assert row is not None  # noqa: S101 (a query without FROM has one row)
    return Identity(str(row[0]), str(row[1]), bool(row[2]))


def _problem(known: Identity | str | None, primary: Identity | str | None, seen: Mapping[str, str]) -> str:
    if known is None:
        return ""
    if isinstance(known, str):
        return _closed(known)
    if not known.is_replica:
        return "is a primary, but must be a streaming replica of DATABASE_URL. Leave it out."
    if isinstance(primary, Identity) and known.cluster != primary.cluster:
        return "is a replica of another cluster. Make it anew from DATABASE_URL's server with pg_basebackup."
    if known.life in seen:
        return "is the same server as an address before it. Name each server once."
    return ""


def _closed(words: str) -> str:
    return f"lets nobody in: {words}. Set a user, a password and a database that exist there."


def _place(config: dict[str, Any]) -> str:
    return f"{config['HOST']}:{config['PORT'] or 5432}/{config['NAME']}"
