"""The Celery app: how workers hear of jobs. Whether jobs run depends on nothing here (docs/adr/0018-…).

`celery -A project worker -Q fast` loads it by name; a process that only sends gets it through JOBS_TRANSPORT.
"""

import logging
import os
from typing import Any

from billiard import current_process
from celery import Celery
from celery.signals import celeryd_init, setup_logging, worker_process_init
from django.apps import apps
from django.conf import settings
from kombu import Exchange, Queue

from apps.core import counting
from apps.jobs.handlers import QUEUES
from project import counters, env

env.read_file()
# A worker begins here; other processes have loaded the site by now, and decided where they count.
if not apps.ready:
    counters.share("worker")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
if not settings.BROKER_URL:
    raise SystemExit(
        "Celery needs a broker. Set it like BROKER_URL=redis://127.0.0.1:6380/0, or use manage.py run_jobs."
    )

# What a request waits for at most, once; then the breaker of apps/jobs/transport.py spares the others.
PATIENCE_SECONDS = 0.2 if settings.IS_WEB else 5.0
# Longer than any job with its step outside. Beyond it, what no exception reaches is killed.
HARD_LIMIT_SECONDS = 9000
# A message that is being worked on must not come again meanwhile: it would starve the queue.
HIDDEN_SECONDS = HARD_LIMIT_SECONDS + 600

# A sender fails at once, and says so: kombu itself would try again for as long as it takes.
COMMON_OPTIONS = {"max_retries": 0}
is_rabbit = settings.BROKER_URL.startswith("amqp")
REDIS_OPTIONS = COMMON_OPTIONS | {
    "socket_connect_timeout": PATIENCE_SECONDS,
    "socket_timeout": PATIENCE_SECONDS,
    "socket_keepalive": True,
    "visibility_timeout": HIDDEN_SECONDS,
}
RABBIT_OPTIONS = COMMON_OPTIONS | {
    # Sent is what RabbitMQ has written down.
    "confirm_publish": True,
    "read_timeout": PATIENCE_SECONDS,
    "write_timeout": PATIENCE_SECONDS,
}
# RabbitMQ keeps a quorum queue on several of its servers.
QUEUE_ARGUMENTS = {"x-queue-type": "quorum", "x-consumer-timeout": HIDDEN_SECONDS * 1000} if is_rabbit else {}

app = Celery("groundswell", include=["apps.jobs.worker"])
app.conf.update(
    broker_url=settings.BROKER_URL,
    broker_transport_options=RABBIT_OPTIONS if is_rabbit else REDIS_OPTIONS,
    broker_connection_timeout=PATIENCE_SECONDS,
    # By default a thread waits for ever for one of the connections.
    broker_pool_acquire_timeout=PATIENCE_SECONDS,
    # Of a worker: it comes back, however long the broker was away.
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    task_queues=[Queue(name, Exchange("jobs"), routing_key=name, queue_arguments=QUEUE_ARGUMENTS) for name in QUEUES],
    task_default_queue="default",
    # Who sends does not try again: the sweep does.
    task_publish_retry=False,
    # When a whole worker is killed, another one gets its message. When only its child is, nobody needs it again:
    # the job waits for its next attempt anyway, and the sweep tells of it then. So no task_retry_on_worker_lost.
    task_acks_late=True,
    # No message waits in a worker that is busy while another one is free.
    worker_prefetch_multiplier=1,
    # What a job has come to is in its row.
    task_ignore_result=True,
    accept_content=["json"],
    task_time_limit=HARD_LIMIT_SECONDS,
    # SIGTERM lets the jobs that run end, however long; SIGQUIT gives them so many seconds.
    worker_soft_shutdown_timeout=10,
    # What is printed is no entry of the log.
    worker_redirect_stdouts=False,
    # A child keeps its connection to the database from message to message.
    CELERY_DB_REUSE_MAX=1000,
)


@celeryd_init.connect  # type: ignore[untyped-decorator]  # Celery has no types
def log_warnings(**_: Any) -> None:
    """Python's warnings go to the log like all else, from Celery's own first one on, of root."""
    logging.captureWarnings(True)


@setup_logging.connect  # type: ignore[untyped-decorator]  # Celery has no types
def leave_logging(**_: Any) -> None:
    """Django's settings say how to log; whoever listens here keeps Celery from it."""


@worker_process_init.connect  # type: ignore[untyped-decorator]  # Celery has no types
def begin_child(**_: Any) -> None:
    """Count in the slot of the child that this one follows."""
    counting.take_slot(current_process().index)
    counters.tell()
