"""What a live service costs that 5,000 open pages listen to, each of which hears one event a second; none may be lost.

Run: `make bench-live`, or `python -m bench.live [PAGES]`. Aim: under half a core and under 400 MB. The service is one
process on a Redis of its own; the pages are connections of another process (bench/live_pages.py), which counts what
each hears. Told are processor time, as the kernel counts it, and memory of gunicorn's two processes together, so a
machine that does other things too changes little; root lets service and pages go before those. Three mixes: all pages
show one busy thread, ten pages show each thread, each page has a topic to itself.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import redis

from deploy.local import processes, programs, scratch
from deploy.local.processes import Process

PAGES = 5000
SECONDS = 30
# What is told within a second is told in so many steps.
STEPS = 10
# As apps/live/publishing.py names it.
STREAM = ":1:live"
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Cost:
    """Seconds of a core up to now, and megabytes now."""

    seconds: float
    megabytes: float


def main() -> None:
    """Measure and print."""
    pages = int(sys.argv[1]) if len(sys.argv) > 1 else PAGES
    for topics in (1, pages // 10, pages):
        with serving(pages) as (store, port, service):
            measure(pages, topics, store, port, service)


@contextmanager
def serving(pages: int) -> Iterator[tuple[redis.Redis, int, Process]]:
    """A Redis and a live service on it, which has places for `pages`; its port and process."""
    with ExitStack() as stack:
        place = stack.enter_context(scratch.directory(user=programs.REDIS_USER))
        server = programs.redis(place, store_port := processes.free_port(), "secret")
        stack.callback(processes.stop, processes.serve(server))
        directory = stack.enter_context(scratch.directory(user=programs.site_user() or programs.WEB_USER))
        address = f"redis://:secret@127.0.0.1:{store_port}/0"
        own = {"LIVE": "1", "REDIS_URL": address, "VAR_DIR": str(directory), "LIVE_STREAMS": str(pages)}
        port = processes.free_port()
        service = processes.serve(programs.live(directory, port, {**own, "DATABASE_URL": "sqlite://:memory:"}))
        stack.callback(processes.stop, service)
        yield redis.Redis.from_url(address), port, service


def measure(pages: int, topics: int, store: redis.Redis, port: int, service: Process) -> None:
    """Let all pages listen, tell each of them one event a second, and print what that took."""
    command = [sys.executable, "-m", "bench.live_pages", *map(str, (port, pages, topics, pages * SECONDS))]
    favor(service)
    with subprocess.Popen(command, cwd=scratch.ROOT, stdout=subprocess.PIPE, text=True) as client:  # noqa: S603 (our own)
        assert client.stdout  # noqa: S101 (it is a pipe)
        favor(processes.found(client.pid))
        client.stdout.readline()
        before, began = cost(service), time.monotonic()
        for step in range(SECONDS * STEPS):
            publish(store, range(step % STEPS, topics, STEPS))
            time.sleep(max(0.0, began + (step + 1) / STEPS - time.monotonic()))
        after, seconds = cost(service), time.monotonic() - began
        heard = client.stdout.readline().strip()
    sys.stdout.write(
        f"{pages:,} pages, {topics:>5,} topics: {(after.seconds - before.seconds) / seconds:.2f} of a core,"
        f" {after.megabytes:.0f} MB; {before.seconds:.1f} s of a core until all were there; {heard}\n"
    )
    sys.stdout.flush()


def favor(process: Process) -> None:
    """Let it go before what else the machine does, if we may."""
    with suppress(PermissionError):
        for member in process.family():
            os.setpriority(os.PRIO_PROCESS, member.pid, -10)


def publish(store: redis.Redis, topics: range) -> None:
    """Tell one event of each topic."""
    with store.pipeline(transaction=False) as pipeline:
        for topic in topics:
            fence = "10000000000000000:1vIxyz:0123456789abcdefghijklmnopqrstuvwxyz0123456"
            said = f'comment {{"id": {topic}, "fence": "{fence}"}}'
            pipeline.xadd(STREAM, {f"story:{topic}": said}, maxlen=20_000)
        pipeline.execute()


def cost(service: Process) -> Cost:
    """Of gunicorn and its worker."""
    ticks = pages = 0
    for process in service.family():
        fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
        pages += int(fields[21])
    return Cost(ticks / TICKS, pages * PAGE_BYTES / 1e6)


if __name__ == "__main__":
    main()
