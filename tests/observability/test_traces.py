"""A gunicorn and a runner of jobs that tell a collector what they do; and both without OpenTelemetry."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from django.db import connection
from django.utils import timezone

from apps.api.actions import make_token
from apps.api.models import Scope
from apps.jobs.models import Job
from deploy.local import processes
from deploy.local.scratch import ROOT
from tests import databases
from tests.observability.collector import Collector, collecting, facts
from tests.replicas.servers import until
from tests.scene import Scene, build

pytestmark = pytest.mark.django_db(transaction=True)

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
BROWSER = "00f067aa0ba902b7"
POST = "POST api/v1/stories/<int:pk>/comments"
HEADERS = {"traceparent": f"00-{TRACE}-{BROWSER}-01", "Content-Type": "application/json"}
SITE = """
import sys
sys.modules["opentelemetry"] = None  # as if it were not installed
from project.wsgi import application
from django.test import Client
from django.utils import timezone
from apps.jobs import actions
from apps.jobs.models import Job
status = Client(SERVER_NAME="127.0.0.1").get("/").status_code
actions.enqueue("jobs.forget_finished")
actions.run_next(queue="slow", now=timezone.now())
print(status, Job.objects.get().state)
"""

Start = Callable[..., None]


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


@pytest.fixture
def start(collector: Collector, tmp_path: Path) -> Iterator[Start]:
    """Starts a process of the site that tells the collector ten times a second."""
    children: list[subprocess.Popen[bytes]] = []

    def start(*command: str, **variables: str) -> None:
        own = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "100"}
        environment = os.environ | variables_of_site(tmp_path) | own | variables
        children.append(subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment))

    yield start
    for child in children:
        child.terminate()
    for child in children:
        child.wait()


def variables_of_site(directory: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": databases.address(),
        "VAR_DIR": str(directory),
        "DJANGO_SETTINGS_MODULE": "project.settings",
    }


def comment(scene: Scene, site: str) -> None:
    """Have a program of the stranger's post a comment, within TRACE."""
    _, secret = make_token(by=scene.stranger, name="t", scopes=Scope.values, lifetime=None, now=timezone.now())
    body = json.dumps({"text": "hush"}).encode()
    headers = HEADERS | {"Authorization": f"Bearer {secret}"}
    with urlopen(Request(f"{site}/api/v1/stories/{scene.story.pk}/comments", body, headers)) as answer:
        assert answer.status == 201


def test_one_trace_leads_from_who_asks_through_the_request_to_its_jobs(start: Start, collector: Collector) -> None:
    scene, port = build(timezone.now()), processes.free_port()
    site = f"http://127.0.0.1:{port}"
    Job.objects.all().delete()
    start("-m", "gunicorn", PORT=str(port), WEB_WORKERS="1")
    until(lambda: bool(urlopen(f"{site}/search?q=hush").close() or True))
    comment(scene, site)
    start("manage.py", "run_jobs", "--queue", "default")
    until(lambda: bool(collector.spans("search.index") and collector.spans(POST)))

    [request], [job] = collector.spans(POST), collector.spans("search.index")
    assert (request.trace_id.hex(), request.parent_span_id.hex()) == (TRACE, BROWSER)
    assert (job.trace_id, job.parent_span_id) == (request.trace_id, request.span_id)
    assert facts(request)["http.status_code"] == 201
    assert facts(job)["request_id"] == facts(request)["request_id"] == TRACE
    assert (facts(job)["job.queue"], facts(job)["job.attempt"], facts(job)["job.outcome"]) == ("default", 1, "done")
    queries = [span for span in collector.spans("INSERT") if span.parent_span_id == request.span_id]
    assert bool(queries) == (connection.vendor == "postgresql")
    assert b"hush" not in b"".join(collector.heard)


def test_site_without_opentelemetry_serves_and_runs_jobs(tmp_path: Path) -> None:
    environment = os.environ | variables_of_site(tmp_path)

    said = subprocess.run(
        [sys.executable, "-c", SITE], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    assert said.stdout == "200 done\n"
