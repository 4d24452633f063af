"""Gunicorn and the runner of jobs, whose parts are played by small programs: they begin and end together."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import IO

import pytest

from deploy.local import processes, scratch
from deploy.local.keeper import next_door
from deploy.local.processes import Process
from tests.patience import PATIENCE

# Says its number, and ends by SIGTERM with a status of its own.
PART = """
import os, signal, sys, time
def end(*_):
    sys.exit(int(sys.argv[2]))
signal.signal(signal.SIGTERM, end)
os.write(1, f"{sys.argv[1]} {os.getpid()}\\n".encode())  # in one piece
while True:
    time.sleep(60)
"""
KEEPER = f"""
import sys
from deploy.local import keeper
part = [sys.executable, "-c", {PART!r}]
sys.exit(keeper.keep([*part, "site", "7"], [*part, "helper", "0"], restart_seconds=0.1))
"""


@pytest.fixture
def keeper() -> Iterator[subprocess.Popen[str]]:
    # Errors go the same way: the restart is said there.
    child = subprocess.Popen(
        [sys.executable, "-c", KEEPER],
        cwd=scratch.ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    yield child
    child.kill()
    child.communicate()


def parts(lines: IO[str] | None, number: int) -> dict[str, Process]:
    """The next to say who they are."""
    assert lines
    words = [lines.readline().split() for _ in range(number)]
    return {name: processes.found(int(pid)) for name, pid in words}


def test_both_end_with_the_site_and_its_status(keeper: subprocess.Popen[str]) -> None:
    found = parts(keeper.stdout, 2)

    found["site"].send(signal.SIGTERM)

    assert keeper.wait(PATIENCE) == 7
    assert {process.state for process in found.values()} == {"gone"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_both_end_with_the_keeper(keeper: subprocess.Popen[str], number: signal.Signals) -> None:
    found = parts(keeper.stdout, 2)

    keeper.send_signal(number)

    assert all(process.wait(PATIENCE) for process in found.values())
    assert keeper.wait(PATIENCE) == (-signal.SIGKILL if number is signal.SIGKILL else 7)


def test_a_helper_that_dies_is_started_again(keeper: subprocess.Popen[str]) -> None:
    first = parts(keeper.stdout, 2)["helper"]

    first.send(signal.SIGKILL)

    assert keeper.stdout
    assert "ended (-9), and is started again" in keeper.stdout.readline()
    assert parts(keeper.stdout, 1)["helper"].pid != first.pid


@pytest.mark.parametrize(("address", "next_one"), [("127.0.0.1:9100", "127.0.0.1:9101"), ("", ""), ("nonsense:x", "")])
def test_runner_answers_prometheus_beside_gunicorn(address: str, next_one: str) -> None:
    assert next_door(address) == next_one
