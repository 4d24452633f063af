"""The fleet on one machine: it starts, survives what may befall it, and leaves nothing."""

import json
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from http import HTTPStatus
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from deploy.local import fleet, postgres, roster, scratch
from deploy.local.fleet import Fleet
from deploy.local.members import Database
from deploy.local.processes import Process
from tests.patience import PATIENCE

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def here() -> Iterator[Fleet]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEB_WORKERS", "1")
        with fleet.running() as running:
            running.primary.query("CREATE TABLE marks (word text)")
            yield running
            families = [process for member in running.members if member.process for process in member.process.family()]
    assert {process.state for process in families} == {"gone"}
    assert not running.directory.exists()


@pytest.fixture
def var(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The VAR_DIR of a cluster that stays, until the test is over."""
    with scratch.directory(user=postgres.USER) as directory:
        directory.chmod(0o755)
        monkeypatch.setenv("VAR_DIR", str(directory))
        monkeypatch.setenv("WEB_WORKERS", "1")
        yield directory
        make_cluster("stop")


def make_cluster(command: str) -> str:
    result = subprocess.run(cluster_command(command), cwd=scratch.ROOT, check=True, capture_output=True, text=True)
    return result.stdout


def cluster_command(command: str) -> list[str]:
    return [sys.executable, "-m", "deploy.local.cluster", command]


def remembered(var: Path) -> dict[str, Process]:
    memory = var / "cluster" / "fleet.json"
    members = json.loads(memory.read_text(encoding="utf-8"))["members"] if memory.exists() else {}
    return {name: Process(pid, began) for name, (_, pid, began, _) in members.items()}


def get(address: str, headers: dict[str, str] | None = None) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)
    try:
        connection.request("GET", urlsplit(address).path or "/", headers=headers or {})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def page_status(here: Fleet) -> int:
    return get(f"{here.address}/")[0].status


def write(here: Fleet) -> str:
    word = secrets.token_hex(4)
    here.primary.query("INSERT INTO marks VALUES (%s)", [word])
    return word


def has(database: Database, word: str) -> bool:
    return bool(database.query("SELECT 1 FROM marks WHERE word = %s", [word]))


def test_killed_start_is_finished_by_the_next_and_stop_ends_all(var: Path) -> None:
    killed = subprocess.Popen(cluster_command("start"), cwd=scratch.ROOT, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + PATIENCE
    while "postgres2" not in remembered(var) and time.monotonic() < deadline:
        time.sleep(0.01)
    killed.kill()
    killed.wait()
    first = remembered(var)["postgres1"]

    said = make_cluster("start")
    again = make_cluster("start")
    address = said.split("The site is at ")[1].split()[0]

    assert remembered(var)["postgres1"] == first
    assert "administrator" in said
    assert f"The fleet is running already.\n\nThe site is at {address} " in again
    assert get(address)[0].status == HTTPStatus.OK

    remembered(var)["redis"].send(signal.SIGKILL)
    remembered(var)["redis"].wait(PATIENCE)

    assert "started redis" in make_cluster("start")
    assert make_cluster("status").count("running") == len(roster.KINDS)

    everything = remembered(var).values()
    make_cluster("stop")

    assert {process.state for process in everything} == {"gone"}
    assert make_cluster("stop") == "The fleet is not running.\n"


def test_number_that_went_to_another_process_is_left_alone() -> None:
    with subprocess.Popen(["sleep", "600"]) as stranger:
        remembered_one = Process(stranger.pid, began=1)

        remembered_one.send(signal.SIGKILL)

        assert remembered_one.state == "gone"
        assert stranger.poll() is None
        stranger.kill()


def test_nginx_serves_pages_with_a_request_id_and_compressed(here: Fleet) -> None:
    response, body = get(f"{here.address}/", {"Accept-Encoding": "gzip"})

    assert response.status == HTTPStatus.OK
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["X-Request-ID"]
    assert body


def test_nginx_serves_static_files_compressed_and_for_good(here: Fleet) -> None:
    manifest = json.loads((here.static_root / "staticfiles.json").read_text(encoding="utf-8"))

    response, _ = get(f"{here.address}/static/{manifest['paths']['admin/css/base.css']}", {"Accept-Encoding": "gzip"})

    assert response.status == HTTPStatus.OK
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_row_of_the_primary_appears_on_both_replicas(here: Fleet) -> None:
    word = write(here)

    here.wait_for_replay()

    assert [has(replica, word) for replica in here.replicas] == [True, True]


def test_paused_replica_lags_until_it_is_resumed(here: Fleet) -> None:
    paused, other = here.replicas
    here.pause_replay(paused)

    word = write(here)
    here.wait_for_replay(other)

    assert (has(paused, word), has(other, word)) == (False, True)
    here.resume_replay(paused)
    here.wait_for_replay()
    assert has(paused, word)


def test_every_server_is_killed_and_started_again(here: Fleet) -> None:
    for member in [member for member in here.members if member.state == "running"]:
        pid = member.pid

        here.kill(member)
        assert member.state == "gone"
        here.restart(member)

        assert member.state == "running"
        assert member.pid != pid

    word = write(here)
    here.wait_for_replay()
    assert all(has(replica, word) for replica in here.replicas)
    assert page_status(here) == HTTPStatus.OK


def test_pages_go_on_when_a_gunicorn_is_killed(here: Fleet) -> None:
    for gunicorn in here.gunicorns:
        here.kill(gunicorn)

        assert {page_status(here) for _ in range(4)} == {HTTPStatus.OK}

        here.restart(gunicorn)


def test_frozen_replica_answers_nothing_until_it_is_thawed(here: Fleet) -> None:
    replica = here.replicas[0]
    here.freeze(replica)

    assert replica.state == "frozen"
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(replica.url, connect_timeout=2)

    here.thaw(replica)
    assert replica.query("SELECT 1") == [(1,)]


def test_replica_is_promoted_the_other_follows_and_the_old_primary_rejoins(here: Fleet) -> None:
    old, (new, other) = here.primary, here.replicas
    before = write(here)
    here.wait_for_replay()
    here.kill(old)

    here.promote(new)
    here.follow(other, new)
    here.rewind(old)
    for gunicorn in here.gunicorns:
        here.restart(gunicorn)
    after = write(here)
    here.wait_for_replay()

    assert here.primary is new
    assert all(has(database, word) for database in here.databases for word in (before, after))
    assert page_status(here) == HTTPStatus.OK


def test_what_only_the_old_primary_had_is_gone_after_its_rewind(here: Fleet) -> None:
    old, (new, other) = here.primary, here.replicas
    here.wait_for_replay()
    # In this order: what the other has, the new primary must have too.
    here.stop(other)
    here.stop(new)
    lost = write(here)
    here.kill(old)

    here.restart(new)
    here.promote(new)
    here.restart(other)
    here.follow(other, new)
    here.rewind(old)
    kept = write(here)
    here.wait_for_replay()

    assert [has(database, lost) for database in here.databases] == [False] * 3
    assert all(has(database, kept) for database in here.databases)
