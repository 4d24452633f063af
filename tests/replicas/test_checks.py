"""Addresses that cannot be what they are given as are refused by name."""

import subprocess
import sys
from pathlib import Path

import dj_database_url
import pytest

from apps.replicas import checks
from deploy.local import postgres, processes, scratch
from tests.patience import PATIENCE
from tests.replicas.servers import DATABASE, SETTINGS, Pair

pytestmark = pytest.mark.cluster


def problems(*addresses: str) -> list[str]:
    aliases = ["default", *(f"replica{number}" for number in range(1, len(addresses)))]
    return checks.problems(
        {alias: dict(dj_database_url.parse(url)) for alias, url in zip(aliases, addresses, strict=True)}
    )


def test_primary_with_its_standby_is_accepted(bare: Pair) -> None:
    assert problems(bare.primary.url(DATABASE), bare.standby.url(DATABASE)) == []


def test_primary_given_as_a_replica_is_refused(bare: Pair) -> None:
    [sentence] = problems(bare.primary.url(DATABASE), bare.primary.url(DATABASE))

    assert sentence.startswith("DATABASE_REPLICA_URLS: 127.0.0.1:")
    assert "is a primary" in sentence


def test_same_server_twice_is_refused(bare: Pair) -> None:
    standby = bare.standby.url(DATABASE)

    [sentence] = problems(bare.primary.url(DATABASE), standby, standby.replace("127.0.0.1", "localhost"))

    assert sentence.startswith("DATABASE_REPLICA_URLS: localhost:")
    assert "is the same server as an address before it" in sentence


def test_replica_of_another_cluster_is_refused(bare: Pair) -> None:
    with postgres.running(SETTINGS) as other:
        [sentence] = problems(other.url("postgres"), bare.standby.url(DATABASE))

    assert "is a replica of another cluster" in sentence


def test_wrong_password_is_refused(bare: Pair) -> None:
    wrong = bare.standby.url(DATABASE).replace(bare.standby.password, "wrong")

    [sentence] = problems(bare.primary.url(DATABASE), wrong)

    assert "lets nobody in" in sentence
    assert "password authentication failed" in sentence


def test_replica_that_is_down_is_no_reason_not_to_start(bare: Pair) -> None:
    assert problems(bare.primary.url(DATABASE), "postgres://nobody@127.0.0.1:1/site") == []


def test_gunicorn_does_not_start_with_a_primary_as_a_replica(bare: Pair, tmp_path: Path) -> None:
    port = str(processes.free_port())
    wrong = {"DATABASE_REPLICA_URLS": bare.primary.url(DATABASE), "VAR_DIR": str(tmp_path), "PORT": port}

    gunicorn = subprocess.run(
        [sys.executable, "-m", "gunicorn"],
        cwd=scratch.ROOT,
        env=bare.environment | wrong,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert gunicorn.returncode != 0
    assert "DATABASE_REPLICA_URLS: 127.0.0.1:" in gunicorn.stderr
    assert "Traceback" not in gunicorn.stderr
