"""Machines of their own on this one: network namespaces with an address each, on one switch, which can be cut off.

    with machines.connected() as network, fleet.running(network.places(roster.KINDS)) as here:
        network.cut_off("app1")

As root only. The servers in them are as unprivileged as ever. What a killed run has left, the next one removes.
"""

import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# Which members run where; each machine has the name that stands first.
PLAN = {
    "balancer": ("nginx",),
    "app1": ("gunicorn1",),
    "app2": ("gunicorn2", "live"),
    "primary": ("postgres1",),
    "replica1": ("postgres2",),
    "replica2": ("postgres3",),
    "cache": ("redis", "broker"),
    "worker": ("worker-fast", "worker-default", "worker-slow", "scheduler1", "scheduler2"),
}
SWITCH = "switch"
OURS = re.compile(r"^groundswell-(\d+)-\S+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Machine:
    """Its address, and the network namespace that has it."""

    address: str
    network: str


class Network:
    """The machines of PLAN, and this process's own line to them (the first address)."""

    def __init__(self) -> None:
        # One for each process; a /24 of the network that is set aside for benchmarks (RFC 2544).
        self._prefix = f"groundswell-{os.getpid()}"
        self._net = f"198.18.{os.getpid() % 256}"
        self._line = f"gs{os.getpid()}"
        self.machines = {
            name: Machine(f"{self._net}.{number}", f"{self._prefix}-{name}")
            for number, name in enumerate(PLAN, start=11)
        }

    def places(self, members: Iterable[str]) -> dict[str, Machine]:
        """The machine of each member of the fleet."""
        return {member: self.machines[name] for name, its in PLAN.items() for member in its if member in members}

    def cut_off(self, name: str) -> None:
        """Pull its cable: packets vanish, nobody is told."""
        ip("-n", self._switch, "link", "set", name, "down")

    def join(self, name: str) -> None:
        """Put it back."""
        ip("-n", self._switch, "link", "set", name, "up")

    def build(self) -> None:
        """Make all of it, in a second."""
        ip("netns", "add", self._switch)
        ip("-n", self._switch, "link", "add", "bridge", "type", "bridge")
        ip("-n", self._switch, "link", "set", "bridge", "up")
        for name, machine in self.machines.items():
            ip("netns", "add", machine.network)
            ip("-n", machine.network, "link", "set", "lo", "up")
            self._plug(name, "eth0", machine.address, "-n", machine.network)
        self._plug("us", self._line, f"{self._net}.1")

    def remove(self) -> None:
        """Remove all of it; cables go with their ends."""
        remove(self._prefix)

    @property
    def _switch(self) -> str:
        return f"{self._prefix}-{SWITCH}"

    def _plug(self, port: str, device: str, address: str, *where: str) -> None:
        """A cable from the switch's `port` to a `device`."""
        ip(
            "link",
            "add",
            port,
            "netns",
            self._switch,
            "type",
            "veth",
            "peer",
            "name",
            device,
            *where[1:] and ("netns", where[1]),
        )
        ip("-n", self._switch, "link", "set", port, "master", "bridge", "up")
        ip(*where, "address", "add", f"{address}/24", "dev", device)
        ip(*where, "link", "set", device, "up")


@contextmanager
def connected() -> Iterator[Network]:
    """The network, for the length of the block."""
    for pid in set(OURS.findall(ip("netns", "list"))):
        if not Path(f"/proc/{pid}").exists():
            remove(f"groundswell-{pid}")
    network = Network()
    try:
        network.build()
        yield network
    finally:
        network.remove()


def are_allowed() -> bool:
    """Whether this process may make machines at all."""
    name = f"groundswell-{os.getpid()}-trial"
    made = subprocess.run(["ip", "netns", "add", name], check=False, capture_output=True).returncode == 0  # noqa: S603, S607 (our own)
    if made:
        ip("netns", "delete", name)
    return made


def remove(prefix: str) -> None:
    """Remove the namespaces whose names begin so."""
    for line in ip("netns", "list").splitlines():
        if line.startswith(f"{prefix}-"):
            ip("netns", "delete", line.split()[0])


def ip(*arguments: str) -> str:
    """What iproute2 says; the end with its words when it fails."""
    result = subprocess.run(["ip", *arguments], check=False, capture_output=True, text=True)  # noqa: S603, S607 (our own)
    if result.returncode:
        raise SystemExit(f"ip {' '.join(arguments)} failed: {result.stderr}")
    return result.stdout
