"""Whatever commits, crashes, lags, is evicted, lost or rolled back: no page is older than it may be for its viewer."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context
from functools import partial
from typing import Any

import pytest
import redis as redis_py
from django.conf import settings
from hypothesis import settings as trials
from hypothesis import strategies
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from pytest_django.fixtures import Settings

from apps.core.breaker import Breaker
from apps.pagecache import notices, purging, renewing, slots, stores, visits
from apps.pagecache.entries import OUTAGE_SECONDS, State
from apps.pagecache.guard import Client
from apps.pagecache.stores import RedisStore, Unavailable
from apps.pagecache.tags import viewer
from apps.pagecache.visits import Visit
from apps.replicas import readonly, servers, tokens
from tests.pagecache import worlds
from tests.pagecache.clocks import stopped
from tests.pagecache.servers import RedisServer
from tests.pagecache.worlds import ALL, SHOWN, Commit, Crash, Person, Process, World, factory, thing

THINGS = strategies.sampled_from(["a", "b"])
# One shows a thing, the other all of them.
PAGES = strategies.sampled_from(["a", "shelf"])
PEOPLE = strategies.sampled_from(["visitor", "ada at home", "ada on the way"])
PROCESSES = strategies.sampled_from([0, 1])
REPLICAS = strategies.sampled_from([0, 1])
BEHIND_SECONDS = 2.0
# Who is told this knows that the page may be old.
EXCUSES = (notices.OUTAGE, readonly.PRIMARY_GONE)


class Down(Breaker):
    """A breaker that lets nobody through."""

    def check(self) -> None:
        raise redis_py.ConnectionError


class Reading(RuleBasedStateMachine):
    """Three people before two processes that share a Redis."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.clock = stopped(self.patch)
        self.patch.setattr(visits, "LOOK_AGAIN_SECONDS", 1.0)
        self.patch.setattr(Visit, "__init__", self.visiting(Visit.__init__))
        self.patch.setattr(renewing, "submit", self.submit)
        self.patch.setattr(servers, "fleet", servers.fleet)
        self.patch.setattr(servers, "HOPE_SECONDS", 0)
        self.patch.setattr(Client, "breaker", Breaker(redis_py.ConnectionError))
        self.world = World(self.clock)
        self.patch.setattr(tokens, "current", lambda: self.world.position)
        self.patch.setitem(slots._loaders, "marks", self.world.fill)
        home, way = self.world.devices
        self.people = {"visitor": Person(), "ada at home": home, "ada on the way": way}
        self.processes = [Process(), Process()]
        self.process = self.processes[0]
        self.store = RedisStore()
        # Connected now, since whoever connects learns the true name of the server's run.
        self.store.stamps([])
        # Past the breaker.
        self.redis = redis_py.Redis.from_url(str(settings.CACHES["default"]["LOCATION"]))
        self.redis.flushall()
        self.patch.setattr(stores, "redis_store", lambda: self.store)
        # Renders that were begun and are not over.
        self.renders: list[tuple[Process, Callable[[], object]]] = []
        self.clock.meanwhile = self.go_on
        self.crashed: list[Commit] = []
        self.saved: dict[Any, tuple[int, Any]] = {}
        # Of the last purge of everything, by the time.
        self.floors: list[tuple[float, int]] = [(0.0, 0)]

    def teardown(self) -> None:
        self.redis.close()
        self.patch.undo()

    def visiting(self, begin: Callable[..., None]) -> Callable[..., None]:
        """Remember the last visit that began."""

        def begin_and_remember(visit: Visit, *args: Any, **options: Any) -> None:
            self.visit = visit
            begin(visit, *args, **options)

        return begin_and_remember

    def enter(self, process: int) -> None:
        self.process = self.processes[process]

    def forget(self, pattern: str) -> None:
        if keys := self.redis.keys(pattern):
            self.redis.delete(*keys)

    def floor(self, until: float) -> int:
        """Up to where everything was purged by then."""
        return max(token for at, token in self.floors if at <= until)

    def begin_render(self, page: str, process: Process) -> None:
        """A visitor comes to another process; it has the lease, and will render some time."""
        with process.inside(), suppress(Unavailable):
            visit = Visit(factory.get(f"/{page}"), self.world.site.get_response)
            visit.look()
            if lease := self.store.lease(visit.key):
                self.renders.append((process, lambda: visit.fill_leased(lease)))

    def submit(self, render: Callable[[], object]) -> None:
        self.renders.append((self.process, render))

    @precondition(lambda self: self.world.primary.is_serving)
    @rule(person=PEOPLE, name=THINGS, process=PROCESSES, is_redis_away=strategies.sampled_from([False, False, True]))
    def write(self, person: str, name: str, process: int, is_redis_away: bool) -> None:
        self.enter(process)
        self.save()
        was_up = self.world.is_store_up
        self.reach_redis(was_up and not is_redis_away)
        with self.process.inside():
            self.world.post(self.people[person], name)
        self.reach_redis(was_up)

    @precondition(lambda self: self.world.primary.is_serving)
    @rule(name=THINGS)
    def crash(self, name: str) -> None:
        """The process ends between the commit and the stamp; nobody is told that it was committed."""
        self.world.is_crashing = True
        with pytest.raises(Crash):
            self.world.post(Person(), name)
        self.world.is_crashing = False
        self.crashed.append(self.world.history[-1])

    @precondition(lambda self: self.world.primary.is_serving)
    @rule()
    def tell(self) -> None:
        self.world.tell()

    @precondition(lambda self: self.crashed and self.world.primary.is_serving)
    @rule()
    def repair(self) -> None:
        self.world.stamp(self.crashed.pop(0))

    @rule(
        person=PEOPLE,
        page=PAGES,
        process=PROCESSES,
        chance=strategies.sampled_from(["late", "rival", "broken", "gone", "before", "after", "filling"]),
        name=THINGS,
    )
    def read_by_chance(self, person: str, page: str, process: int, chance: str, name: str) -> None:
        """Read while something happens, and once more."""
        had_primary = self.world.primary.is_serving
        if chance == "rival":
            self.begin_render(page, self.processes[1 - process])
        elif chance == "gone":
            self.world.lose_primary()
        elif chance in {"before", "after", "filling"} and had_primary:
            # In another process.
            act = self.world.tell if chance == "filling" else partial(self.world.change, name)
            getattr(self.world, chance).append(lambda: Context().run(act))
        self.world.is_broken = chance == "broken"
        self.read(person, page, process, is_late=chance == "late")
        self.world.is_broken = False
        for acts in (self.world.before, self.world.after, self.world.filling):
            acts.clear()
        if had_primary:
            self.world.find_primary()
        self.read(person, page, process)

    @rule(visits=strategies.lists(strategies.tuples(PEOPLE, PAGES, PROCESSES), min_size=1, max_size=8))
    def read_some(self, visits: list[tuple[str, str, int]]) -> None:
        for person, page, process in visits:
            self.read(person, page, process)

    def read(self, person: str, page: str, process: int, is_late: bool = False) -> None:
        self.enter(process)
        reader = self.people[person]
        own, own_marks = self.own(reader, page, is_late), reader.marks
        now, since = self.clock.now, self.clock.now - BEHIND_SECONDS
        noted, noted_since = self.world.noted(page, now), self.world.noted(page, since)
        with self.process.inside():
            response = self.world.get(reader, page, is_late=is_late)

        visit, text = self.visit, response.content.decode()
        assert response.status_code == 200 or not visit.entry or visit.state is State.USELESS
        if response.status_code != 200:
            assert self.world.is_broken or not self.world.primary.is_serving
            return
        [(position, marks)] = SHOWN.findall(text)
        shown, is_excused = int(position), any(excuse in text for excuse in EXCUSES)
        assert is_excused or shown >= own
        assert is_excused or visit.outcome == "shed" or int(marks) >= own_marks
        if "Cache-Status" not in response:
            return
        entry = visit.found or visit.entry
        assert entry
        assert entry.created_at >= now - OUTAGE_SECONDS
        is_behind = visit.outcome in {"stale", "waited", "shed"} and visit.state is State.BEHIND
        assert is_excused or shown >= (noted_since if is_behind else noted)
        # Without Redis nobody hears of a purge: a page is shown for as long as others would see it behind.
        is_deaf = visit.state is State.BEHIND and not self.world.is_store_up
        assert shown >= self.floor(since if is_deaf else now)

    def own(self, reader: Person, page: str, is_late: bool) -> int:
        """The reader's last write on the page that they must see. What they did on another device is kept in Redis,
        with their session, into which nobody looks in a rush."""
        is_known = self.world.is_store_up and not is_late
        return max(reader.own.get(page, 0), reader.own_elsewhere.get(page, 0) if is_known else 0)

    @rule()
    def finish_render(self) -> None:
        if self.renders:
            process, render = self.renders.pop(0)
            with process.inside(), suppress(Unavailable):
                Context().run(render)

    def go_on(self) -> None:
        """What others do while somebody waits."""
        self.world.catch_up()
        self.finish_render()

    @rule(replica=REPLICAS, steps=strategies.integers(1, 3))
    def replay(self, replica: int, steps: int) -> None:
        server = self.world.replicas[replica]
        server.position = min(server.position + steps * worlds.STEP, worlds.STEP * len(self.world.history))

    @rule(seconds=strategies.sampled_from([0.5, 1.0, 3.0, 30.0, 61.0, 200.0, 3700.0]))
    def wait(self, seconds: float) -> None:
        self.clock.move(seconds)
        self.world.catch_up()
        # Redis has a clock of its own.
        if seconds >= BEHIND_SECONDS / 2:
            self.forget(self.store._key("lease", "*"))
        if seconds > tokens.SECONDS:
            self.forget("*freshness*")

    @precondition(lambda self: self.world.primary.is_serving)
    @rule()
    def purge_all(self) -> None:
        purging.purge_now()
        if self.world.is_store_up:
            self.floors.append((self.clock.now, self.world.position))

    @rule(tag=strategies.sampled_from([ALL, thing("a"), viewer(worlds.ADA), stores.LATEST]))
    def evict(self, tag: str) -> None:
        self.redis.delete(self.store.stamp_key(tag))

    @rule(calamity=strategies.sampled_from(["pages", "process", "redis", "primary"]), process=PROCESSES)
    def strike(self, calamity: str, process: int) -> None:
        """Something is lost, or comes back."""
        match calamity:
            case "pages":
                self.forget(self.store._key("page", "*"))
            case "process":
                self.processes[process] = Process()
            case "redis":
                self.reach_redis(not self.world.is_store_up)
            case "primary":
                self.world.lose_primary() if self.world.primary.is_serving else self.world.find_primary()

    def reach_redis(self, is_up: bool) -> None:
        self.world.is_store_up = is_up
        Client.breaker = Breaker(redis_py.ConnectionError) if is_up else Down(redis_py.ConnectionError)

    def save(self) -> None:
        keys = self.redis.keys("*")
        pipeline = self.redis.pipeline(transaction=False)
        for key in keys:
            pipeline.pttl(key)
            pipeline.dump(key)
        answers = pipeline.execute()
        self.saved = dict(zip(keys, zip(answers[::2], answers[1::2], strict=True), strict=True))

    @rule(is_empty=strategies.booleans())
    def restart_redis(self, is_empty: bool) -> None:
        """It comes back with nothing, or as it was before the last write."""
        self.redis.flushall()
        for key, (milliseconds, value) in {} if is_empty else self.saved.items():
            self.redis.restore(key, max(0, milliseconds), value)
        Client.run_id = secrets.token_hex(8)
        for person in self.people.values():
            person.own_elsewhere.clear()


def test_nobody_is_shown_too_old_a_page(redis: RedisServer, settings: Settings) -> None:
    settings.PAGECACHE_BEHIND_SECONDS = BEHIND_SECONDS
    settings.REPLICAS = ["replica1", "replica2"]
    settings.DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = False

    run_state_machine_as_test(Reading, settings=trials(max_examples=150, stateful_step_count=50, deadline=None))
