"""Redis, gunicorn and Nginx as private programs, ready to be started. PostgreSQL's is in postgres.py."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path

from deploy.local.processes import Program, bound, connect
from deploy.local.scratch import ROOT
from deploy.nginx.render import Door, render

# Debian's base system has this user for web servers, Redis's package the other.
WEB_USER = "www-data"
REDIS_USER = "redis"
# Requests under way are answered first.
NGINX_ENDING = signal.SIGQUIT


def redis(directory: Path, port: int, password: str) -> Program:
    """A Redis that keeps nothing on disk."""
    # The password stands in a file: everyone may read command lines.
    config = directory / "redis.conf"
    config.touch(mode=0o600)
    lines = [
        f"port {port}",
        "bind 127.0.0.1",
        f"dir {directory}",
        f"requirepass {password}",
        "appendonly no",
        'save ""',
    ]
    config.write_text("\n".join([*lines, ""]), encoding="ascii")
    if os.geteuid() == 0:
        shutil.chown(config, REDIS_USER)
    command = ["/usr/bin/redis-server", str(config)]
    return Program(command=command, log=directory / "log", user=REDIS_USER, attempt=partial(connect, port))


def gunicorn(directory: Path, port: int, environment: Mapping[str, str]) -> Program:
    """One application server, with the site's settings in `environment`."""
    return Program(
        command=[sys.executable, "-m", "gunicorn"],
        log=directory / "log",
        user=site_user(),
        attempt=partial(connect, port),
        directory=ROOT,
        environment={**environment, "PORT": str(port)},
    )


def nginx(door: Door, port: int) -> Program:
    """The door: static files by itself, everything else from the gunicorns. `port` is one that it listens on."""
    config, log = door.directory / "nginx.conf", door.directory / "error.log"
    config.write_text(render(door), encoding="utf-8")
    command = ["/usr/sbin/nginx", "-p", f"{door.directory}/", "-c", str(config), "-e", str(log), "-g", "daemon off;"]
    return Program(
        command=command,
        log=door.directory / "log",
        user=WEB_USER,
        attempt=partial(connect, port),
        ending=NGINX_ENDING,
    )


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
