"""Private processes: started, told apart, frozen, killed and ended by number. Not here: what they serve.

A number alone names whoever has it now. A process is its number together with the moment it began.
"""

import os
import secrets
import select
import signal
import socket
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

STOP_SECONDS = 20
START_SECONDS = 180
LAST_LINES = 20
MOST_CLAIMS = 64
LOOPBACK = "127.0.0.1"
# A child waits for a line before it becomes the server. The line comes when its number is written down: whoever
# is killed in between leaves a pipe that ends, and with it the child.
WHEN_TOLD = ["sh", "-c", 'read -r go && exec "$@" </dev/null', "sh"]
# Nobody has the number, or only a thread.
NO_PROCESS = (ProcessLookupError, FileNotFoundError)
# The kernel takes the end of the thread that made a child for the end of the parent; this one lasts as long as we do.
_maker = ThreadPoolExecutor(1)
# The sockets of ports that have just been given to somebody.
_claimed: deque[int] = deque()


@dataclass(frozen=True, slots=True)
class Process:
    """A process that this run or an earlier one started. `began` counts the kernel's ticks since its boot."""

    pid: int
    began: int
    # Kept when it is our own: a child that has ended stays a zombie until its parent asks for it.
    child: subprocess.Popen[bytes] | None = field(default=None, repr=False, compare=False)

    @property
    def state(self) -> str:
        """Either "running", "frozen" or "gone"."""
        if self.child:
            self.child.poll()
        letter, began = _looked_up(self.pid)
        if began != self.began or letter in "ZX":
            if self.child:  # it may have ended since the line before
                self.child.wait()
            return "gone"
        return "frozen" if letter in "Tt" else "running"

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless it is gone; never to a later process of the same number."""
        with suppress(*NO_PROCESS):
            handle = os.pidfd_open(self.pid)
            try:
                if self.state != "gone":
                    signal.pidfd_send_signal(handle, number)
            finally:
                os.close(handle)

    def wait(self, seconds: float) -> bool:
        """Whether it ends within `seconds`, with all its threads: until then they hold its ports."""
        with suppress(*NO_PROCESS):
            handle = os.pidfd_open(self.pid)
            try:
                is_it = _looked_up(self.pid)[1] == self.began
                if is_it and not select.select([handle], [], [], seconds)[0]:
                    return False
            finally:
                os.close(handle)
        if self.child:
            self.child.wait()
        return True

    def family(self) -> list["Process"]:
        """Itself, its children and theirs."""
        family = [self]
        for tasks in Path(f"/proc/{self.pid}/task").glob("*/children"):
            with suppress(OSError):
                for pid in tasks.read_text(encoding="ascii").split():
                    family += found(int(pid)).family()
        return family


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A server to start in `directory`, by default that of its `log`; root becomes `user` first.

    `network` is the namespace that it lives in (machines.py), by default ours. `attempt` raises an OSError until the
    server answers; `ending` is the signal that asks it to end.
    """

    command: Sequence[str]
    log: Path
    user: str
    attempt: Callable[[], object]
    ending: signal.Signals = signal.SIGTERM
    network: str = ""
    directory: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


def found(pid: int) -> Process:
    """The process that has the number `pid` now."""
    return Process(pid, _looked_up(pid)[1])


def start(program: Program, record: Callable[[Process], None] | None = None) -> Process:
    """Start it; the kernel ends it by its signal when this process dies.

    With `record`, which writes its number down, it stays instead. It has a session of its own, so that Ctrl-C
    leaves it to `stop`.
    """
    place = ["ip", "netns", "exec", program.network] if program.network else []
    prefix = [*place, *bound(program.user, None if record else program.ending)]
    with program.log.open("ab") as words:
        child = _maker.submit(
            subprocess.Popen[bytes],
            [*prefix, *WHEN_TOLD, *program.command],
            cwd=program.directory or program.log.parent,
            env={**os.environ, "HOME": str(program.log.parent), **program.environment},
            stdin=subprocess.PIPE,
            stdout=words,
            stderr=words,
            start_new_session=True,
        ).result()
    process = Process(child.pid, _looked_up(child.pid)[1], child)
    if record:
        record(process)
    assert child.stdin  # noqa: S101 (it is a pipe)
    with suppress(BrokenPipeError), child.stdin as told:
        told.write(b"go\n")
    return process


def serve(program: Program, record: Callable[[Process], None] | None = None) -> Process:
    """Start it and wait until it answers; the end with its last words when it does not."""
    process = start(program, record)
    if not answers(process, program.attempt):
        kill(process)
        words = program.log.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:]
        raise SystemExit("\n".join([f"This does not start: {' '.join(program.command)}", *words]))
    return process


def stop(process: Process, ending: signal.Signals = signal.SIGTERM) -> None:
    """Send `ending` and wait; what has not ended in STOP_SECONDS is killed. A frozen one is thawed for it."""
    stop_all([process], ending)


def stop_all(asked: Sequence[Process], ending: signal.Signals) -> None:
    """Stop several at the same time."""
    for process in asked:
        process.send(ending)
        thaw(process)
    for process in asked:
        if not process.wait(STOP_SECONDS):
            kill(process)


def kill(process: Process) -> None:
    """End it and its children at once, as a power cut does; afterwards none of them holds a port or memory."""
    family = freeze(process)
    for member in family:
        member.send(signal.SIGKILL)
    for member in family:
        member.wait(STOP_SECONDS)


def freeze(process: Process) -> list[Process]:
    """Halt it, then its children: a halted parent makes no more of them. Returns all of them."""
    process.send(signal.SIGSTOP)
    while process.state == "running":  # the kernel does it soon, not at once
        time.sleep(0.001)
    for child in process.family()[1:]:
        child.send(signal.SIGSTOP)
    return process.family()


def thaw(process: Process) -> None:
    """Let it and its children go on."""
    for member in process.family():
        member.send(signal.SIGCONT)


def answers(process: Process, attempt: Callable[[], object]) -> bool:
    """Whether `attempt` succeeds before the process ends or START_SECONDS are over. An interruption ends it."""
    deadline = time.monotonic() + START_SECONDS
    try:
        while process.state == "running" and time.monotonic() < deadline:
            try:
                attempt()
            except OSError:
                time.sleep(0.05)
            else:
                return True
    except BaseException:
        kill(process)
        raise
    return False


def connect(port: int, host: str = LOOPBACK) -> None:
    """Open and close a connection to `port`; OSError when nothing listens."""
    socket.create_connection((host, port), timeout=5).close()


def run_to_end(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run `command` in the foreground with `environment` added; its exit status, as a shell gives it."""
    process = subprocess.Popen([*bound("", signal.SIGTERM), *command], env={**os.environ, **environment})  # noqa: S603 (typed by the caller)
    # The terminal sends Ctrl-C to the command as well: its own way to end decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    status = process.wait()
    return status if status >= 0 else 128 - status


def bound(user: str, ending: signal.Signals | None = signal.SIGTERM) -> list[str]:
    """How a command line begins whose program ends by `ending` when its parent does, and which is not run by root."""
    identity = ["--reuid", user, "--regid", user, "--init-groups"] if user and os.geteuid() == 0 else []
    fate = ["--pdeathsig", ending.name.removeprefix("SIG")] if ending else []
    return ["setpriv", *fate, *identity, "--"]


def free_port() -> int:
    """A TCP port of the loopback address on which nothing listens. No other process is given it in the next moments.

    It lies below those that the kernel gives to connections, so that none takes it while its server is down.
    """
    first_given = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    candidates = range(10_000, max(first_given, 20_000))
    return next(port for port in secrets.SystemRandom().sample(candidates, 100) if _claims(port))


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind((LOOPBACK, port))
            return True
    return False


def _claims(port: int) -> bool:
    """Bind it without listening, until many more are claimed: a fleet has all its ports before its first server."""
    claim = socket.socket()
    try:
        claim.bind((LOOPBACK, port))
    except OSError:
        claim.close()
        return False
    # Servers have this option too: so they may listen, but whoever looks for a port, without it, finds this one taken.
    claim.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    _claimed.append(claim.detach())
    if len(_claimed) > MOST_CLAIMS:
        os.close(_claimed.popleft())
    return True


def _looked_up(pid: int) -> tuple[str, int]:
    """The letter of its state and when it began, as the kernel tells them; X and -1 when there is none."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return "X", -1
    # The second field is the program's name in parentheses, which may hold anything.
    fields = line.rpartition(")")[2].split()
    return fields[0], int(fields[19])
