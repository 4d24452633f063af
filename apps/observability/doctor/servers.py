"""The servers that the site needs: who they are, whether they let it in, whether their clocks agree with ours."""

import smtplib
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import redis
from django.conf import settings
from django.core import mail as mailing
from django.core.cache import cache
from django.db import DatabaseError, connection
from kombu import Connection
from redis.exceptions import RedisError

from apps.observability.doctor.findings import Finding, error, fine, first_line, warning
from apps.observability.doctor.setup import is_public
from apps.replicas import addresses, checks

# What jobs and signed links bear; beyond the second, passwords by time (TOTP) and new sessions fail.
SKEW_SECONDS = 2.0
FALSE_SECONDS = 30.0
# Idle replicas are some bytes behind at most.
BEHIND_BYTES = 16 * 1024 * 1024
BUSY_SHARE = 0.8
PATIENCE_SECONDS = 2
PRIMARY = """
    SELECT pg_is_in_recovery(), (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
           current_setting('max_connections')::int, extract(epoch FROM clock_timestamp())
"""
POSITION = """
    SELECT (SELECT beaten_at FROM replicas_heartbeat), pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')
"""
REPLICA = """
    SELECT (SELECT beaten_at FROM replicas_heartbeat), pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0'),
           pg_is_wal_replay_paused(), EXISTS (SELECT FROM pg_stat_wal_receiver)
"""


def primary() -> Iterator[Finding]:
    """Whether the database lets us in and takes writes, its version, its connections, its clock."""
    try:
        connection.ensure_connection()
        version, needed = connection.get_database_version(), connection.features.minimum_database_version
        name = f"{connection.display_name} {_dotted(version)}"
        if needed and version < needed:
            yield error("database", f"{name} is too old", f"Move to {_dotted(needed)} or newer.")
        else:
            yield fine("database", f"{name} lets us in")
        if connection.vendor == "postgresql":
            yield from _postgresql()
    except DatabaseError as problem:
        yield error("database", first_line(problem), "Start it, or correct DATABASE_URL.")


def is_out_of_reach() -> bool:
    """Whether the database lets nobody in."""
    try:
        connection.ensure_connection()
    except DatabaseError:
        return True
    return False


def replicas() -> Iterator[Finding]:
    """Whether each replica is one, of this primary, named once, and close behind it. 1 connection to each, and one."""
    if not settings.REPLICAS:
        return
    if wrong := checks.problems(settings.DATABASES):
        yield from (error("replicas", sentence) for sentence in wrong)
        return
    with connection.cursor() as cursor:
        cursor.execute(POSITION)
        beaten_at, position = cursor.fetchone()
    for alias in settings.REPLICAS:
        yield _replica(alias, beaten_at, int(position))


def redis_() -> Iterator[Finding]:
    """Whether the cache answers, and its clock."""
    if not settings.REDIS_URL:
        return
    client: Any = cache.client.get_client()  # type: ignore[attr-defined]  # django-redis's own
    try:
        yield fine("redis", f"Redis {client.info('server')['redis_version']} lets us in")
        yield _clock("Redis", lambda: _seconds(*client.time()))
    except RedisError as problem:
        yield error(
            "redis", first_line(problem), "Start it, or correct REDIS_URL: pages are rendered for each visitor."
        )


def broker() -> Iterator[Finding]:
    """Whether the broker lets us in, and keeps what it is told."""
    if not settings.BROKER_URL:
        return
    try:
        with Connection(settings.BROKER_URL, connect_timeout=PATIENCE_SECONDS) as link:
            link.ensure_connection(max_retries=1, timeout=PATIENCE_SECONDS)
        policy = _policy()
    except Exception as problem:  # of whatever library
        yield error(
            "broker", first_line(problem), "Start it, or correct BROKER_URL: jobs wait until the sweep finds it."
        )
        return
    if settings.BROKER_URL == settings.REDIS_URL:
        yield warning("broker", "is the cache's Redis", "Give it a Redis of its own, which drops nothing.")
    elif policy not in {"", "noeviction"}:
        yield warning("broker", f"drops messages when it is full ({policy})", "Set maxmemory-policy noeviction.")
    else:
        yield fine("broker", "lets us in")


def mail(mail_to: str) -> Iterator[Finding]:
    """Whether the mail server takes our name and password (connect, EHLO, TLS, log-in); sends only to `mail_to`."""
    if "smtp" not in settings.EMAIL_BACKEND.lower():
        advice = "Set EMAIL_BACKEND=smtp and EMAIL_HOST: nobody can confirm an address."
        yield warning("mail", "is only printed", advice) if is_public() else fine("mail", "is only printed")
        return
    place = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        with mailing.get_connection() as link:
            if mail_to:
                words = f"{settings.SITE_NAME} at {settings.SITE_URL} can send mail."
                mailing.EmailMessage("A trial of mail", words, to=[mail_to], connection=link).send()
    except (OSError, smtplib.SMTPException) as problem:
        yield error("mail", f"{place}: {first_line(problem)}", "Start it, or correct the variables EMAIL_….")
        return
    if not settings.EMAIL_USE_TLS and settings.EMAIL_HOST not in {"localhost", "127.0.0.1"}:
        yield warning("mail", f"{place} gets mail and password in the clear", "Set EMAIL_USE_TLS=1.")
    else:
        yield fine("mail", f"{place} took a mail to {mail_to}" if mail_to else f"{place} lets us in")


def _postgresql() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        began = time.time()
        cursor.execute(PRIMARY)
        is_replica, num_used, num_allowed, there = cursor.fetchone()
    if is_replica:
        yield error("database", "is a replica, which takes no writes", "Name the primary in DATABASE_URL.")
    if num_used > BUSY_SHARE * num_allowed:
        advice = "Raise max_connections, lower WEB_THREADS, or put pgbouncer before it (docs/operations.md)."
        yield warning("database", f"{num_used} of {num_allowed} connections are taken", advice)
    yield _clock("the database", lambda: float(there), began)


def _replica(alias: str, beaten_at: Any, position: int) -> Finding:
    try:
        with addresses.open_link(settings.DATABASES[alias]) as link:
            row: Any = link.execute(REPLICA).fetchone()
    except psycopg.Error as problem:
        return warning(alias, first_line(problem), "Reads go elsewhere meanwhile. Start it, or leave it out.")
    shown_at, replayed, is_paused, is_receiving = row
    late = max(0.0, (beaten_at - shown_at).total_seconds()) if beaten_at and shown_at else 0.0
    behind = max(0, position - int(replayed))
    state = f"{late:.1f} s and {behind / 1e6:.1f} MB behind"
    if is_paused:
        return warning(alias, f"replays nothing, {state}", "Let it go on: SELECT pg_wal_replay_resume().")
    if not is_receiving:
        return warning(alias, f"receives nothing, {state}", "Look into its log; see primary_conninfo and its slot.")
    if late > settings.REPLICAS_LAG_LIMIT or behind > BEHIND_BYTES:
        return warning(alias, state, "It takes no reads that need more. Look for long queries there, and at its disk.")
    return fine(alias, f"follows the primary, {state}")


def _clock(whose: str, ask: Callable[[], float], began: float | None = None) -> Finding:
    """Compare at the middle of the question, since the answer takes its time."""
    began = time.time() if began is None else began
    there = ask()
    skew = there - (began + time.time()) / 2
    text = f"that of {whose} is {abs(skew):.2f} s {'ahead' if skew > 0 else 'behind'}"
    advice = "Let chrony or systemd-timesyncd keep the time on all machines."
    if abs(skew) > FALSE_SECONDS:
        return error("clock", text, advice)
    return warning("clock", text, advice) if abs(skew) > SKEW_SECONDS else fine("clock", text)


def _seconds(seconds: int, microseconds: int) -> float:
    return seconds + microseconds / 1e6


def _policy() -> str:
    """What a Redis that is a broker does when it is full; "" where nobody may ask."""
    if not settings.BROKER_URL.startswith("redis"):
        return ""
    client: Any
    with redis.Redis.from_url(settings.BROKER_URL, socket_timeout=PATIENCE_SECONDS) as client:
        try:
            return str(client.config_get("maxmemory-policy").get("maxmemory-policy", ""))
        except redis.exceptions.ResponseError:
            return ""


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
