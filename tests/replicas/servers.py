"""A real primary with a standby, and the trial site on gunicorn before them."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

from deploy.local import postgres, processes, replication, scratch
from tests.patience import PATIENCE

SETTINGS = {"fsync": "off", "wal_level": "replica", "hot_standby": "on"}
DATABASE = "site"


@dataclass(frozen=True)
class Pair:
    """A primary and its standby."""

    primary: postgres.Server
    standby: postgres.Server

    @property
    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.primary.url(DATABASE),
            "DATABASE_REPLICA_URLS": self.standby.url(DATABASE),
            "DJANGO_SETTINGS_MODULE": "tests.replicas.trial_settings",
            "PATH": "/usr/bin:/bin:/usr/sbin",
        }

    def wait_for_replay(self) -> None:
        [(position,)] = self.primary.query("SELECT pg_current_wal_flush_lsn()::text")
        until(lambda: self.standby.query("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", [position]) == [(True,)])


class Visitor:
    """A browser: it keeps cookies."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.browser: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()))

    def read(self) -> dict[str, Any]:
        return json.loads(self.open("/names").read())  # type: ignore[no-any-return]

    def send(self, path: str, name: str = "") -> tuple[int, str]:
        response = self.open(path, {"name": name})
        return response.status, response.read().decode()

    def open(self, path: str, form: dict[str, str] | None = None) -> HTTPResponse:
        data = None if form is None else urlencode(form).encode()
        try:
            return self.browser.open(self.address + path, data, timeout=PATIENCE)  # type: ignore[no-any-return]
        except HTTPError as refusal:
            return refusal  # type: ignore[return-value]  # it reads like an answer


@contextmanager
def bare_pair() -> Iterator[Pair]:
    """Both servers, with an empty database."""
    with postgres.running(SETTINGS) as primary, scratch.directory(user=postgres.USER) as directory:
        postgres.create_database(primary, DATABASE)
        replication.copy(primary, directory / "data", "replica1")
        standby = postgres.start(directory / "data", primary.password, SETTINGS)
        try:
            yield Pair(primary, standby)
        finally:
            processes.stop(standby.process, postgres.ENDING)


@contextmanager
def pair() -> Iterator[Pair]:
    """Both servers, with the site's tables."""
    with bare_pair() as servers:
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=scratch.ROOT, env=servers.environment, check=True)
        servers.wait_for_replay()
        yield servers


@contextmanager
def serving(servers: Pair, place: Path, **environment: str) -> Iterator[str]:
    """The trial site's address; two workers of two threads, whose files lie in `place`."""
    port = str(processes.free_port())
    own = {
        "PORT": port,
        "VAR_DIR": str(place),
        "WEB_THREADS": "2",
        "WEB_WORKERS": "2",
        "SITE_URL": f"http://127.0.0.1:{port}",
    }
    gunicorn = subprocess.Popen(
        [sys.executable, "-m", "gunicorn"], cwd=scratch.ROOT, env=servers.environment | own | environment
    )
    try:
        until(lambda: Visitor(f"http://127.0.0.1:{port}").open("/names").status == 200)
        yield f"http://127.0.0.1:{port}"
    finally:
        gunicorn.terminate()
        gunicorn.wait(PATIENCE)


def until(is_done: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Return when it is done; AssertionError after a while."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if is_done():
                return
        except OSError:
            pass
        assert time.monotonic() < deadline, "It did not happen."
        time.sleep(0.02)
