"""Watches the servers: one daemon thread for each, so that a frozen one delays no other.

Started in each process that serves requests, after the fork. It alone takes in what was put out. Each thread rests
on its idle connection, so that it hears the end of a killed server at once, not at the next round.
"""

import random
import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from math import nan
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections

from apps.replicas import addresses, links, metrics, servers, tokens
from apps.replicas.links import Link
from apps.replicas.servers import Fleet, Server

ROUND_SECONDS = 1.0
ANSWER_SECONDS = 1.0
# Neither the prober's beat nor its questions may wait long; a lost heartbeat is no loss.
OPTIONS = "-c statement_timeout=1s -c lock_timeout=500ms -c synchronous_commit=off -c application_name=prober"
FAILURES_OUT = 2
SUCCESSES_IN = 3
LAG_IN_SECONDS = 3.0
# All processes beat; the row lets one of them through each second. No leader, so none can freeze in office.
BEAT = """
    WITH now AS (
        SELECT clock_timestamp() AS at,
               ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::bigint AS timeline
    ),
    beaten AS (
        UPDATE replicas_heartbeat SET beaten_at = now.at, timeline = now.timeline FROM now
        WHERE replicas_heartbeat.timeline <> now.timeline
           OR beaten_at NOT BETWEEN now.at - interval '900 milliseconds' AND now.at
        RETURNING 1
    )
    INSERT INTO replicas_heartbeat (id, beaten_at, timeline)
    SELECT 1, now.at, now.timeline FROM now WHERE NOT EXISTS (SELECT FROM replicas_heartbeat) ON CONFLICT DO NOTHING
"""
PRIMARY = "SELECT beaten_at, pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') FROM replicas_heartbeat"
REPLICA = f"""
    SELECT pg_is_in_recovery(), (SELECT beaten_at FROM replicas_heartbeat), position.*
    FROM ({links.POSITION}) AS position (timeline, replayed)
"""  # noqa: S608 (constants)


def start() -> None:
    """Watch the fleet from this process on; without replicas, nothing."""
    fleet = servers.fleet
    if not fleet.replicas:
        return
    primary = PrimaryProber(fleet.primary, fleet)
    for prober in [primary, *(ReplicaProber(server, fleet, primary) for server in fleet.replicas)]:
        prober.start()
    fleet.is_watched = True


class Prober(threading.Thread):
    """Looks at one server each second, and puts it out or takes it in."""

    successes_in = 1

    def __init__(self, server: Server, fleet: Fleet) -> None:
        super().__init__(name=f"prober-{server.alias}", daemon=True)
        self.server = server
        self.fleet = fleet
        self.link: Link | None = None
        self.failures = 0
        self.successes = 0

    def run(self) -> None:
        """Look and rest, for ever."""
        metrics.SERVING.labels(self.server.alias).set(self.server.is_serving)
        while True:
            self.round()
            self.rest()

    def round(self) -> None:
        """Look once, and judge."""
        self.server.is_hoped_for.clear()
        try:
            if self.link is None:
                self.link = addresses.open_link(connections.settings[self.server.alias], OPTIONS)
            with _answering(self.link):
                problem = self.look(self.link)
        except psycopg.Error as error:
            self.part()
            problem = str(error).strip() or type(error).__name__
        self.judge(problem)
        self.server.end_look()

    def look(self, link: Link) -> str:
        """What is wrong with the server, in words; empty for nothing. Raises psycopg.Error."""
        raise NotImplementedError

    def judge(self, problem: str) -> None:
        """Put the server out, or take it in, when it has failed or done well often enough."""
        self.failures = self.failures + 1 if problem else 0
        self.successes = 0 if problem or self.server.is_serving else self.successes + 1
        if self.server.is_serving and self.failures >= FAILURES_OUT:
            self.server.put_out(problem)
        elif not self.server.is_serving and self.successes >= self.successes_in:
            self.server.take_in()

    def rest(self) -> None:
        """Wait for the next round, or until the connection ends."""
        seconds = ROUND_SECONDS * random.uniform(0.9, 1.1)  # noqa: S311 (jitter)
        if self.link is None:
            # Sure at once after a lost connection, patient with a server that is gone.
            self.server.is_hoped_for.wait(seconds if self.failures >= FAILURES_OUT else 0.01)
        else:
            line = select.poll()
            line.register(self.link.fileno(), select.POLLIN)
            line.poll(seconds * 1000)

    def part(self) -> None:
        """Leave the connection."""
        if self.link is not None:
            self.link.close()
            self.link = None


class PrimaryProber(Prober):
    """Writes the heartbeat, which shows that the primary takes writes."""

    beaten_at: datetime | None = None
    position = 0

    def look(self, link: Link) -> str:
        """Beat, and note when and where the primary is."""
        link.execute(BEAT)
        row = link.execute(PRIMARY).fetchone()
        if row is not None:
            self.beaten_at, self.position = row[0], int(row[1])
        return ""


class ReplicaProber(Prober):
    """Measures how far a replica is, and how old what it shows."""

    successes_in = SUCCESSES_IN

    def __init__(self, server: Server, fleet: Fleet, primary: PrimaryProber) -> None:
        super().__init__(server, fleet)
        self.primary = primary

    def look(self, link: Link) -> str:
        """Note position and lag; a promoted or late replica has a problem."""
        epoch = self.server.epoch
        row: Any = link.execute(REPLICA).fetchone()
        is_replica, beaten_at, timeline, replayed = row
        self.note(tokens.token(int(timeline), int(replayed)), epoch)
        lag = self.lag(beaten_at)
        metrics.LAG.labels(self.server.alias).set(lag)
        metrics.BEHIND.labels(self.server.alias).set(max(0, self.primary.position - int(replayed)))
        if not is_replica:
            self.failures = FAILURES_OUT  # its history may part from ours any moment
            return "it was promoted"
        limit = settings.REPLICAS_LAG_LIMIT if self.server.is_serving else LAG_IN_SECONDS
        return f"it is {lag:.1f} s late" if lag > limit else ""

    def part(self) -> None:
        """Leave the connection; how late the replica is, nobody knows."""
        super().part()
        metrics.LAG.labels(self.server.alias).set(nan)
        metrics.BEHIND.labels(self.server.alias).set(nan)

    def note(self, position: int, epoch: int) -> None:
        """Raise the bound; drop it when the server has gone back."""
        if position < self.server.known:
            self.server.begin(position, epoch)
        else:
            self.server.learn(position, epoch)

    def lag(self, beaten_at: datetime | None) -> float:
        """Seconds between the primary's last beat and the replica's: by one clock, and at rest with the primary."""
        if self.primary.beaten_at is None:
            return 0.0
        if beaten_at is None:
            return float("inf")
        return max(0.0, (self.primary.beaten_at - beaten_at).total_seconds())


@contextmanager
def _answering(link: Link) -> Iterator[None]:
    """Cut the connection when the block has not ended in ANSWER_SECONDS: a frozen server says nothing."""
    watchdog = threading.Timer(ANSWER_SECONDS, links.cut, [link])
    watchdog.daemon = True
    watchdog.start()
    try:
        yield
    finally:
        watchdog.cancel()
