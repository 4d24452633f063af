"""A replica that lags as a test wants: a second SQLite file that holds the first as it was at the last replay."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection, connections
from django.db.backends.signals import connection_created
from pytest_django.fixtures import Settings

from apps.replicas import hooks, servers, tokens
from apps.replicas.servers import Fleet, Server
from tests.replicas.servers import Pair, bare_pair


class LaggingServer(Server):
    """The copy. Its position is the time of the last replay."""

    replayed = 0
    num_questions = 0
    path: Path

    def replay(self) -> None:
        """Take over all that is in the primary now."""
        connections[self.alias].close()
        with sqlite3.connect(self.path) as copy:
            connections["default"].ensure_connection()
            connections["default"].connection.backup(copy)
        copy.close()
        # Not `ensure_connection`: Django's tests know no alias that was added after their start.
        connections[self.alias].connect()
        self.replayed = time.time_ns()

    def ask(self) -> int:
        self.num_questions += 1
        self.learn(self.replayed, self.epoch)
        return self.replayed


@pytest.fixture
def sqlite() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("copies SQLite; PostgreSQL has real replicas in test_pair.py")


@pytest.fixture
def replica(
    sqlite: None, transactional_db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[LaggingServer]:
    server = LaggingServer("replica1")
    server.path = tmp_path / "replica.sqlite3"
    connections.settings["replica1"] = {**connections.settings["default"], "NAME": str(server.path)}
    settings.REPLICAS = ["replica1"]
    settings.DATABASE_ROUTERS = ["apps.replicas.router.Router"]
    settings.ROOT_URLCONF = "tests.replicas.trial_site"
    settings.READ_ONLY_VIEW = "tests.replicas.trial_site.read_only"
    monkeypatch.setattr(servers, "fleet", Fleet(Server("default"), [server]))
    monkeypatch.setattr(tokens, "current", time.time_ns)
    connection_created.connect(hooks.on_connection)
    hooks.on_connection(connections["default"])
    server.replay()
    yield server
    connection_created.disconnect(hooks.on_connection)
    connections["default"].execute_wrappers.clear()
    connections["replica1"].close()
    del connections["replica1"], connections.settings["replica1"]


@pytest.fixture(scope="session")
def bare() -> Iterator[Pair]:
    """A primary and its standby, with an empty database."""
    with bare_pair() as servers:
        yield servers


@pytest.fixture
def gone() -> Exception:
    return psycopg.OperationalError("server closed the connection unexpectedly")
