"""How fast and how flat `import_items` is: grown items from a file into a fresh SQLite, then into a fresh fleet.

Run: `python -m bench.import_items [ITEMS]`. Aims: 5,000 items a second on SQLite and 20,000 on the fleet, in the last
quarter as in the first, and memory that does not grow with the file.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from deploy.local import fleet

ITEMS = 200_000


@contextmanager
def sqlite() -> Iterator[dict[str, str]]:
    """The settings of an empty site of its own."""
    with tempfile.TemporaryDirectory() as folder:
        yield {"VAR_DIR": folder, "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3"}


@contextmanager
def local_fleet() -> Iterator[dict[str, str]]:
    """The settings of a fleet: the primary, and two replicas that follow."""
    with fleet.running() as here:
        yield here.environment


SITES: Mapping[str, Callable[[], AbstractContextManager[dict[str, str]]]] = {
    "SQLite": sqlite,
    "PostgreSQL with two replicas": local_fleet,
}


def main() -> None:
    """Measure both."""
    count = sys.argv[1] if len(sys.argv) > 1 else str(ITEMS)
    for name, site in SITES.items():
        with site() as environment:
            sys.stdout.write(f"== {name}\n")
            sys.stdout.flush()
            # A process of its own, since Django knows one database.
            command = [sys.executable, "-m", "bench.import_run", count]
            subprocess.run(command, env=os.environ | environment, check=True)  # noqa: S603  # our own program


if __name__ == "__main__":
    main()
