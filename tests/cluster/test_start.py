"""Starting: wrong addresses are refused by name, and workers share no connection with the process they come from."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.local import processes, programs, scratch
from deploy.local.fleet import Fleet
from tests.cluster.browsing import Browser
from tests.patience import PATIENCE
from tests.replicas.servers import Pair, bare_pair

pytestmark = pytest.mark.cluster
WARM = Path(__file__).with_name("warm_gunicorn.py")
QUERIED = "SELECT pid FROM pg_stat_activity WHERE pid = ANY(%s) AND query NOT LIKE '%%pg_backend_pid%%'"


@pytest.fixture(scope="module")
def foreign() -> Iterator[Pair]:
    """Another cluster with a replica."""
    with bare_pair() as pair:
        yield pair


def refusal(here: Fleet, **wrong: str) -> str:
    """What gunicorn says, started with the fleet's settings but for those."""
    environment = {**os.environ, **here.environment, "PORT": str(processes.free_port()), **wrong}
    command = [sys.executable, "-m", "gunicorn"]
    ended = subprocess.run(command, cwd=scratch.ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    assert ended.returncode != 0
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_replica_of_another_cluster_is_refused(here: Fleet, foreign: Pair) -> None:
    said = refusal(here, DATABASE_REPLICA_URLS=f"{here.replicas[0].url},{foreign.standby.url('site')}")

    assert "DATABASE_REPLICA_URLS: " in said
    assert "is a replica of another cluster" in said


def test_same_server_twice_is_refused(here: Fleet) -> None:
    twice = f"{here.replicas[0].url},{here.replicas[0].url.replace('127.0.0.1', 'localhost')}"

    said = refusal(here, DATABASE_REPLICA_URLS=twice)

    assert "DATABASE_REPLICA_URLS: " in said
    assert "is the same server as an address before it" in said


def test_primary_as_a_replica_is_refused(here: Fleet) -> None:
    said = refusal(here, DATABASE_REPLICA_URLS=here.primary.url)

    assert "DATABASE_REPLICA_URLS: " in said
    assert "is a primary" in said


@pytest.mark.parametrize("variable", ["DATABASE_URL", "DATABASE_REPLICA_URLS"])
def test_wrong_password_is_refused(here: Fleet, variable: str) -> None:
    wrong = here.environment[variable].replace(here.primary.password, "wrong")

    said = refusal(here, **{variable: wrong})

    assert f"{variable}: " in said
    assert "password authentication failed" in said


def test_workers_leave_the_connections_of_their_parent_alone(here: Fleet, tmp_path: Path, pages: list[str]) -> None:
    program = programs.gunicorn(tmp_path, processes.free_port(), here.environment)
    process = processes.serve(replace(program, command=[*program.command, "--config", str(WARM)], user=""))
    browser = Browser(f"http://127.0.0.1:{program.environment['PORT']}")

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(browser.get, pages * 3))
    pids = [int(pid) for pid in re.findall(r"parent: \w+ (\d+)", program.log.read_text(encoding="utf-8"))]
    used = [pid for database in here.databases for pid in database.query(QUERIED, [pids])]
    processes.stop(process)

    assert {page.status for page in answers} == {200}
    assert len(pids) >= len(here.databases)
    assert used == []
