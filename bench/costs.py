"""What each technique of docs/scaling.md costs that has no benchmark of its own, beside what it is compared with.

Run: `make bench-costs`, or `python -m bench.costs [VOTES]`. Some minutes, on a PostgreSQL, a Redis, a gunicorn and an
Nginx of its own; read ratios.
"""

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import live
from deploy.local import postgres, processes, programs, scratch
from deploy.nginx.render import Door

VOTES = 1_000_000
SECONDS = 10
RATE = re.compile(r"(\d+) requests in")
COUNTED = re.compile(r'^requests_seconds_count\{.*view="stories.front_page"\} (\S+)$', re.MULTILINE)


@dataclass(frozen=True)
class Place:
    """Where the site runs: its settings, and the ports of gunicorn, of its metrics, and of Nginx."""

    environment: dict[str, str]
    port: int
    metrics_port: int
    door_port: int


def main() -> None:
    """Measure and print."""
    votes = sys.argv[1] if len(sys.argv) > 1 else str(VOTES)
    with serving() as place:
        measure_shared_cache(place)
        command = [sys.executable, "-m", "bench.costs_run", str(place.port), votes]
        subprocess.run(command, cwd=scratch.ROOT, env={**os.environ, **place.environment}, check=True)  # noqa: S603 (our own)


@contextmanager
def serving() -> Iterator[Place]:
    """The sample site; tells how long its gunicorn took until it was ready."""
    with ExitStack() as stack:
        server = stack.enter_context(postgres.running(postgres.FOR_TESTS))
        directory = stack.enter_context(scratch.directory(user=programs.site_user() or programs.WEB_USER))
        store = stack.enter_context(scratch.directory(user=programs.REDIS_USER))
        redis_port, port, metrics_port, door_port = (processes.free_port() for _ in range(4))
        redis = processes.serve(programs.redis(store, redis_port, "secret"))
        stack.callback(processes.stop, redis)
        environment = {
            "DATABASE_URL": postgres.create_database(server, "groundswell"),
            "REDIS_URL": f"redis://:secret@127.0.0.1:{redis_port}/0",
            "SITE_URL": f"http://127.0.0.1:{door_port}",
            "ALLOWED_HOSTS": "127.0.0.1",
            "BEHIND_PROXY": "1",
            "VAR_DIR": str(directory / "site"),
            "STATIC_ROOT": str(directory / "site" / "static"),
            "LINK_PREVIEWS": "0",
        }
        (directory / "site").mkdir()
        programs.prepare_site(environment)
        measured = environment | {"METRICS_ADDRESS": f"127.0.0.1:{metrics_port}"}
        began = time.monotonic()
        gunicorn = processes.serve(programs.gunicorn(directory, port, measured))
        stack.callback(processes.stop, gunicorn)
        fetch(port, "/health/ready")
        say("a gunicorn is ready after", time.monotonic() - began, "s")
        say("which takes", live.cost(gunicorn).seconds, "s of a core")
        door = stack.enter_context(scratch.directory(user=programs.WEB_USER))
        nginx = processes.serve(programs.nginx(door_before(door, directory, port, door_port), door_port))
        stack.callback(processes.stop, nginx, programs.NGINX_ENDING)
        yield Place(environment, port, metrics_port, door_port)


def measure_shared_cache(place: Place) -> None:
    """How many requests for one page a shared cache that obeys s-maxage keeps from the site; Nginx is one."""
    before = counted(place)
    command = ["wrk", "-t1", "-c2", f"-d{SECONDS}s", f"http://127.0.0.1:{place.door_port}/"]
    said = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 (our own)
    found = RATE.search(said.stdout)
    asked = float(found[1]) if found else 0.0
    say(f"requests that Nginx answered in {SECONDS} s", asked, "")
    say("of those, asked of gunicorn", counted(place) - before, "")


def counted(place: Place) -> float:
    """How often gunicorn was asked for the front page."""
    return sum(map(float, COUNTED.findall(fetch(place.metrics_port, "/metrics").decode())))


def door_before(directory: Path, site: Path, port: int, door_port: int) -> Door:
    """Nginx's configuration."""
    return Door(
        directory=directory,
        gunicorns=[f"127.0.0.1:{port}"],
        static_root=site / "static",
        media_root=site / "media",
        listen=[f"127.0.0.1:{door_port}"],
        limits=False,
    )


def fetch(port: int, path: str) -> bytes:
    """What is there."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
        return bytes(answer.read())


def say(name: str, value: float, unit: str) -> None:
    """One line."""
    sys.stdout.write(f"{name:<52}{value:>12,.2f} {unit}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
