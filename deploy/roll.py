"""Lets this machine's services go over to a release, while the site serves: `.venv/bin/python -m deploy.roll` there.

One gunicorn after the other ends (deploy/systemd), answering what it has begun, and begins again with the new code;
meanwhile Nginx asks the others. Then the live service, whose pages come back, the workers, which finish their jobs, and
the schedulers. As root; what must happen before and after stands in docs/releases.md.
"""

import subprocess
import sys
import time
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path

RELEASE = Path(__file__).resolve().parents[1]
CURRENT = RELEASE.parent.with_name("current")
READY_SECONDS = 60
OTHERS = ("groundswell-live.service", "groundswell-worker@*.service", "groundswell-scheduler@*.service")


def main() -> None:
    """Roll over to the release that this file is in. One that does not get ready is taken back."""
    gunicorns = running("groundswell@*.service")
    if len(gunicorns) < 2:
        raise SystemExit("Two gunicorns must run here, so that one serves while the other is away; see deploy/systemd.")
    before = CURRENT.resolve()
    point(RELEASE)
    if failed := first_to_fail(gunicorns):
        point(before)
        first_to_fail(gunicorns)
        raise SystemExit(f"{failed} did not get ready, see journalctl -u {failed}. {before} serves again.")
    others = running(*OTHERS)
    if others:
        restart(others)
        say(f"{', '.join(others)} went over.")


def first_to_fail(units: Sequence[str]) -> str:
    """Restart these gunicorns one after the other; the first that does not get ready, where it ends, or nothing."""
    for unit in units:
        restart([unit])
        if not gets_ready(port_of(unit)):
            return unit
        say(f"{unit} serves.")
    return ""


def running(*patterns: str) -> list[str]:
    """The names of the units that run now."""
    listed = systemctl("list-units", "--state=active", "--plain", "--no-legend", *patterns)
    return [line.split()[0] for line in listed.splitlines()]


def restart(units: Sequence[str]) -> None:
    """All at once; returns when they run again."""
    systemctl("restart", *units)


def systemctl(*arguments: str) -> str:
    """What it says."""
    return subprocess.run(["systemctl", *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603, S607 (our own words; PATH is root's)


def point(release: Path) -> None:
    """Make `current` a link to it, in one step."""
    unfinished = CURRENT.with_name("current.unfinished")
    unfinished.unlink(missing_ok=True)
    unfinished.symlink_to(release)
    unfinished.replace(CURRENT)


def port_of(unit: str) -> int:
    """The instance of groundswell@8000.service is its port."""
    return int(unit.partition("@")[2].removesuffix(".service"))


def gets_ready(port: int) -> bool:
    """Whether the gunicorn there says so within READY_SECONDS."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if is_ready(port):
            return True
        time.sleep(0.1)
    return False


def is_ready(port: int) -> bool:
    """Whether it can serve now, with all that a request needs."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def say(line: str) -> None:
    """To whoever deploys."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
