"""How fast and how flat `import_items` is: grown items from a file into a fresh SQLite, then into fresh fleets.

Run: `python -m bench.import_items [ITEMS]`. Aims: 5,000 items a second on SQLite and 20,000 on the fleet, in the last
quarter as in the first, and memory that does not grow with the file. Processor time says what the machine could do
if nothing else ran on it: processors / the sum of all times.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local import fleet
from deploy.local.members import Database

ITEMS = 200_000
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Site:
    """A site of its own: its settings, and the servers of its database."""

    environment: dict[str, str]
    databases: Sequence[Database] = ()


@contextmanager
def sqlite() -> Iterator[Site]:
    """An empty site in one file."""
    with tempfile.TemporaryDirectory() as folder:
        yield Site({"VAR_DIR": folder, "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3"})


@contextmanager
def local_fleet() -> Iterator[Site]:
    """A fleet: the primary, and two replicas that follow."""
    with fleet.running() as here:
        yield Site(here.environment, here.databases)


@contextmanager
def trusting_fleet() -> Iterator[Site]:
    """A fleet where imports may leave the checks of references out."""
    with fleet.running() as here:
        here.primary.query("GRANT SET ON PARAMETER session_replication_role TO groundswell")
        yield Site(here.environment, here.databases)


SITES: Mapping[str, Callable[[], AbstractContextManager[Site]]] = {
    "SQLite": sqlite,
    "PostgreSQL with two replicas": local_fleet,
    "The same, references unchecked": trusting_fleet,
}


def main() -> None:
    """Measure all."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ITEMS
    for name, make in SITES.items():
        with make() as site:
            say(f"== {name}")
            before = [busy(database) for database in site.databases]
            # A process of its own, since Django knows one database.
            command = [sys.executable, "-m", "bench.import_run", str(count)]
            subprocess.run(command, env=os.environ | site.environment, check=True)  # noqa: S603  # our own program
            for database, start in zip(site.databases, before, strict=True):
                say(f"{(busy(database) - start) / count * 1e6:.0f} µs of {database.name} an item")


def busy(database: Database) -> float:
    """Seconds that a processor has worked for a server, its present and its former processes."""
    family = database.process.family() if database.process else []
    lines = [Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii") for process in family]
    # Own time and that of ended children, each in programs and in the kernel: fields 14 to 17.
    return sum(sum(map(int, line.rpartition(")")[2].split()[11:15])) for line in lines) / TICKS


def say(line: str) -> None:
    """Print before the next process does."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
