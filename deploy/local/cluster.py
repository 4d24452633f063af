"""`make cluster`, `make cluster-status`, `make cluster-stop`: the fleet that stays until it is stopped.

For drills, each verb of the fleet: `python -m deploy.local.cluster kill postgres1`, and so on.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

from deploy.local import postgres, replication, scratch
from deploy.local.fleet import Fleet
from deploy.local.members import Database, Member
from project import env

# The fleet's verbs, with what each is done to.
VERBS: dict[str, tuple[type[Member], ...]] = {
    "kill": (Member,),
    "freeze": (Member,),
    "thaw": (Member,),
    "restart": (Member,),
    "pause_replay": (Database,),
    "resume_replay": (Database,),
    "promote": (Database,),
    "follow": (Database, Database),
    "rewind": (Database,),
}


def main(arguments: list[str]) -> None:
    """Run one of the commands, or a verb with the names of servers."""
    match arguments:
        case ["start"]:
            start()
        case ["status"]:
            status()
        case ["stop"]:
            stop()
        case [verb, *names] if verb in VERBS:
            act(verb, names)
        case _:
            raise SystemExit(f"Say start, status, stop, or one of {', '.join(VERBS)} with the names of servers.")


def start() -> None:
    """Start what does not run, and say where the site is and who may log in."""
    with _fleet() as fleet:
        started = fleet.start()
        if not started:
            _say("The fleet is running already.")
        elif len(started) < len(fleet.members):
            _say(f"The rest of the fleet was running; started {', '.join(started)}.")
        _say(f"\nThe site is at {fleet.address}/ until `make cluster-stop`, Prometheus at {fleet.prometheus.url}/.")
        logins = fleet.directory / "site" / "development-logins.txt"
        if logins.exists():
            _say(logins.read_text(encoding="utf-8").rstrip())


def status() -> None:
    """Show each server: process, port, role, state, and how far a replica is behind."""
    with _fleet() as fleet:
        lag = _lag(fleet)
        rows: list[tuple[str, ...]] = [("server", "pid", "port", "role", "state", "lag")]
        rows += [_row(member, lag.get(member.name)) for member in fleet.members]
        for row in rows:
            _say("{:<14} {:>8} {:>6}  {:<8} {:<8} {}".format(*row).rstrip())
        if fleet.nginx.state == "running":
            _say(f"\nThe site is at {fleet.address}/")


def stop() -> None:
    """End what `start` has started, and nothing else. The data stay."""
    with _fleet() as fleet:
        ended = fleet.end()
        _say(f"Stopped {', '.join(ended)}." if ended else "The fleet is not running.")


def act(verb: str, names: Sequence[str]) -> None:
    """Do to the servers of these names what the method of the fleet does, then show all of them."""
    with _fleet() as fleet:
        members = [member for name in names for member in fleet.members if member.name == name]
        kinds = VERBS[verb]
        if len(members) != len(kinds) or not all(map(isinstance, members, kinds)):
            able = ", ".join(member.name for member in fleet.members if isinstance(member, kinds))
            raise SystemExit(f"{verb} takes {len(kinds)} of these: {able}.")
        getattr(fleet, verb)(*members)
    status()


@contextmanager
def _fleet() -> Iterator[Fleet]:
    """The fleet of this checkout. One command at a time: a second one waits."""
    var = env.directory("VAR_DIR", scratch.ROOT / "var").resolve()
    # Where PostgreSQL's user cannot enter the checkout: a directory of the same name elsewhere.
    elsewhere = Path("/var/tmp") / "-".join(["groundswell", *var.parts[1:], "cluster"])  # noqa: S108 (its owner is checked)
    home = scratch.enterable([var / "cluster", elsewhere], postgres.USER)
    with scratch.locked(home):
        yield Fleet(home, staying=True)


def _lag(fleet: Fleet) -> dict[str, str]:
    """What is to say of the replicas that stream now; nothing when the primary does not answer."""
    try:
        return {name: f"{size:,} bytes" for name, size in replication.lag(fleet.primary.server).items()}
    except (LookupError, psycopg.OperationalError):
        return {}


def _row(member: Member, lag: str | None) -> tuple[str, ...]:
    role = _role(member) if isinstance(member, Database) else ""
    behind = (lag or "not streaming") if role == "replica" else ""
    return member.name, str(member.pid or "-"), str(member.port or "-"), role, member.state, behind


def _role(database: Database) -> str:
    """What the server itself says it is; nothing when it does not answer."""
    try:
        return "replica" if replication.is_standby(database.server) else "primary"
    except (LookupError, psycopg.OperationalError):
        return ""


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    env.read_file()
    main(sys.argv[1:])
