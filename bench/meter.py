"""What it adds to a kept page that each request is measured, in a process that counts as gunicorn's workers do.

Run: `python -m bench.meter [ROUNDS]`. Both ways by turns, a few requests at a time, and of each the quickest: so the
rest of the machine has no part in it. The page is served by the door alone, without gunicorn and Redis.
"""

import os
import sys
import tempfile
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from timeit import timeit
from typing import Any

import django

from apps.core import counting

FOLDER = tempfile.TemporaryDirectory()
own = {"VAR_DIR": FOLDER.name, "DATABASE_URL": f"sqlite:///{FOLDER.name}/site.sqlite3", "PROCESS": "web"}
os.environ |= own | {"DJANGO_SETTINGS_MODULE": "project.settings", "ALLOWED_HOSTS": "testserver"}
counting.share(Path(FOLDER.name), "web")
django.setup()

# Models can be imported only after the set-up.
from django.core.management import call_command  # noqa: E402
from django.test import RequestFactory  # noqa: E402

from apps.observability.metering import Application, Meter  # noqa: E402
from apps.pagecache.door import VISIT, DoorHandler  # noqa: E402

PAGE = "/canary"
ROUNDS = 1000
REQUESTS = 10


def main() -> None:
    """Measure and print."""
    call_command("migrate", verbosity=0)
    door = DoorHandler()
    keep(door)
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    page, nothing = (compared(site, rounds) for site in (door, answer_nothing))
    sys.stdout.write(f"a kept page at the door: {page[0]:.1f} µs, measured {page[1]:.1f} µs: {page[1] / page[0]:.3f}\n")
    sys.stdout.write(f"an empty answer: {nothing[0]:.1f} µs, measured {nothing[1]:.1f} µs\n")


def keep(site: Application) -> None:
    """Have the page kept, and see that it is."""
    ask(site)
    visit = ask(site)[VISIT]
    assert visit.outcome == "hit", visit.outcome  # noqa: S101 (nothing else would be worth a measurement)


def compared(site: Application, rounds: int) -> list[float]:
    """Microseconds of a request, without and with being measured."""
    both = (site, Meter(site))
    seconds = zip(*([timeit(partial(ask, s), number=REQUESTS) for s in both] for _ in range(rounds)), strict=True)
    return [min(column) / REQUESTS * 1e6 for column in seconds]


def ask(site: Application) -> dict[str, Any]:
    """A visitor's request, and what is in its environment afterwards."""
    environ = RequestFactory().get(PAGE).environ
    b"".join(site(environ, lambda *_: None))
    return environ


def answer_nothing(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """A site that is done at once."""
    start_response("200 OK", [])
    return []


if __name__ == "__main__":
    main()
