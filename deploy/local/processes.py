"""Private processes that end with whoever started them, even by `kill -9`. Not here: what they serve."""

import os
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

STOP_SECONDS = 20

Process = subprocess.Popen[bytes]


def start(command: Sequence[str], *, log: Path, user: str, ending: str = "TERM") -> Process:
    """Start a server whose words go to `log`; the kernel sends it the signal `ending` when this process dies.

    Root becomes `user` first. The server has a session of its own, so that Ctrl-C leaves it to `stop`.
    """
    with log.open("ab") as words:
        return subprocess.Popen(  # noqa: S603 (fixed programs with our own arguments)
            [*bound(user, ending), *command], cwd=log.parent, stdout=words, stderr=words, start_new_session=True
        )


def stop(process: Process, ending: signal.Signals = signal.SIGTERM) -> None:
    """Send `ending` and wait; a process that has not ended in STOP_SECONDS is killed."""
    process.send_signal(ending)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def run_to_end(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run `command` in the foreground with `environment` added; its exit status, as a shell gives it."""
    process = subprocess.Popen([*bound("", "TERM"), *command], env={**os.environ, **environment})  # noqa: S603 (typed by the caller)
    # The terminal sends Ctrl-C to the command as well: its own way to end decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    status = process.wait()
    return status if status >= 0 else 128 - status


def bound(user: str, ending: str = "TERM") -> list[str]:
    """How a command line begins whose program ends by `ending` when its parent does, and which is not run by root."""
    identity = ["--reuid", user, "--regid", user, "--init-groups"] if user and os.geteuid() == 0 else []
    return ["setpriv", "--pdeathsig", ending, *identity, "--"]


def free_port() -> int:
    """A TCP port of the loopback address on which nothing listened a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
