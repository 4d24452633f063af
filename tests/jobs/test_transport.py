"""What workers are told through a broker, and that nobody waits for one that is slow or gone."""

import runpy
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from django.db import OperationalError, transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.core.breaker import Breaker
from apps.jobs import actions as jobs
from apps.jobs import sweeping, transport, worker
from apps.jobs.handlers import handler
from apps.jobs.models import Job, State
from apps.replicas import readonly
from deploy.local.scratch import ROOT
from project import env
from tests.jobs.names import names
from tests.jobs.trial import tasks
from tests.pagecache.servers import RedisServer, private_redis

pytestmark = pytest.mark.django_db(transaction=True)
assert tasks  # registers the trial's jobs
# Far more than one wait, far less than one for each job.
SOON = 3.0


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with private_redis() as server:
        yield server


@pytest.fixture
def broker(server: RedisServer, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    """An empty broker, and this process as one that serves requests."""
    server.mend()
    settings.BROKER_URL, settings.JOBS_TRANSPORT, settings.IS_WEB = server.url, "project.celery.app", True
    monkeypatch.setattr(env, "read_file", lambda: None)
    app = runpy.run_path(str(ROOT / "project" / "celery.py"))["app"]
    monkeypatch.setattr(transport, "_app", lambda: app)
    monkeypatch.setattr(transport, "breaker", Breaker(transport.Resting))
    with redis.Redis.from_url(server.url) as store:
        store.flushall()
    yield server
    server.mend()


def told(broker: RedisServer) -> dict[str, int]:
    """How many messages wait for workers of each queue."""
    with redis.Redis.from_url(broker.url) as store:
        lengths = {queue: store.llen(queue) for queue in ("fast", "default", "slow")}
    return {queue: length for queue, length in lengths.items() if length}


def late(number: int) -> None:
    """Jobs that nobody has been told of."""
    for turn in range(number):
        jobs.enqueue("trial.note", not_before=timezone.now() - timedelta(minutes=1), word=str(turn))


def test_workers_are_told_once_for_each_queue_of_a_transaction_and_after_it(broker: RedisServer) -> None:
    handler("test.slow", queue="slow")(lambda: None)

    with transaction.atomic():
        for word in ("one", "two", "three"):
            jobs.enqueue("trial.note", word=word)
        jobs.enqueue("test.slow")
        before = told(broker)

    assert (before, told(broker)) == ({}, {"default": 1, "slow": 1})


def test_nobody_is_told_of_what_never_was_or_is_not_yet_due(broker: RedisServer) -> None:
    with transaction.atomic():
        jobs.enqueue("trial.note", word="one")
        transaction.set_rollback(True)
    jobs.enqueue("trial.note", not_before=timezone.now() + timedelta(minutes=1), word="two")

    assert told(broker) == {}


@pytest.mark.parametrize("fault", ["freeze", "kill"])
def test_broker_that_does_not_answer_holds_up_one_job_and_loses_none(broker: RedisServer, fault: str) -> None:
    def enqueue_some() -> float:
        """Fifty jobs; the seconds that it took."""
        began = time.monotonic()
        for turn in range(50):
            jobs.enqueue("trial.note", word=str(turn))
        return time.monotonic() - began

    usual = enqueue_some()
    getattr(broker, fault)()

    assert enqueue_some() < usual + SOON
    assert Job.objects.filter(state=State.WAITING).count() == 100


def test_broker_that_is_back_is_found_by_the_sweep(broker: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs.enqueue("trial.note", word="one")
    broker.kill()
    jobs.enqueue("trial.note", word="two")
    broker.mend()
    Job.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    monkeypatch.setattr(transport, "breaker", Breaker(transport.Resting))

    sweeping.sweep()

    assert told(broker) == {"default": 2}


def test_sweep_tells_of_what_nobody_took_but_floods_no_broker(broker: RedisServer) -> None:
    late(3)
    sweeping.sweep()
    few = told(broker)
    late(100)

    for _ in range(5):
        sweeping.sweep()

    assert (few, told(broker)) == ({"default": 3}, {"default": transport.AHEAD})


def test_sweep_leaves_what_has_only_just_come_to_those_who_were_told(broker: RedisServer) -> None:
    jobs.enqueue("trial.note", word="one")

    sweeping.sweep()

    assert told(broker) == {"default": 1}


def test_worker_that_is_told_of_a_queue_runs_all_that_is_due_in_it(broker: RedisServer) -> None:
    handler("test.slow", queue="slow")(lambda: None)
    late(5)
    jobs.enqueue("test.slow")

    worker.work("default")

    assert names() == [str(turn) for turn in range(5)]
    assert Job.objects.get(state=State.WAITING).queue == "slow"


def test_worker_leaves_the_rest_to_the_next_message(broker: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "BURST_SECONDS", -1)
    late(2)

    worker.work("default")

    assert (len(names()), told(broker)) == (1, {"default": 1})


def test_worker_outlives_a_failing_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> bool:
        raise OperationalError("gone")

    monkeypatch.setattr(jobs, "run_next", fail)

    assert worker.work("default") is None


def test_jobs_wait_while_the_site_takes_no_writes(settings: Settings, tmp_path: Path) -> None:
    settings.MAINTENANCE_FILE = tmp_path / "maintenance"
    late(1)
    readonly.switch_on()

    worker.work("default")
    meanwhile = names()
    readonly.switch_off()
    worker.work("default")

    assert (meanwhile, names()) == ([], ["0"])
