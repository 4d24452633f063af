"""Which function does a job of which name, and how often it is tried. Not here: running it (actions.py)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

# Each has workers of its own, so that what takes long delays nothing that is quick.
QUEUES = ("fast", "default", "slow")
# With the waits between them, two hours in all.
ATTEMPTS = 12
TIME_LIMIT = timedelta(minutes=1)

Run = TypeVar("Run", bound=Callable[..., None])


class UnknownJob(LookupError):
    """No function is registered under this name: a slip in the code, or a release that has it no more or not yet."""


@dataclass(frozen=True, slots=True)
class Handler:
    """The function `run`, and how it is run; `every` is the time from one turn of a scheduled job to the next.

    A turn is left out if `when` says at its beginning that there is nothing to do. `outside` is what the job does
    before its transaction.
    """

    name: str
    run: Callable[..., None]
    queue: str
    attempts: int
    time_limit: timedelta
    every: timedelta | None = None
    when: Callable[[], bool] = lambda: True
    outside: Callable[..., object] | None = None


registry: dict[str, Handler] = {}


def handler(
    name: str,
    *,
    queue: str = "default",
    attempts: int = ATTEMPTS,
    time_limit: timedelta = TIME_LIMIT,
    outside: Callable[..., object] | None = None,
) -> Callable[[Run], Run]:
    """Have the function do the jobs of this name, in a transaction; it takes their ids by keyword.

    What waits for a network or writes files is a function of its own, `outside`: called first, with the same ids and
    in no transaction; what it returns is the first argument of the other. After a crash it is called again, and must
    bear that. The time limit holds for each of them.
    """
    return _registering(lambda run: Handler(name, run, queue, attempts, time_limit, outside=outside))


def scheduled(
    name: str,
    *,
    every: timedelta,
    queue: str = "default",
    time_limit: timedelta = TIME_LIMIT,
    when: Callable[[], bool] = lambda: True,
    outside: Callable[..., object] | None = None,
) -> Callable[[Run], Run]:
    """The same for a job that nobody enqueues: it has one turn in each span of `every`, counted from 1970.

    One that is often due and seldom needed asks `when` before the turn is written down. 1 query a turn is fine there.
    """
    return _registering(lambda run: Handler(name, run, queue, ATTEMPTS, time_limit, every, when, outside))


def named(name: str) -> Handler:
    """The handler of this name. Raises UnknownJob."""
    if name not in registry:
        raise UnknownJob(f"No handler is called {name!r}; there are {', '.join(sorted(registry))}.")
    return registry[name]


def attempts(name: str) -> int:
    """How often jobs of this name are tried; a release that does not know the name leaves time for another one."""
    return registry[name].attempts if name in registry else ATTEMPTS


def time_outside(name: str) -> timedelta:
    """How long jobs of this name may take before their transaction."""
    found = registry.get(name)
    return found.time_limit if found and found.outside else timedelta()


def beats(now: datetime) -> dict[str, str]:
    """The present turn of each scheduled job: the names by the keys that make every turn one job."""
    turns = ((found.name, now.timestamp() // found.every.total_seconds()) for found in registry.values() if found.every)
    return {f"beat:{name}:{turn:.0f}": name for name, turn in turns}


def _registering(describe: Callable[[Run], Handler]) -> Callable[[Run], Run]:
    def register(run: Run) -> Run:
        made = describe(run)
        if made.queue not in QUEUES:
            raise ValueError(f"{made.name} wants the queue {made.queue}, but there are only {', '.join(QUEUES)}.")
        if made.name in registry:
            raise ValueError(f"Two handlers are called {made.name}.")
        registry[made.name] = made
        return run

    return register
