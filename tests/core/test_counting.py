"""Where processes count: each service for itself, its processes in slots, all of them together for operators."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.scratch import ROOT
from tests.patience import PATIENCE

# Counts once for each word it is told: in its parent, or in the slot of that number, in a process of its own. At the
# end of its input it dies as if killed.
SERVICE = """
import json, os, sys
from pathlib import Path
from apps.core import counting
directory = counting.share(Path(sys.argv[1]), sys.argv[2])
assert counting.share(Path(sys.argv[1]), "other") == directory
from prometheus_client import Counter, Gauge
VISITS = Counter("visits_total", "Visits")
GUESTS = Gauge("guests", "Guests", multiprocess_mode="livesum")
def count(slot):
    if pid := os.fork():
        os.waitpid(pid, 0)
    else:
        counting.take_slot(slot)
        VISITS.inc()
        GUESTS.set(2)
        os._exit(0)
def figures():
    return {sample.name: sample.value for family in counting.families() for sample in family.samples}
for line in sys.stdin:
    word, _, slot = line.strip().partition(" ")
    if word == "count":
        count(int(slot))
    elif word == "leave":
        counting.leave_slot(int(slot))
    files = sorted(file.name for file in directory.glob("*_[0-9]*.db"))
    print(json.dumps([directory.name, files, figures()]), flush=True)
os._exit(9)
"""

# A pool as Celery's workers have it, and its slots: two children, of which one is killed in the middle of a job.
POOL = """
import json, os, sys
from pathlib import Path
from apps.core import counting
directory = counting.share(Path(sys.argv[1]), "worker")
from billiard import Pool, current_process
from prometheus_client import Counter
JOBS = Counter("jobs_total", "Jobs")
def begin():
    counting.take_slot(current_process().index)
def work(job):
    JOBS.inc()
    if job == "die":
        os.kill(os.getpid(), 9)
pool = Pool(2, initializer=begin)
pool.map(work, range(8), chunksize=1)
lost = pool.apply_async(work, ["die"])
lost.wait()
assert not lost.successful()
pool.map(work, range(8), chunksize=1)
pool.close()
pool.join()
figures = {sample.name: sample.value for family in counting.families() for sample in family.samples}
print(json.dumps([sorted(file.name for file in directory.glob("*_[0-9]*.db")), figures["jobs_total"]]))
"""


class Service:
    def __init__(self, root: Path, kind: str = "web") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVICE, str(root), kind],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self, word: str) -> tuple[str, list[str], dict[str, float]]:
        """The name of its directory, the files of its slots, and what all services have counted."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        name, files, figures = json.loads(self.process.stdout.readline())
        return name, files, figures

    def die(self) -> None:
        self.process.communicate()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path)
    yield service
    service.die()


def test_successors_count_on_where_the_dead_have_ended(web: Service) -> None:
    web.tell("count 0")
    web.tell("count 1")
    web.tell("leave 0")

    _, files, figures = web.tell("count 0")

    assert figures["visits_total"] == 3
    assert files == [f"{kind}_{slot}.db" for kind in ("counter", "gauge_livesum") for slot in (0, 1)]


def test_gauges_of_the_dead_are_gone_and_their_counts_stay(web: Service) -> None:
    web.tell("count 0")
    web.tell("count 1")

    _, _, figures = web.tell("leave 0")

    assert (figures["guests"], figures["visits_total"]) == (2, 2)


def test_services_of_a_machine_count_apart_and_are_shown_together(web: Service, tmp_path: Path) -> None:
    second, worker = Service(tmp_path), Service(tmp_path, "worker")

    names = {service.tell("count 0")[0] for service in (web, second, worker)}
    _, files, figures = web.tell("look")
    second.die()
    worker.die()

    assert names == {"web-0", "web-1", "worker-0"}
    assert files == ["counter_0.db", "gauge_livesum_0.db"]
    assert (figures["visits_total"], figures["guests"]) == (3, 6)


def test_dead_service_counts_no_more_and_leaves_its_place_empty(web: Service, tmp_path: Path) -> None:
    web.tell("look")
    former = Service(tmp_path)
    former.tell("count 0")
    former.die()

    _, _, figures = web.tell("count 0")
    successor = Service(tmp_path)
    name, files, _ = successor.tell("look")
    successor.die()

    assert figures["visits_total"] == 1
    assert (name, files) == ("web-1", [])


def test_successor_of_a_celery_child_counts_on_where_that_was_killed(tmp_path: Path) -> None:
    command, environment = [sys.executable, "-c", POOL, str(tmp_path)], os.environ | {"PYTHONPATH": str(ROOT)}

    said = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=PATIENCE
    )

    files, jobs = json.loads(said.stdout.splitlines()[-1])
    assert jobs == 17
    assert set(files) <= {"counter_0.db", "counter_1.db"}
