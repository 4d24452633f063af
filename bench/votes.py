"""How many votes a second one story takes from 32 members at once: through the action, and as one would do it naively.

Run: `make bench-votes`, or `python -m bench.votes [VOTES]`. Aim: at least 5 times the naive rate. Both write the same
row of a vote through the same ORM, to the primary of a local fleet with two replicas; the naive transaction then adds 1
to the score of the story, so all others wait until it is committed. 32 clients are 4 processes of 8 threads, each with
a connection of its own. The job that folds votes runs beside the action, each second, as on a site.
"""

import os
import subprocess
import sys

from deploy.local import fleet, scratch

VOTES = 20_000


def main() -> None:
    """Start a fleet, and measure on it."""
    votes = sys.argv[1] if len(sys.argv) > 1 else str(VOTES)
    with fleet.running() as here:
        command = [sys.executable, "-m", "bench.votes_run", votes]
        subprocess.run(command, cwd=scratch.ROOT, env={**os.environ, **here.environment}, check=True)  # noqa: S603 (our own)


if __name__ == "__main__":
    main()
