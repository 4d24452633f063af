"""Keeps gunicorn and, beside it, the runner of jobs; both end together. Imports no Django, so that it stays small."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence

from deploy.local import processes

RESTART_SECONDS = 5.0
# More than a job may take by default.
HELPER_SECONDS = 70.0


def keep(site: Sequence[str], helper: Sequence[str], restart_seconds: float = RESTART_SECONDS) -> int:
    """Run `site` to its end, and beside it `helper`, again whenever it ends; the site's exit status.

    Ctrl-C reaches both from the terminal as well: the site's own way to end decides.
    """
    main, beside = _start(site), _start(helper)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: main.terminate())
    while (status := _ended(main, restart_seconds)) is None:
        if beside.poll() is not None:
            sys.stderr.write(f"The runner of jobs has ended ({beside.returncode}), and is started again.\n")
            beside = _start(helper)
    beside.terminate()
    if _ended(beside, HELPER_SECONDS) is None:
        beside.kill()
    return status if status >= 0 else 128 - status


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    # Both end when the keeper is killed, too.
    return subprocess.Popen([*processes.bound(""), *command])  # noqa: S603 (our own programs)


def _ended(process: subprocess.Popen[bytes], seconds: float) -> int | None:
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None


def next_door(address: str) -> str:
    """Where the runner answers Prometheus, when gunicorn does at `address`: the next port. Empty for nowhere."""
    host, _, port = address.rpartition(":")
    return f"{host}:{int(port) + 1}" if port.isdigit() else ""


if __name__ == "__main__":
    runner = ["env", f"METRICS_ADDRESS={next_door(os.environ.get('METRICS_ADDRESS', ''))}", sys.executable]
    sys.exit(keep([sys.executable, "-m", "gunicorn"], [*runner, "manage.py", "run_jobs"]))
