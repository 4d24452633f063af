"""What a fleet consists of: its servers by name and by what they are for. Not here: what is done to them (fleet.py)."""

from pathlib import Path

from deploy.local.members import (
    Broker,
    Database,
    Gunicorn,
    Live,
    Member,
    Nginx,
    Prometheus,
    Redis,
    Scheduler,
    Worker,
)

KINDS: dict[str, type[Member]] = {
    "postgres1": Database,
    "postgres2": Database,
    "postgres3": Database,
    "redis": Redis,
    "broker": Broker,
    "gunicorn1": Gunicorn,
    "gunicorn2": Gunicorn,
    "live": Live,
    "worker-fast": Worker,
    "worker-default": Worker,
    "worker-slow": Worker,
    "scheduler1": Scheduler,
    "scheduler2": Scheduler,
    "nginx": Nginx,
    "prometheus": Prometheus,
}


class Roster:
    """The servers under `directory`. Those of a fleet that is `staying` outlive the process that started them.

    Prometheus runs while the fleet `is_watched`: those that stay are, tests and benchmarks mostly not.
    """

    def __init__(self, directory: Path, *, staying: bool, password: str, primary: str) -> None:
        self.directory = directory
        self.staying = self.is_watched = staying
        self.password = password
        self.primary_name = primary
        self.members = [kind(name, directory / name, password) for name, kind in KINDS.items()]

    @property
    def databases(self) -> list[Database]:
        """The primary and its replicas, by name."""
        return [member for member in self.members if isinstance(member, Database)]

    @property
    def primary(self) -> Database:
        """The database that takes the writes, or took them when it ended."""
        return next(database for database in self.databases if database.name == self.primary_name)

    @property
    def replicas(self) -> list[Database]:
        """All other databases; a former primary is one too, in need of `rewind`."""
        return [database for database in self.databases if database.name != self.primary_name]

    @property
    def redis(self) -> Redis:
        """The cache."""
        return next(member for member in self.members if isinstance(member, Redis))

    @property
    def broker(self) -> Broker:
        """What tells the workers of jobs."""
        return next(member for member in self.members if isinstance(member, Broker))

    @property
    def gunicorns(self) -> list[Gunicorn]:
        """The application servers."""
        return [member for member in self.members if isinstance(member, Gunicorn)]

    @property
    def live(self) -> Live:
        """What open pages hear."""
        return next(member for member in self.members if isinstance(member, Live))

    @property
    def workers(self) -> list[Worker]:
        """Celery's, one for each queue."""
        return [member for member in self.members if isinstance(member, Worker)]

    @property
    def schedulers(self) -> list[Scheduler]:
        """Any one of them would do."""
        return [member for member in self.members if isinstance(member, Scheduler)]

    @property
    def prometheus(self) -> Prometheus:
        """What watches the others."""
        return next(member for member in self.members if isinstance(member, Prometheus))

    @property
    def nginx(self) -> Nginx:
        """The door."""
        return next(member for member in self.members if isinstance(member, Nginx))

    @property
    def address(self) -> str:
        """Where people reach the site, without a slash at the end."""
        return self.nginx.url

    @property
    def static_root(self) -> Path:
        """The collected static files, which Nginx serves."""
        return self.directory / "site" / "static"

    @property
    def media_root(self) -> Path:
        """The files that the site makes, which Nginx serves too."""
        return self.directory / "site" / "media"
