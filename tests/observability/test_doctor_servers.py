"""What the doctor finds before real servers of which one is broken."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local import scratch
from tests.replicas.servers import DATABASE, Pair, pair, until

pytestmark = pytest.mark.cluster

Found = dict[str, list[Any]]


@pytest.fixture(scope="module")
def servers() -> Iterator[Pair]:
    with pair() as servers:
        yield servers


@pytest.fixture
def environment(servers: Pair, tmp_path: Path) -> dict[str, str]:
    own = {"DJANGO_SETTINGS_MODULE": "project.settings", "VAR_DIR": str(tmp_path), "STATIC_ROOT": str(tmp_path)}
    return servers.environment | own


def examined(environment: dict[str, str]) -> Found:
    """What it found, by what it is about: level, text, advice."""
    command = [sys.executable, "manage.py", "doctor", "--json"]
    said = subprocess.run(command, cwd=scratch.ROOT, env=environment, check=False, capture_output=True, text=True)
    assert not said.stderr
    found: Found = {}
    for finding in json.loads(said.stdout)["findings"]:
        found.setdefault(finding["about"], []).append((finding["level"], finding["text"], finding["advice"]))
    return found


def test_sound_servers_are_fine(servers: Pair, environment: dict[str, str]) -> None:
    servers.wait_for_replay()

    found = examined(environment)

    assert [level for level, *_ in found["database"] + found["clock"] + found["replica1"]] == ["fine"] * 3
    assert found["database"][0][1].startswith("PostgreSQL 15")
    assert found["replica1"][0][1] == "follows the primary, 0.0 s and 0.0 MB behind"


def test_wrong_password_is_told(servers: Pair, environment: dict[str, str]) -> None:
    environment["DATABASE_URL"] = servers.primary.url(DATABASE).replace(servers.primary.password, "wrong")

    found = examined(environment)

    [(level, text, advice)] = found["database"]
    assert level == "error"
    assert "password authentication failed" in text
    assert "DATABASE_URL" in advice
    assert "replica1" not in found


def test_server_that_is_gone_is_told(environment: dict[str, str]) -> None:
    environment["DATABASE_URL"] = "postgres://nobody@127.0.0.1:1/site"

    found = examined(environment)

    assert found["database"][0][0] == "error"
    assert "Connection refused" in found["database"][0][1]


def test_replica_named_as_the_primary_is_told(servers: Pair, environment: dict[str, str]) -> None:
    environment |= {"DATABASE_URL": servers.standby.url(DATABASE), "DATABASE_REPLICA_URLS": ""}

    found = examined(environment)

    assert ("error", "is a replica, which takes no writes", "Name the primary in DATABASE_URL.") in found["database"]


def test_primary_named_as_a_replica_is_told(servers: Pair, environment: dict[str, str]) -> None:
    environment["DATABASE_REPLICA_URLS"] = servers.primary.url(DATABASE)

    found = examined(environment)

    assert found["replicas"][0][0] == "error"
    assert "is a primary, but must be a streaming replica" in found["replicas"][0][1]


def test_replica_that_is_gone_is_told(servers: Pair, environment: dict[str, str]) -> None:
    environment["DATABASE_REPLICA_URLS"] += ",postgres://nobody@127.0.0.1:1/site"

    found = examined(environment)

    assert found["replica1"][0][0] == "fine"
    assert found["replica2"][0][0] == "warning"
    assert "Connection refused" in found["replica2"][0][1]


def test_replica_that_stands_still_is_told(servers: Pair, environment: dict[str, str]) -> None:
    servers.standby.query("SELECT pg_wal_replay_pause()")
    try:
        found = examined(environment)
    finally:
        servers.standby.query("SELECT pg_wal_replay_resume()")

    [(level, text, advice)] = found["replica1"]
    assert level == "warning"
    assert text.startswith("replays nothing, ")
    assert "pg_wal_replay_resume" in advice


def test_replica_that_hears_nothing_is_told(servers: Pair, environment: dict[str, str]) -> None:
    [(before,)] = servers.standby.query("SELECT current_setting('primary_conninfo')")
    point(servers, "host=127.0.0.1 port=1")
    try:
        found = examined(environment)
    finally:
        point(servers, before)

    assert found["replica1"][0][0] == "warning"
    assert found["replica1"][0][1].startswith("receives nothing, ")


def test_database_without_tables_is_told(servers: Pair, environment: dict[str, str]) -> None:
    environment |= {"DATABASE_URL": servers.primary.url("postgres"), "DATABASE_REPLICA_URLS": ""}

    found = examined(environment)

    assert found["site"][0] == ("error", "The database lacks tables or columns: manage.py migrate", "")


def point(servers: Pair, conninfo: str) -> None:
    """Have the standby stream from there."""
    is_deaf = conninfo.endswith("port=1")
    servers.standby.query(f"ALTER SYSTEM SET primary_conninfo = '{conninfo.replace(chr(39), chr(39) * 2)}'")
    servers.standby.query("SELECT pg_reload_conf()")
    until(lambda: servers.standby.query("SELECT EXISTS (SELECT FROM pg_stat_wal_receiver)") == [(not is_deaf,)])
