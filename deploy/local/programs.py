"""Redis, gunicorn, Celery, Nginx and Prometheus as private programs, ready to be started; PostgreSQL: postgres.py."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path

from deploy.local.processes import LOOPBACK, Program, bound, connect
from deploy.local.scratch import ROOT
from deploy.nginx.render import Door, render

# Debian's base system has this user for web servers, Redis's package the other.
WEB_USER = "www-data"
REDIS_USER = "redis"
# The jobs of each queue that run at the same time.
CHILDREN = {"fast": 2, "default": 2, "slow": 1}
PROMETHEUS_FILES = ("prometheus.yml", "alerts.yml")
# Requests under way are answered first.
NGINX_ENDING = signal.SIGQUIT


def redis(directory: Path, port: int, password: str, *, host: str = LOOPBACK, keeps: bool = False) -> Program:
    """A Redis that keeps nothing on disk, as a cache, or else what it was told, as a broker."""
    # The password stands in a file: everyone may read command lines.
    config = directory / "redis.conf"
    config.touch(mode=0o600)
    lines = [
        f"port {port}",
        f"bind {host}",
        f"dir {directory}",
        f"requirepass {password}",
        f"appendonly {'yes' if keeps else 'no'}",
        'save ""',
        # A broker says that it is full; it drops no message.
        "maxmemory-policy noeviction",
    ]
    config.write_text("\n".join([*lines, ""]), encoding="ascii")
    if os.geteuid() == 0:
        shutil.chown(config, REDIS_USER)
    command = ["/usr/bin/redis-server", str(config)]
    return Program(command=command, log=directory / "log", user=REDIS_USER, attempt=partial(connect, port, host))


def gunicorn(directory: Path, port: int, environment: Mapping[str, str], host: str = LOOPBACK) -> Program:
    """One application server, with the site's settings in `environment`."""
    command = ["-m", "gunicorn", "--bind", f"{host}:{port}"]
    return site_program(directory, command, {**environment, "PORT": str(port)}, partial(connect, port, host))


def live(directory: Path, port: int, environment: Mapping[str, str], host: str = LOOPBACK) -> Program:
    """One live service."""
    command = ["-m", "gunicorn", "-c", "live.conf.py", "--bind", f"{host}:{port}"]
    return site_program(directory, command, {**environment, "LIVE_PORT": str(port)}, partial(connect, port, host))


def worker(directory: Path, queue: str, environment: Mapping[str, str]) -> Program:
    """A Celery worker that serves `queue`."""
    command = ["-m", "celery", "--quiet", "-A", "project", "worker", "-Q", queue, "-n", f"{queue}@%h"]
    # Workers that talk about each other, which nothing here needs, ask the broker without end.
    quiet = ["--without-gossip", "--without-mingle", "--concurrency", str(CHILDREN[queue])]
    return site_program(directory, [*command, *quiet], environment)


def scheduler(directory: Path, environment: Mapping[str, str]) -> Program:
    """What enqueues scheduled jobs, and sweeps."""
    return site_program(directory, ["manage.py", "schedule_jobs"], environment)


def site_program(
    directory: Path,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    attempt: Callable[[], object] = lambda: None,
) -> Program:
    """Python with the site's code and the settings in `environment`; without an `attempt`, nobody waits for it."""
    return Program(
        command=[sys.executable, *arguments],
        log=directory / "log",
        user=site_user(),
        attempt=attempt,
        directory=ROOT,
        environment=environment,
    )


def nginx(door: Door, port: int, host: str = LOOPBACK) -> Program:
    """The door: static files by itself, everything else from the gunicorns. `port` is one that it listens on."""
    config, log = door.directory / "nginx.conf", door.directory / "error.log"
    config.write_text(render(door), encoding="utf-8")
    command = ["/usr/sbin/nginx", "-p", f"{door.directory}/", "-c", str(config), "-e", str(log), "-g", "daemon off;"]
    return Program(
        command=command,
        log=door.directory / "log",
        user=WEB_USER,
        attempt=partial(connect, port, host),
        ending=NGINX_ENDING,
    )


def prometheus(directory: Path, port: int, targets: Mapping[str, int]) -> Program:
    """Prometheus with the site's rules, which asks the `targets`, ports by names, and keeps what it hears for a day."""
    for file in PROMETHEUS_FILES:
        shutil.copy(ROOT / "deploy" / "prometheus" / file, directory)
    asked = [{"targets": [f"127.0.0.1:{port}"], "labels": {"service": name}} for name, port in targets.items()]
    (directory / "targets.json").write_text(json.dumps(asked, indent=1), encoding="ascii")
    options = {
        "config.file": directory / "prometheus.yml",
        "storage.tsdb.path": directory / "data",
        "storage.tsdb.retention.time": "1d",
        "web.listen-address": f"127.0.0.1:{port}",
        "log.level": "warn",
    }
    command = ["/usr/bin/prometheus", *(f"--{name}={value}" for name, value in options.items())]
    return Program(command=command, log=directory / "log", user=WEB_USER, attempt=partial(connect, port))


def prepare_site(environment: Mapping[str, str]) -> None:
    """Migrate, collect static files, load the sample once; the end when that fails."""
    as_user, place = bound(site_user()), environment["STATIC_ROOT"]
    if not Path(place).exists():
        # What `make run` or `make test` has collected and compressed saves doing it again.
        copy = [*as_user, "cp", "-r", "--preserve=timestamps", str(ROOT / "static_root"), place]
        subprocess.run(copy, check=False, capture_output=True)  # noqa: S603 (our own)
    command = [*as_user, sys.executable, "-m", "deploy.local.site"]
    if subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False).returncode:  # noqa: S603 (our own)
        raise SystemExit("The site could not be prepared, see above.")


@cache
def site_user() -> str:
    """Who runs the site's own code: WEB_USER if it can read Python and this checkout, else whoever starts the fleet."""
    # Through a shell, as the servers start: setpriv itself still has root's right to enter every directory.
    python = ["sh", "-c", 'exec "$@"', "sh", sys.executable]
    command = [*bound(WEB_USER), *python, "-c", "import django; from project import env; env.read_file()"]
    readable = subprocess.run(command, cwd=ROOT, check=False, capture_output=True).returncode == 0  # noqa: S603 (our own)
    return WEB_USER if readable else ""
