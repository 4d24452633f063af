"""Runners as processes of their own, killed and ended in the midst of a job; and several beside each other."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.db import OperationalError

from apps.jobs import actions, runner
from apps.jobs.handlers import handler, scheduled
from apps.jobs.models import Job, State
from apps.jobs.runner import Runner
from deploy.local.scratch import ROOT
from tests import databases
from tests.concurrency import at_once
from tests.jobs.names import enqueued, names, run
from tests.jobs.trial import tasks
from tests.patience import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)
assert tasks  # registers the trial's jobs

Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """The file that a dawdling job of a runner waits for."""
    return tmp_path / "gate"


@pytest.fixture
def start(tmp_path: Path, gate: Path) -> Iterator[Start]:
    """Starts a runner on the test's database, and waits until its dawdling job has begun."""
    children: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        environment = {
            "DJANGO_SETTINGS_MODULE": "tests.jobs.trial_settings",
            "DATABASE_URL": databases.address(),
            "VAR_DIR": str(tmp_path),
            "TRIAL_GATE": str(gate),
        }
        child = subprocess.Popen(
            [sys.executable, "manage.py", "run_jobs", "--queue", "default"],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=subprocess.PIPE,
        )
        children.append(child)
        assert child.stdout
        assert child.stdout.readline() == b"begun\n"
        return child

    yield start
    for child in children:
        child.kill()
        child.communicate()


def test_job_whose_runner_is_killed_in_the_middle_takes_effect_once(start: Start) -> None:
    job = enqueued("trial.dawdle", word="one")
    runner = start()

    runner.kill()
    runner.wait()
    job.refresh_from_db()
    after_kill = (job.state, job.attempts, names())
    wait_until(lambda: run(job).state == State.DONE)  # once PostgreSQL has seen that its client is gone

    assert after_kill == (State.WAITING, 1, [])
    assert (job.state, job.attempts, names()) == (State.DONE, 2, ["one"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_runner_that_is_told_to_stop_ends_its_job_and_begins_no_other(
    start: Start, gate: Path, number: signal.Signals
) -> None:
    first, second = enqueued("trial.dawdle", word="one"), enqueued("trial.note", word="two")
    runner = start()
    before = num_threads(runner)

    runner.send_signal(number)
    # Those without a job end at once.
    wait_until(lambda: num_threads(runner) < before)
    gate.touch()
    status = runner.wait(PATIENCE)

    assert (status, names()) == (0, ["one"])
    states = Job.objects.in_bulk([first.pk, second.pk])
    assert (states[first.pk].state, states[second.pk].state) == (State.DONE, State.WAITING)


def test_two_runners_have_one_turn_in_each_span() -> None:
    @scheduled("test.turn", every=timedelta(seconds=1))
    def turn() -> None:
        Group.objects.create(name=str(uuid4()))

    def two_turns_are_done() -> bool:
        return Job.objects.filter(name="test.turn", state=State.DONE).count() >= 2

    runners = [Runner(["default"]), Runner(["default"])]
    at_once([*(one.run for one in runners), lambda: stop_when(two_turns_are_done, *runners)])

    turns = Job.objects.filter(name="test.turn")
    done = turns.filter(state=State.DONE)
    assert done.count() == len(names()) >= 2
    assert [job.key.startswith("beat:test.turn:") for job in turns if job.key] == [True] * turns.count()


def test_turn_is_left_out_while_there_is_nothing_to_do() -> None:
    asked: list[bool] = []

    def has_work() -> bool:
        asked.append(len(asked) == 1)
        return asked[-1]

    scheduled("test.turn", every=timedelta(seconds=1), when=has_work)(lambda: None)
    one = Runner(["default"])

    at_once([one.run, lambda: stop_when(lambda: len(asked) > 2, one)])

    assert Job.objects.filter(name="test.turn").count() == 1


def test_job_that_comes_while_the_runner_rests_is_run() -> None:
    one = Runner(["fast", "default"])

    def enqueue_later() -> None:
        time.sleep(0.3)
        actions.enqueue("trial.note", word="one")
        stop_when(names, one)

    at_once([one.run, enqueue_later])

    assert names() == ["one"]


def test_what_a_job_waits_for_outside_holds_up_no_other_queue() -> None:
    gate, seen = Event(), list[str]()
    handler("test.wait", queue="slow", outside=lambda: gate.wait(PATIENCE))(lambda _: None)
    one, slow = Runner(["fast", "default", "slow"]), enqueued("test.wait")

    def look_meanwhile() -> None:
        wait_until(lambda: Job.objects.get(pk=slow.pk).attempts)
        actions.enqueue("trial.note", word="one")
        wait_until(names)
        seen.extend(names())
        gate.set()
        stop_when(lambda: Job.objects.get(pk=slow.pk).state == State.DONE, one)

    at_once([one.run, look_meanwhile])

    assert seen == ["one"]


def test_runner_outlives_a_failing_database(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def fail(*, queue: str, **_: object) -> bool:
        asked.append(queue)
        raise OperationalError("gone")

    monkeypatch.setattr(actions, "run_next", fail)
    monkeypatch.setattr(runner, "TROUBLE_SECONDS", 0.01)
    one = Runner(["default"])

    at_once([one.run, lambda: stop_when(lambda: len(asked) > 2, one)])

    assert len(asked) > 2


def test_runner_ends_with_what_it_does_not_understand(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr(actions, "run_next", fail)

    with pytest.raises(ZeroDivisionError):
        Runner(["fast", "default"]).run()


def num_threads(runner: subprocess.Popen[bytes]) -> int:
    return len(list(Path(f"/proc/{runner.pid}/task").iterdir()))


def stop_when(is_enough: Callable[[], object], *runners: Runner) -> None:
    """Stop them when it is, or after a while in any case."""
    wait_until(is_enough)
    for one in runners:
        one.stop()


def wait_until(is_enough: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_enough() and time.monotonic() < deadline:
        time.sleep(0.05)
