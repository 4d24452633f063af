"""The fleet on one machine, defined once: PostgreSQL with two replicas, Redis for the cache and as a broker, gunicorns,
a live service, Celery's workers, schedulers, Nginx, Prometheus, and their fates.

    with fleet.running() as here:
        here.kill(here.primary)
        here.promote(here.replicas[0])

`make cluster` (cluster.py) uses the same object; its processes stay, and a file remembers them.
"""

import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from psycopg import sql

from deploy.local import postgres, processes, programs, replication, scratch, statements
from deploy.local.machines import Machine
from deploy.local.members import (
    SITE,
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
from deploy.local.processes import Process, Program
from deploy.nginx.render import Door

DATABASE_SETTINGS = f"""
# The fleet's own
wal_level = replica
hot_standby = on
wal_log_hints = on
# A replica is back this soon after its primary, not after five seconds.
wal_retrieve_retry_interval = 500ms
# A replica that stays away must not fill the disk with what is kept for it.
max_slot_wal_keep_size = 1GB
# To rewind, a former primary needs its own history from before the others left it.
wal_keep_size = 256MB
{statements.SETTINGS}
"""
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
# What is thrown away after a run need not reach the disk. Killed servers lose nothing by it, only a machine would.
NOT_KEPT = "fsync = off\n"
REPLAY_SECONDS = 30


class Fleet:
    """The servers under `directory`. With `staying` they outlive this process, and a file there remembers them.

    Prometheus runs while the fleet `is_watched`: those that stay are, tests and benchmarks mostly not.
    """

    def __init__(self, directory: Path, *, staying: bool, machines: Mapping[str, Machine] | None = None) -> None:
        self.directory = directory
        self.staying = self.is_watched = staying
        remembered = self._remembered()
        self._password = remembered.get("password") or secrets.token_hex(16)
        self._primary = remembered.get("primary", "postgres1")
        self.members = [kind(name, directory / name, self._password) for name, kind in KINDS.items()]
        for member in self.members:
            self._recognize(member, remembered.get("members", {}).get(member.name))
            if machine := (machines or {}).get(member.name):
                member.host, member.network = machine.address, machine.network

    @property
    def databases(self) -> list[Database]:
        """The primary and its replicas, by name."""
        return [member for member in self.members if isinstance(member, Database)]

    @property
    def primary(self) -> Database:
        """The database that takes the writes, or took them when it ended."""
        return next(database for database in self.databases if database.name == self._primary)

    @property
    def replicas(self) -> list[Database]:
        """All other databases; a former primary is one too, in need of `rewind`."""
        return [database for database in self.databases if database.name != self._primary]

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
    def environment(self) -> dict[str, str]:
        """The site's settings, for gunicorns, workers and commands."""
        own = {
            "DATABASE_URL": self.primary.url,
            "DATABASE_REPLICA_URLS": ",".join(replica.url for replica in self.replicas),
            "REDIS_URL": self.redis.url,
            "LIVE": "1",
            "BROKER_URL": self.broker.url,
            "SITE_URL": self.address,
            "ALLOWED_HOSTS": f"{self.nginx.host},localhost",
            "BEHIND_PROXY": "1",
            "VAR_DIR": str(self.directory / "site"),
            "STATIC_ROOT": str(self.static_root),
            # Tests and benchmarks ask nobody outside of this machine.
            "LINK_PREVIEWS": str(int(self.staying)),
        }
        # The files that somebody's own environment names would win.
        return own | {f"{name}_FILE": "" for name in own}

    @property
    def static_root(self) -> Path:
        """The collected static files, which Nginx serves."""
        return self.directory / "site" / "static"

    @property
    def media_root(self) -> Path:
        """The files that the site makes, which Nginx serves too."""
        return self.directory / "site" / "media"

    def start(self) -> list[str]:
        """Start what is gone; the names of what was started. A start that fails or is interrupted takes it back."""
        wanted = [member for member in self.members if self.is_watched or member is not self.prometheus]
        missing = [member for member in wanted if member.state == "gone"]
        for member in missing:
            _own(member.directory, member.user)
            if member.listens and not (member.port and processes.is_free(member.port)):
                member.port = processes.free_port()
            if member.is_counting and not (member.metrics_port and processes.is_free(member.metrics_port)):
                member.metrics_port = processes.free_port()
        try:
            self._start_in_order(missing)
        except BaseException:
            for member in reversed(missing):
                self.stop(member)
            raise
        return [member.name for member in missing]

    def end(self) -> list[str]:
        """Stop everything, the primary after its replicas; the names of what had run."""
        running = [member.name for member in self.members if member.state != "gone"]
        groups: list[Sequence[Member]] = [
            [self.prometheus],
            [self.nginx],
            [*self.gunicorns, self.live],
            [*self.workers, *self.schedulers],
        ]
        groups += [self.replicas, [self.primary], [self.redis, self.broker]]
        for group in groups:
            self.stop(*group)
        return running

    def stop(self, *members: Member) -> None:
        """Ask these, which end by the same signal, to end, and wait."""
        asked = [member.process for member in members if member.process]
        processes.stop_all(asked, members[0].ending)

    def kill(self, member: Member) -> None:
        """End it and its children by SIGKILL, as a power cut does."""
        if member.process:
            processes.kill(member.process)

    def freeze(self, member: Member) -> None:
        """Halt it and its children by SIGSTOP: connections are accepted, nothing is answered."""
        if member.process:
            processes.freeze(member.process)

    def thaw(self, member: Member) -> None:
        """Let a frozen one go on."""
        if member.process:
            processes.thaw(member.process)

    def restart(self, member: Member) -> None:
        """Stop it if it runs, and start it as it is, with the settings of now. A former primary takes writes again."""
        self.stop(member)
        self._launch(member)

    def pause_replay(self, replica: Database) -> None:
        """Let it receive history without applying it, from now on."""
        replica.query("SELECT pg_wal_replay_pause()")

    def resume_replay(self, replica: Database) -> None:
        """Let it apply what it has received, and go on."""
        replica.query("SELECT pg_wal_replay_resume()")

    def promote(self, replica: Database) -> None:
        """Make it the primary. The others still have to `follow` it, and what runs the site's code to be restarted."""
        replication.promote(replica.server)
        self._primary = replica.name
        self._remember()

    def follow(self, replica: Database, primary: Database) -> None:
        """Let a running replica stream from `primary`."""
        replication.follow(replica.server, primary.server, replica.name)

    def rewind(self, database: Database) -> None:
        """Turn a former primary into a running replica of the present one: what only it knew is lost."""
        self.stop(database)
        replication.rewind(database.data, self.primary.server)
        self._start_replica(database)

    def wait_for_replay(self, *replicas: Database) -> None:
        """Return when these replicas, by default all, have what the primary has now; TimeoutError after a while."""
        [(position,)] = self.primary.query("SELECT pg_current_wal_flush_lsn()::text")
        deadline = time.monotonic() + REPLAY_SECONDS
        for replica in replicas or self.replicas:
            while not replica.query("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", [position])[0][0]:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{replica.name} has not reached {position} in {REPLAY_SECONDS} s.")
                time.sleep(0.02)

    def _start_in_order(self, missing: Sequence[Member]) -> None:
        for database in [self.primary, *self.replicas]:
            if database in missing:
                self._start_primary() if database is self.primary else self._start_replica(database)
        for store in (self.redis, self.broker):
            if store in missing:
                self._launch(store)
        if any(gunicorn in missing for gunicorn in self.gunicorns):
            _own(self.directory / "site", programs.site_user() or programs.WEB_USER)
            programs.prepare_site(self.environment)
        for member in [*self.workers, *self.schedulers, *self.gunicorns, self.live, self.nginx, self.prometheus]:
            if member in missing:
                self._launch(member)

    def _start_primary(self) -> None:
        if not self.primary.data.exists():
            settings = DATABASE_SETTINGS + ("" if self.staying else NOT_KEPT)
            self._make(self.primary, lambda place: postgres.initialize(place, self._password, settings))
        self._launch(self.primary)
        server = self.primary.server
        if not server.query("SELECT 1 FROM pg_roles WHERE rolname = %s", [SITE]):
            role = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
            server.query(role.format(sql.Identifier(SITE), sql.Literal(self._password)))
        if not server.query("SELECT 1 FROM pg_database WHERE datname = %s", [SITE]):
            server.query(sql.SQL("CREATE DATABASE {0} OWNER {0}").format(sql.Identifier(SITE)))
            statements.prepare(self.primary)

    def _start_replica(self, replica: Database) -> None:
        if not replica.data.exists():
            self._make(replica, lambda place: replication.copy(self.primary.server, place / "data", replica.name))
        elif not (replica.data / "standby.signal").exists():
            replication.rewind(replica.data, self.primary.server)
        replication.point(replica.data, self.primary.server, replica.name)
        self._launch(replica)

    def _make(self, database: Database, make: Callable[[Path], object]) -> None:
        """Make the data directory elsewhere first: an interrupted making leaves none that looks whole."""
        place = database.directory / "unfinished"
        shutil.rmtree(place, ignore_errors=True)
        _own(place, database.user)
        make(place)
        (place / "data").rename(database.data)
        shutil.rmtree(place)

    def _launch(self, member: Member) -> None:
        def record(process: Process) -> None:
            member.process = process
            self._remember()

        program = replace(self._program(member), network=member.network)
        member.process = processes.serve(program, record if self.staying else None)

    def _program(self, member: Member) -> Program:
        match member:
            case Database():
                return postgres.program_on(member.data, member.password, {}, member.port, member.host)
            case Redis():
                keeps = isinstance(member, Broker)
                return programs.redis(member.directory, member.port, member.password, host=member.host, keeps=keeps)
            case Nginx():
                return programs.nginx(self._door, member.port, member.host)
            case Prometheus():
                targets = {other.name: other.metrics_port for other in self.members if other.is_counting}
                return programs.prometheus(member.directory, member.port, targets)
        return self._program_of_site(member)

    def _program_of_site(self, member: Member) -> Program:
        environment = self.environment
        if self.is_watched:
            environment["METRICS_ADDRESS"] = f"127.0.0.1:{member.metrics_port}"
        match member:
            case Worker():
                return programs.worker(member.directory, member.queue, environment)
            case Scheduler():
                return programs.scheduler(member.directory, environment)
            case Live():
                return programs.live(member.directory, member.port, environment, member.host)
        return programs.gunicorn(member.directory, member.port, environment, member.host)

    @property
    def _door(self) -> Door:
        return Door(
            directory=self.nginx.directory,
            listen=[f"{self.nginx.host}:{self.nginx.port}"],
            gunicorns=[f"{gunicorn.host}:{gunicorn.port}" for gunicorn in self.gunicorns],
            live=[f"{self.live.host}:{self.live.port}"],
            static_root=self.static_root,
            media_root=self.media_root,
            # Tests and benchmarks write much, and all of it from one address.
            limits=self.staying,
        )

    @property
    def _memory(self) -> Path:
        return self.directory / "fleet.json"

    def _remembered(self) -> dict[str, Any]:
        known: dict[str, Any] = json.loads(self._memory.read_text(encoding="utf-8")) if self._memory.exists() else {}
        return known

    def _remember(self) -> None:
        if not self.staying:
            return
        members = {
            member.name: [member.port, member.process.pid, member.process.began, member.metrics_port]
            for member in self.members
            if member.process
        }
        unfinished = self._memory.with_suffix(".unfinished")
        unfinished.touch(mode=0o600)
        known = {"password": self._password, "primary": self._primary, "members": members}
        unfinished.write_text(json.dumps(known, indent=1), encoding="utf-8")
        unfinished.replace(self._memory)

    def _recognize(self, member: Member, known: list[int] | None) -> None:
        if known:
            member.port, pid, began, *more = known
            member.metrics_port = more[0] if more else 0
            member.process = Process(pid, began)


@contextmanager
def running(machines: Mapping[str, Machine] | None = None) -> Iterator[Fleet]:
    """A fresh fleet with the sample community, for the length of the block; its processes end with this one.

    `machines` says on which machine each member runs, by its name; by default all on this one.
    """
    with scratch.directory(user=postgres.USER) as directory:
        # Each server has a directory of its own below, and all must get there.
        directory.chmod(0o755)
        fleet = Fleet(directory, staying=False, machines=machines)
        fleet.start()
        try:
            yield fleet
        finally:
            fleet.end()


def _own(directory: Path, user: str) -> None:
    """Make a directory that belongs to `user`."""
    directory.mkdir(mode=0o755, exist_ok=True)
    if os.geteuid() == 0:
        shutil.chown(directory, user, user)
