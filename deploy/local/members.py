"""The servers of a fleet, each with its name, place, port and process. Not here: how they work together (fleet.py)."""

import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from deploy.local import postgres, programs
from deploy.local.processes import LOOPBACK, Process

# The site's role and database.
SITE = "groundswell"


@dataclass(slots=True)
class Member:
    """One server, running or not. Its port, if it `listens` on one, stays while it is down.

    So does the one at which it answers Prometheus, if it runs the site's code and so `is_counting`.
    """

    listens: ClassVar[bool] = True
    is_counting: ClassVar[bool] = False
    name: str
    directory: Path
    password: str
    port: int = 0
    metrics_port: int = 0
    process: Process | None = None
    user: str = programs.WEB_USER
    ending: signal.Signals = signal.SIGTERM
    # Its machine: an address, and the network namespace that has it.
    host: str = LOOPBACK
    network: str = ""

    @property
    def state(self) -> str:
        """Either "running", "frozen" or "gone"."""
        return self.process.state if self.process else "gone"

    @property
    def pid(self) -> int | None:
        """The number of its process, or None when it is gone."""
        return self.process.pid if self.process and self.state != "gone" else None


@dataclass(slots=True)
class Database(Member):
    """A PostgreSQL, primary or replica."""

    user: str = postgres.USER
    ending: signal.Signals = postgres.ENDING

    @property
    def data(self) -> Path:
        """Its data directory."""
        return self.directory / "data"

    @property
    def server(self) -> postgres.Server:
        """The running server; LookupError before its first start."""
        if not self.process:
            raise LookupError(f"{self.name} has not been started.")
        return postgres.Server(self.process, self.data, self.port, self.password, self.host)

    @property
    def url(self) -> str:
        """The site's database there, as DATABASE_URL has it."""
        return f"postgres://{SITE}:{self.password}@{self.host}:{self.port}/{SITE}"

    def query(self, statement: postgres.Statement, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement in the site's database as the superuser; its rows."""
        return self.server.query(statement, values, database=SITE)


@dataclass(slots=True)
class Redis(Member):
    """The cache."""

    user: str = programs.REDIS_USER

    @property
    def url(self) -> str:
        """Its first database, as REDIS_URL has it."""
        return f"redis://:{self.password}@{self.host}:{self.port}/0"


@dataclass(slots=True)
class Broker(Redis):
    """What tells workers of jobs: never evicts, and remembers through a restart."""


@dataclass(slots=True)
class Gunicorn(Member):
    """An application server."""

    is_counting: ClassVar[bool] = True


@dataclass(slots=True)
class Live(Member):
    """A live service."""

    is_counting: ClassVar[bool] = True


@dataclass(slots=True)
class Nginx(Member):
    """The door."""

    ending: signal.Signals = programs.NGINX_ENDING

    @property
    def url(self) -> str:
        """Where people reach the site, without a slash at the end."""
        return f"http://{self.host}:{self.port}"


@dataclass(slots=True)
class Worker(Member):
    """A Celery worker, named after its queue."""

    listens: ClassVar[bool] = False
    is_counting: ClassVar[bool] = True

    @property
    def queue(self) -> str:
        """The only one that it serves."""
        return self.name.removeprefix("worker-")


@dataclass(slots=True)
class Scheduler(Member):
    """Enqueues scheduled jobs, and sweeps."""

    listens: ClassVar[bool] = False
    is_counting: ClassVar[bool] = True


@dataclass(slots=True)
class Prometheus(Member):
    """Asks all that count."""

    @property
    def url(self) -> str:
        """Its own pages, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"
