"""The private PostgreSQL: several at once, and nothing left, however a run ends."""

import getpass
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from deploy.local import postgres, scratch

COMMAND = [sys.executable, "-m", "deploy.local.postgres", "--"]


def test_two_servers_at_once_have_their_own_place_and_end_with_their_blocks() -> None:
    with postgres.running(postgres.FOR_TESTS) as one, postgres.running(postgres.FOR_TESTS) as other:
        assert one.port != other.port
        assert one.data != other.data
        with psycopg.connect(postgres.create_database(one, "site")) as connection:
            assert connection.execute("SHOW fsync").fetchone() == ("off",)

    assert one.process.state == "gone"
    assert not one.data.parent.exists()


def test_command_gets_a_database_and_gives_its_exit_status() -> None:
    query = "import os, psycopg; psycopg.connect(os.environ['DATABASE_URL']).close(); raise SystemExit(7)"

    result = subprocess.run([*COMMAND, sys.executable, "-c", query], cwd=scratch.ROOT, check=False)

    assert result.returncode == 7


def test_killed_run_takes_server_and_command_along() -> None:
    script = "import os, time; print(os.environ['DATABASE_URL'], flush=True); time.sleep(600)"
    run = subprocess.Popen([*COMMAND, sys.executable, "-c", script], cwd=scratch.ROOT, stdout=subprocess.PIPE)
    assert run.stdout is not None
    address = run.stdout.readline().decode().strip()

    run.send_signal(signal.SIGKILL)
    run.communicate()  # ends when the command, the last holder of the pipe, has ended

    with pytest.raises(psycopg.OperationalError):
        reconnect_until_refused(address)


def test_abandoned_directory_is_removed_by_the_next_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(scratch, "HOMES", (tmp_path,))
    abandoned = tmp_path / "abandoned"
    abandoned.mkdir()

    with scratch.directory(user=getpass.getuser()) as first, scratch.directory(user=getpass.getuser()) as second:
        assert {path.name for path in tmp_path.iterdir()} == {first.name, second.name}


def reconnect_until_refused(address: str) -> None:
    """Connect until the dying server refuses; a server that stays is found by the run's own time limit."""
    while True:
        psycopg.connect(address, connect_timeout=5).close()
