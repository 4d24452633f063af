"""Faults at random, the same for the same seed."""

import random
import signal
import time
from collections import Counter
from collections.abc import Callable

import redis

from deploy.local.fleet import Fleet
from deploy.local.members import Member

# How often each is chosen.
WORKER = ["kill", *["kill one child"] * 6, "freeze"]
OTHERS = ["kill", "freeze"]
BROKER = ["kill", "freeze", "empty", "empty"]


class Chaos:
    """Kills, freezes and empties what jobs pass through; mends each fault within seconds."""

    def __init__(self, here: Fleet, seed: int) -> None:
        self.here = here
        self.random = random.Random(seed)
        self.faults: Counter[str] = Counter()

    def go_on(self, is_enough: Callable[[], bool]) -> None:
        """Until it is; afterwards everything runs again."""
        here = self.here
        choices: list[tuple[str, Member]] = [(fault, worker) for worker in here.workers for fault in WORKER]
        choices += [(fault, other) for other in (*here.schedulers, *here.gunicorns) for fault in OTHERS]
        choices += [(fault, here.broker) for fault in BROKER]
        while not is_enough():
            fault, member = self.random.choice(choices)
            self.faults[f"{fault} {member.name}"] += 1
            self._do(fault, member)
            self.supervise()
            time.sleep(self.random.uniform(0.1, 0.5))

    def supervise(self) -> None:
        """Start who has ended, as systemd does: a worker gives up when a child of its is killed while it starts."""
        here = self.here
        for member in (*here.workers, *here.schedulers, *here.gunicorns, here.broker):
            if member.process and member.process.state == "gone":
                here.restart(member)

    def _do(self, fault: str, member: Member) -> None:
        pause = self.random.uniform(0.1, 1.5)
        match fault:
            case "kill":
                self.here.kill(member)
                time.sleep(pause)
                self.here.restart(member)
            case "kill one child":
                if children := member.process and member.process.family()[1:]:
                    self.random.choice(children).send(signal.SIGKILL)
            case "freeze":
                self.here.freeze(member)
                time.sleep(pause)
                self.here.thaw(member)
            case "empty":
                with redis.Redis.from_url(self.here.broker.url) as store:
                    store.flushall()
