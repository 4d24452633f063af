"""What this process knows of each server, and which one serves a read.

A server's `known` is a lower bound of what it has replayed, so a read usually needs no question. The bound holds for
one life of the server: a standby that restarts after a crash may show less than before. Every connection dies with
the server, so the first thing that a new connection does is to measure, which opens a new `epoch`; measurements
that began in an earlier epoch no longer count.
"""

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Set
from functools import partial

from django.conf import settings
from django.db import DatabaseError

from apps.replicas import failures, links, metrics
from apps.replicas.state import Freshness

PRIMARY = "default"
# So many lost connections in so many seconds put a server out.
BREAKER_FAILURES = 3
BREAKER_SECONDS = 10
# How long a read that only a lost server can serve waits for the prober to look at it once more.
HOPE_SECONDS = 1.0

logger = logging.getLogger(__name__)


class Server:
    """One database server: whether it serves, how far it is known to be, how many requests read from it."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self.is_serving = True
        self.known = 0
        self.epoch = 0
        self.num_readers = 0
        # Set by `hope`, cleared by the prober when it begins to look.
        self.is_hoped_for = threading.Event()
        self._looked = threading.Condition()
        self._lock = threading.Lock()
        self._losses: deque[float] = deque(maxlen=BREAKER_FAILURES)

    def connect(self) -> None:
        """Connect this thread, unless it is. Raises OperationalError."""
        links.connect(self.alias)

    def ask(self) -> int:
        """How far the server is now; raises the bound. 1 query."""
        epoch = self.epoch
        position = links.position(self.alias)
        self.learn(position, epoch)
        return position

    def learn(self, position: int, epoch: int) -> None:
        """Raise the bound to what was measured in `epoch`."""
        with self._lock:
            if epoch == self.epoch:
                self.known = max(self.known, position)

    def begin(self, position: int, epoch: int) -> None:
        """Open a new epoch with what a new connection, made in `epoch`, measured first."""
        with self._lock:
            self.known = position if epoch == self.epoch else min(self.known, position)
            self.epoch += 1

    def lose(self, now: float) -> bool:
        """Note a lost connection; whether there were too many of them lately."""
        with self._lock:
            self._losses.append(now)
            return len(self._losses) == BREAKER_FAILURES and now - self._losses[0] <= BREAKER_SECONDS

    def count(self, readers: int) -> None:
        """Change the number of requests that read here."""
        with self._lock:
            self.num_readers += readers

    def hope(self) -> bool:
        """Whether a server that was put out serves after all: another process may have noticed it before this one.

        Has the prober look at once. Waits HOPE_SECONDS at most, with a server that refuses some milliseconds.
        """
        with self._looked:
            self.is_hoped_for.set()
            self._looked.wait(HOPE_SECONDS)
        return self.is_serving

    def end_look(self) -> None:
        """Let go on who hopes, if the prober's look began after they did."""
        with self._looked:
            if not self.is_hoped_for.is_set():
                self._looked.notify_all()

    def put_out(self, reason: str) -> None:
        """Take no more reads; end what waits for the server."""
        logger.warning("%s is put out: %s", self.alias, reason)
        self.is_serving = False
        metrics.SERVING.labels(self.alias).set(0)
        metrics.EJECTIONS.labels(self.alias).inc()
        links.drop(self.alias)

    def take_in(self) -> None:
        """Serve again, over new connections."""
        logger.warning("%s is taken in", self.alias)
        links.drop(self.alias)
        self._losses.clear()
        self.is_serving = True
        metrics.SERVING.labels(self.alias).set(1)


class Fleet:
    """The primary and its replicas. `is_watched`: a prober runs, which alone takes in a server that was put out."""

    def __init__(self, primary: Server, replicas: list[Server]) -> None:
        self.primary = primary
        self.replicas = replicas
        self.is_watched = False
        self._by_alias = {server.alias: server for server in [primary, *replicas]}

    def server(self, alias: str) -> Server | None:
        """The server behind the alias; None when it is not one of ours."""
        return self._by_alias.get(alias)

    def pick(self, state: Freshness) -> str:
        """The alias that serves this state's reads, kept in it: a replica that has reached its token, or the primary.

        No query while a known bound suffices, else one for each candidate.
        """
        needed = 0 if state.is_relaxed else state.needed
        for server in self._candidates(state, needed):
            if self._serves(server, needed, state):
                return self._choose(server, state)
        return self._choose(self.primary, state)

    def report(self, alias: str, error: BaseException, state: Freshness | None) -> None:
        """Note what an error on a server means: for this request, and for all."""
        server = self._by_alias.get(alias)
        lost = failures.is_lost(error)
        demoted = server is self.primary and failures.is_read_only(error)
        if server is None or not (lost or demoted or (server is not self.primary and failures.is_conflict(error))):
            return
        if state is not None:
            state.failed = alias
            state.tried.add(alias)
        # Nobody could take it in again without a prober.
        if self.is_watched and server.is_serving and (demoted or (lost and server.lose(time.monotonic()))):
            server.put_out(str(error).strip())

    def _choose(self, server: Server, state: Freshness) -> str:
        state.release()
        server.count(1)
        state.chosen, state.on_release = server.alias, partial(server.count, -1)
        return server.alias

    def _candidates(self, state: Freshness, needed: int) -> list[Server]:
        """The less busy of two random replicas first, and before all those that are known to be fresh enough."""
        serving = self._serving(state.tried)
        random.shuffle(serving)
        serving[:2] = sorted(serving[:2], key=lambda server: server.num_readers)
        if state.is_relaxed:
            return sorted(serving, key=lambda server: -server.known)
        return sorted(serving, key=lambda server: server.known < needed)

    def _serving(self, tried: Set[str]) -> list[Server]:
        return [server for server in self.replicas if server.is_serving and server.alias not in tried]

    def _serves(self, server: Server, needed: int, state: Freshness) -> bool:
        try:
            server.connect()
            return server.known >= needed or server.ask() >= needed
        except DatabaseError as error:
            self.report(server.alias, error, state)
            state.tried.add(server.alias)
            # The read goes elsewhere now: this run has lost nothing.
            state.failed = ""
            return False


fleet = Fleet(Server(PRIMARY), [Server(alias) for alias in settings.REPLICAS])
