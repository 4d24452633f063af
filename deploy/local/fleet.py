"""The fleet on one machine: its servers started and stopped together, and whatever else may befall them.

    with fleet.running() as here:
        here.kill(here.primary)
        here.promote(here.replicas[0])

`make cluster` (cluster.py) uses the same object; its processes stay, and a file remembers them (memory.py). Of which
servers it consists: roster.py, members.py; what each is told of the others: wiring.py; their databases: databases.py.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.local import databases, memory, postgres, processes, programs, replication, scratch, wiring
from deploy.local.machines import Machine
from deploy.local.members import Database, Member
from deploy.local.processes import Process
from deploy.local.roster import Roster


class Fleet(Roster):
    """A fleet's servers, and all that can be done to them."""

    def __init__(self, directory: Path, *, staying: bool, machines: Mapping[str, Machine] | None = None) -> None:
        known = memory.read(directory)
        password, primary = known.get("password") or secrets.token_hex(16), known.get("primary", "postgres1")
        super().__init__(directory, staying=staying, password=password, primary=primary)
        for member in self.members:
            memory.recognize(member, known.get("members", {}).get(member.name))
            if machine := (machines or {}).get(member.name):
                member.host, member.network = machine.address, machine.network

    @property
    def environment(self) -> dict[str, str]:
        """The site's settings, for gunicorns, workers and commands."""
        return wiring.environment(self)

    def start(self) -> list[str]:
        """Start what is gone; the names of what was started. A start that fails or is interrupted takes it back."""
        wanted = [member for member in self.members if self.is_watched or member is not self.prometheus]
        missing = [member for member in wanted if member.state == "gone"]
        for member in missing:
            scratch.own(member.directory, member.user)
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
        self.primary_name = replica.name
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
        databases.wait_for_replay(self.primary, replicas or self.replicas)

    def _start_in_order(self, missing: Sequence[Member]) -> None:
        for database in [self.primary, *self.replicas]:
            if database in missing:
                self._start_primary() if database is self.primary else self._start_replica(database)
        for store in (self.redis, self.broker):
            if store in missing:
                self._launch(store)
        if any(gunicorn in missing for gunicorn in self.gunicorns):
            scratch.own(self.directory / "site", programs.site_user() or programs.WEB_USER)
            programs.prepare_site(self.environment)
        for member in [*self.workers, *self.schedulers, *self.gunicorns, self.live, self.nginx, self.prometheus]:
            if member in missing:
                self._launch(member)

    def _start_primary(self) -> None:
        databases.make(self.primary, is_kept=self.staying)
        self._launch(self.primary)
        databases.prepare(self.primary)

    def _start_replica(self, replica: Database) -> None:
        databases.make_replica(replica, self.primary)
        self._launch(replica)

    def _launch(self, member: Member) -> None:
        def record(process: Process) -> None:
            member.process = process
            self._remember()

        member.process = processes.serve(wiring.program(self, member), record if self.staying else None)

    def _remember(self) -> None:
        if self.staying:
            memory.write(self)


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
