"""Celery's settings against what the jobs need."""

import runpy

import pytest
from celery import Celery
from pytest_django.fixtures import Settings

from apps.jobs import handlers
from apps.jobs.worker import BURST_SECONDS
from deploy.local.scratch import ROOT
from project import env


@pytest.fixture(params=["redis://127.0.0.1:1/0", "amqp://guest@127.0.0.1:1/site"])
def app(request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Celery:
    settings.BROKER_URL, settings.IS_WEB = request.param, True
    return made(monkeypatch)


def made(monkeypatch: pytest.MonkeyPatch) -> Celery:
    monkeypatch.setattr(env, "read_file", lambda: None)
    return runpy.run_path(str(ROOT / "project" / "celery.py"))["app"]


def test_no_job_outlives_its_message(app: Celery) -> None:
    longest = max(found.time_limit.total_seconds() for found in handlers.registry.values())
    of_queue = app.conf.task_queues[0].queue_arguments.get("x-consumer-timeout", 0) / 1000
    visible_again = app.conf.broker_transport_options.get("visibility_timeout", of_queue)

    assert BURST_SECONDS + 2 * longest < app.conf.task_time_limit < visible_again


def test_nothing_of_a_request_waits_for_a_broker_for_long(app: Celery) -> None:
    patience = app.conf.broker_connection_timeout + app.conf.broker_pool_acquire_timeout

    assert patience < 0.5
    assert not app.conf.task_publish_retry
    assert app.conf.broker_transport_options["max_retries"] == 0


def test_rabbitmq_keeps_messages_on_several_servers_and_confirms_them(app: Celery) -> None:
    is_rabbit = app.conf.broker_url.startswith("amqp")

    quorum = {queue.queue_arguments.get("x-queue-type") == "quorum" for queue in app.conf.task_queues}

    assert quorum == {is_rabbit}
    assert app.conf.broker_transport_options.get("confirm_publish", False) == is_rabbit


def test_worker_without_a_broker_says_how_to_set_one(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BROKER_URL = ""

    with pytest.raises(SystemExit, match="BROKER_URL=redis://"):
        made(monkeypatch)
