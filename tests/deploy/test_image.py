"""The image, built by `make image` and run for real beside a private PostgreSQL and Redis."""

import gzip
import re
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from deploy.local import postgres, processes, programs, scratch
from deploy.local.postgres import Server
from tests.deploy import containers
from tests.deploy.containers import Image
from tests.patience import PATIENCE

pytestmark = pytest.mark.image


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgres.running(postgres.FOR_TESTS) as server:
        postgres.create_database(server, "site")
        yield server


@pytest.fixture(scope="module")
def image(server: Server) -> Iterator[Image]:
    with ExitStack() as stack:
        home = stack.enter_context(scratch.directory(user=programs.REDIS_USER))
        port = processes.free_port()
        redis = processes.serve(programs.redis(home, port, "secret"))
        stack.callback(processes.stop, redis)
        environment = {
            "DATABASE_URL": server.url("site"),
            "REDIS_URL": f"redis://:secret@127.0.0.1:{port}/0",
            "BROKER_URL": f"redis://:secret@127.0.0.1:{port}/1",
            "SECRET_KEY": "of a test",
            "LIVE": "1",
        }
        image = stack.enter_context(containers.opened(home, environment))
        migrated = image.run("migrate", "migrate")
        assert migrated.returncode == 0, migrated.stderr
        yield image


@pytest.fixture(scope="module")
def address(image: Image) -> Iterator[str]:
    """Where a web of this image answers."""
    port = processes.free_port()
    process = image.start("web", "web", listens=f"PORT={port}")
    yield f"http://127.0.0.1:{port}"
    processes.stop(process)


def read(address: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(address, headers={name.replace("_", "-"): text for name, text in headers.items()})
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:
        return response.status, dict(response.headers), response.read()


def test_web_serves_pages_and_says_that_it_is_healthy(image: Image, address: str) -> None:
    [_, check, place] = image.config["Healthcheck"]["Test"]

    status, _, page = read(f"{address}/")

    assert (status, b"Groundswell" in page) == (200, True)
    assert image.inside("web", check, place.replace("8000", address.rpartition(":")[2])).returncode == 0


def test_static_files_are_in_the_image_compressed(address: str) -> None:
    _, _, page = read(f"{address}/")
    [style, *_] = re.findall(r'href="(/static/[^"]+\.css)"', page.decode())

    for encoding in ("gzip", "br"):
        assert read(f"{address}{style}", Accept_Encoding=encoding)[1]["Content-Encoding"] == encoding
    assert b"{" in gzip.decompress(read(f"{address}{style}", Accept_Encoding="gzip")[2])


def test_web_is_not_root_and_may_do_nothing(image: Image, address: str) -> None:
    status = image.inside("web", "cat", "/proc/1/status").stdout

    assert re.findall(r"^Uid:\s+(\d+)", status, re.MULTILINE) == ["10001"]
    assert set(re.findall(r"^Cap\w+:\s+(\w+)", status, re.MULTILINE)) == {"0" * 16}


@pytest.mark.parametrize(("place", "is_writable"), [("/srv/groundswell", False), ("/opt/venv", False), ("/tmp", True)])
def test_image_is_read_only(image: Image, address: str, place: str, is_writable: bool) -> None:
    touched = image.inside("web", "touch", f"{place}/file")

    assert (touched.returncode == 0) is is_writable


def test_health_check_fails_where_nothing_answers(image: Image) -> None:
    assert image.run("idle", *image.config["Healthcheck"]["Test"][1:]).returncode != 0


def test_live_service_is_ready(image: Image) -> None:
    port = processes.free_port()
    process = image.start("live", "live", listens=f"LIVE_PORT={port}")

    assert read(f"http://127.0.0.1:{port}/health/ready")[0] == 200
    processes.stop(process)


def test_scheduler_enqueues_worker_works_and_both_answer_prometheus(image: Image, server: Server) -> None:
    ports = [processes.free_port(), processes.free_port()]
    worker = image.start("worker", "worker", "slow", "1", listens=f"METRICS_ADDRESS=127.0.0.1:{ports[0]}")
    scheduler = image.start("scheduler", "scheduler", listens=f"METRICS_ADDRESS=127.0.0.1:{ports[1]}")
    deadline = time.monotonic() + PATIENCE
    done = "SELECT count(*) FROM jobs_job WHERE queue = 'slow' AND state = 'done'"
    while server.query(done, database="site") == [(0,)] and time.monotonic() < deadline:
        time.sleep(0.1)
    statuses = [read(f"http://127.0.0.1:{port}/metrics")[0] for port in ports]
    for process in (worker, scheduler):
        processes.stop(process)

    assert server.query(done, database="site") != [(0,)]
    assert statuses == [200, 200]
    assert [process.child and process.child.returncode for process in (worker, scheduler)] == [0, 0]


def test_image_says_what_it_was_made_of(image: Image) -> None:
    assert re.fullmatch(r"[0-9a-f]{40}", image.config["Labels"]["org.opencontainers.image.revision"])
    assert Path(image.root / "srv/groundswell/requirements.txt").exists()
    assert not Path(image.root / "srv/groundswell/tests").exists()
