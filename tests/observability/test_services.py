"""Real services: whichever process of a gunicorn answers, Prometheus sees what all have counted; workers answer too."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from deploy.local import processes
from deploy.local.scratch import ROOT
from tests.replicas.servers import until

NOWHERE = {"view": "none", "cache": "none", "audience": "visitor", "status": "404"}


class Gunicorn:
    """Runs from its making on."""

    def __init__(self, directory: Path) -> None:
        self.port, self.metrics_port = processes.free_port(), processes.free_port()
        own = {
            **{"VAR_DIR": str(directory), "DATABASE_URL": f"sqlite:///{directory}/site.sqlite3", "WEB_WORKERS": "2"},
            **{"PORT": str(self.port), "METRICS_ADDRESS": f"127.0.0.1:{self.metrics_port}"},
        }
        self.process = subprocess.Popen([sys.executable, "-m", "gunicorn"], cwd=ROOT, env=os.environ | own)

    def workers(self) -> list[int]:
        return [child.pid for child in processes.found(self.process.pid).family()[1:]]

    def visit(self) -> None:
        """Ask for what is nowhere, which needs no table."""
        with pytest.raises(HTTPError, match="404") as answer:
            urlopen(f"http://127.0.0.1:{self.port}/nowhere")
        answer.value.close()

    def figures(self, name: str) -> list[tuple[dict[str, str], float]]:
        with urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics") as answer:
            families = list(text_string_to_metric_families(answer.read().decode()))
        found = [sample for family in families for sample in family.samples if sample.name == name]
        return [(sample.labels, sample.value) for sample in found]

    def is_up(self) -> bool:
        """Whether both workers have sampled what they take."""
        memory = self.figures("process_memory_bytes")
        return len(memory) == 2 and all(value for _, value in memory)

    def visits(self) -> float:
        return sum(value for labels, value in self.figures("requests_seconds_count") if labels == NOWHERE)


@pytest.fixture
def gunicorn(tmp_path: Path) -> Iterator[Gunicorn]:
    server = Gunicorn(tmp_path)
    until(server.is_up)
    yield server
    server.process.terminate()
    server.process.wait()


def test_counts_of_all_workers_are_one_sum_that_no_death_makes_smaller(gunicorn: Gunicorn) -> None:
    for _ in range(12):
        gunicorn.visit()
    before = gunicorn.visits()
    dead, *_ = gunicorn.workers()

    os.kill(dead, signal.SIGKILL)
    until(lambda: dead not in gunicorn.workers() and len(gunicorn.workers()) == 2)
    until(gunicorn.is_up)
    for _ in range(12):
        gunicorn.visit()

    assert (before, gunicorn.visits()) == (12, 24)
    slots = [labels["pid"] for labels, _ in gunicorn.figures("process_memory_bytes")]
    assert sorted(slots) == ["0", "1"]
    assert [value for _, value in gunicorn.figures("requests_threads")] == [8]


def test_who_says_nothing_holds_up_nobody(gunicorn: Gunicorn) -> None:
    with socket.create_connection(("127.0.0.1", gunicorn.metrics_port)):
        assert gunicorn.visits() == 0


@pytest.fixture
def lonely_worker(tmp_path: Path) -> Iterator[str]:
    """Where a Celery worker answers Prometheus that has found no broker, nor any table."""
    port = processes.free_port()
    own = {
        **{"VAR_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/site.sqlite3"},
        **{"BROKER_URL": "redis://127.0.0.1:1/0", "METRICS_ADDRESS": f"127.0.0.1:{port}"},
    }
    command = [sys.executable, "-m", "celery", "-A", "project", "worker", "-Q", "fast", "--concurrency", "2"]
    worker = subprocess.Popen(command, cwd=ROOT, env=os.environ | own, stderr=subprocess.DEVNULL)
    yield f"http://127.0.0.1:{port}/metrics"
    worker.terminate()
    worker.wait()


def test_worker_that_has_not_found_its_broker_tells_probes_that_it_lives(lonely_worker: str) -> None:
    def is_alive() -> bool:
        with urlopen(lonely_worker) as answer:
            return "process_memory_bytes" in answer.read().decode()

    until(is_alive)
