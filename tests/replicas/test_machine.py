"""No viewer ever reads a state older than a token they hold: whatever commits, replays, crashes and fails over."""

from hypothesis import settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from apps.replicas import tokens
from apps.replicas.servers import Fleet
from apps.replicas.state import Freshness
from tests.replicas.fakes import StandIn, lost


class Commit:
    """One of the primary's commits; two of different timelines may have the same position."""

    def __init__(self, token: int) -> None:
        self.token = token


REPLICAS = strategies.sampled_from(["replica1", "replica2"])
VIEWERS = strategies.sampled_from(["ada", "bob", "eve"])
STEPS = strategies.integers(min_value=1, max_value=3)


class Standby(StandIn):
    """A standby with the commits that it shows, and connections that die with it."""

    def __init__(self, alias: str) -> None:
        super().__init__(alias)
        # What it has received and applied, each commit by its token, and the timeline of the last heartbeat there.
        self.history: list[Commit] = []
        self.applied = 0
        self.is_connected = False
        self.waiting: tuple[int, int] | None = None

    def connect(self) -> None:
        super().connect()
        if not self.is_connected:
            self.is_connected = True
            self.begin(self.measured(), self.epoch)

    def ask(self) -> int:
        self.num_questions += 1
        self.learn(self.measured(), self.epoch)
        return self.measured()

    def measured(self) -> int:
        """The position in the timeline of what it shows, as the heartbeat tells."""
        return self.history[self.applied - 1].token if self.applied else 0


class Reading(RuleBasedStateMachine):
    """One primary, two standbys, three viewers; one process that routes."""

    @initialize()
    def begin(self) -> None:
        self.timeline = 1
        self.position = 0
        self.history: list[Commit] = []
        self.standbys = {alias: Standby(alias) for alias in ("replica1", "replica2")}
        self.primary = StandIn("default")
        self.fleet = Fleet(self.primary, list(self.standbys.values()))
        self.held = {"ada": 0, "bob": 0, "eve": 0}
        # What the primary had when each viewer's token was taken.
        self.seen: dict[str, set[Commit]] = {viewer: set() for viewer in self.held}

    @rule(viewer=VIEWERS)
    def commit(self, viewer: str) -> None:
        self.position += 8
        token = tokens.token(self.timeline, self.position)
        self.history.append(Commit(token))
        self.held[viewer] = max(self.held[viewer], token)
        self.seen[viewer] = set(self.history)

    @rule(alias=REPLICAS, steps=STEPS)
    def replay(self, alias: str, steps: int) -> None:
        standby = self.standbys[alias]
        if self.follows(standby):
            standby.history = self.history[:]
        standby.applied = min(standby.applied + steps, len(standby.history))

    @rule(alias=REPLICAS, steps=STEPS)
    def crash(self, alias: str, steps: int) -> None:
        """The standby restarts, behind what it has shown; all connections to it are gone."""
        standby = self.standbys[alias]
        standby.applied = max(0, standby.applied - steps)
        standby.is_connected = False

    @rule(alias=REPLICAS)
    def measure(self, alias: str) -> None:
        """The prober's question is answered, but its thread sleeps before it notes the answer."""
        standby = self.standbys[alias]
        standby.waiting = (standby.measured(), standby.epoch)

    @rule(alias=REPLICAS)
    def note(self, alias: str) -> None:
        standby = self.standbys[alias]
        # A connection that outlived the crash cannot have answered: the prober's thread would have got an error.
        if standby.waiting and standby.is_connected:
            standby.learn(*standby.waiting)
        standby.waiting = None

    @rule(alias=REPLICAS)
    def leave_or_return(self, alias: str) -> None:
        """The network loses the standby, or finds it."""
        self.standbys[alias].error = None if self.standbys[alias].error else lost()

    @rule(alias=REPLICAS)
    def fail_over(self, alias: str) -> None:
        """The primary is gone; a copy of this standby takes its place, with what it had.

        Never one whose history has parted: that would bring back what was lost, and lose what came after.
        """
        standby = self.standbys[alias]
        if not self.follows(standby):
            return
        kept = standby.history[: standby.applied]
        self.history = kept[:]
        self.position = 8 * len(kept)
        self.timeline += 1

    @rule(viewer=VIEWERS)
    def read(self, viewer: str) -> None:
        state = Freshness(needed=self.held[viewer])
        alias = self.fleet.pick(state)
        state.release()
        if alias == "default":
            shown = set(self.history)
        else:
            standby = self.standbys[alias]
            shown = set(standby.history[: standby.applied])

        # What only a former primary knew is lost.
        assert self.seen[viewer] & set(self.history) <= shown

    def follows(self, standby: Standby) -> bool:
        return standby.history == self.history[: len(standby.history)]

    @invariant()
    def nobody_stays(self) -> None:
        assert all(standby.num_readers == 0 for standby in self.standbys.values())


TestReading = Reading.TestCase
TestReading.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
