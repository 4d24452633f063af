"""Who hears what, without a network: whatever happens, a page hears all that is said of its topics, or looks anew."""

import re
from collections import deque

from hypothesis import settings, strategies
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from apps.live.hub import LONGEST_REPLAY, QUEUE, RESYNC, START, Hub, Listener
from tests.concurrency import awaited

TOPICS = ["story:1", "story:2", "viewer:1"]
KEPT = 8
EVENT = re.compile(rb"id: (\d+)-0\nevent: (\w+)\ndata: (\d+)\n\n")


def say(hub: Hub, number: int, *topics: str) -> None:
    hub.tell((number, 0), dict.fromkeys(topics, f"comment {number}"))


def taken(listener: Listener) -> bytes:
    return awaited(listener.take())


def numbers(said: bytes) -> list[int]:
    return [int(place) for place, _, _ in EVENT.findall(said)]


def test_an_event_is_written_as_browsers_read_it() -> None:
    hub = Hub(KEPT)
    listener, missed = hub.join(["story:1"], None)

    hub.tell((1763500000000, 3), {"story:1": 'comment {"id": 1}'})

    assert missed == b""
    assert taken(listener) == b'id: 1763500000000-3\nevent: comment\ndata: {"id": 1}\n\n'


def test_who_is_too_slow_looks_anew_and_hears_what_comes_after() -> None:
    hub = Hub(100)
    listener, _ = hub.join(["story:1"], None)

    for number in range(QUEUE + 2):
        say(hub, number, "story:1")

    said = taken(listener)
    assert said.startswith(RESYNC)
    assert numbers(said) == [QUEUE, QUEUE + 1]


def test_a_topic_that_nobody_hears_any_more_is_forgotten() -> None:
    hub = Hub(KEPT)
    one, _ = hub.join(["story:1"], None)
    other, _ = hub.join(["story:1", "viewer:1"], None)

    hub.leave(one)
    assert set(hub._by_topic) == {"story:1", "viewer:1"}
    hub.leave(other)

    assert hub._by_topic == {}
    assert hub.listeners == set()


def test_what_is_kept_stays_small_however_many_topics_there_are() -> None:
    hub = Hub(KEPT)

    for number in range(1000):
        say(hub, number, f"story:{number}", "viewer:1")

    assert len(hub._kept) < KEPT
    assert sum(map(len, hub._recent.values())) < KEPT


def test_who_has_missed_very_much_looks_anew() -> None:
    hub = Hub(10_000)
    for number in range(1, LONGEST_REPLAY + 2):
        say(hub, number, "story:1")

    assert hub.join(["story:1"], START)[1] == RESYNC
    assert numbers(hub.join(["story:1"], (1, 0))[1]) == list(range(2, LONGEST_REPLAY + 2))


def test_a_last_word_comes_after_all_that_waits() -> None:
    hub = Hub(KEPT)
    listener, _ = hub.join(["story:1"], None)
    say(hub, 1, "story:1")

    hub.end([b"retry: 5\n\n"])

    assert not listener.is_over
    assert taken(listener).endswith(b"data: 1\n\nretry: 5\n\n")
    assert listener.is_over


class Pages(RuleBasedStateMachine):
    """Pages that come, hear, go and come back, while things are said, Redis is lost, and the process is late."""

    pages = Bundle("pages")
    left = Bundle("left")

    def __init__(self) -> None:
        super().__init__()
        self.hub = Hub(KEPT)
        self.clock = 0
        self.said: deque[tuple[int, str]] = deque()
        # Of each listener, from where on it shall have heard all, and what it has heard.
        self.since: dict[Listener, int] = {}
        self.heard: dict[Listener, list[int]] = {}

    @rule(topics=strategies.sets(strategies.sampled_from(TOPICS), min_size=1))
    def something_is_said(self, topics: set[str]) -> None:
        self.clock += 1
        say(self.hub, self.clock, *sorted(topics))
        self.said.extend((self.clock, topic) for topic in topics)

    @rule(target=pages, topics=strategies.sets(strategies.sampled_from(TOPICS), min_size=1))
    def a_page_is_opened(self, topics: set[str]) -> Listener:
        return self._join(topics, self.clock)

    @rule(target=left, page=consumes(pages))
    def a_page_is_lost(self, page: Listener) -> tuple[frozenset[str], int]:
        self.hub.leave(page)
        return frozenset(page.topics), max([self.since.pop(page), *self.heard.pop(page)])

    @rule(target=pages, gone=consumes(left))
    def a_page_comes_back(self, gone: tuple[frozenset[str], int]) -> Listener:
        topics, last = gone
        return self._join(set(topics), last)

    @rule(page=pages)
    def a_page_hears(self, page: Listener) -> None:
        if page._waiting:
            self._take(page, taken(page))

    @rule()
    def redis_is_lost(self) -> None:
        self.clock += 1
        self.hub.restore([])
        self.hub.interrupt((self.clock, 0))

    @invariant()
    def everybody_has_heard_all_or_looks_anew(self) -> None:
        for page, since in self.since.items():
            waiting = b"".join(page._waiting)
            if RESYNC in waiting:
                continue
            wanted = sorted({number for number, topic in self.said if topic in page.topics and number > since})
            assert sorted({*self.heard[page], *numbers(waiting)}) == wanted

    def _join(self, topics: set[str], after: int) -> Listener:
        page, missed = self.hub.join(frozenset(topics), (after, 0))
        self.since[page], self.heard[page] = after, []
        self._take(page, missed)
        return page

    def _take(self, page: Listener, said: bytes) -> None:
        """Who looks anew sees all that was said until now, and what waits behind that."""
        if RESYNC in said:
            said = said.rpartition(RESYNC)[2]
            self.since[page], self.heard[page] = min(numbers(said), default=self.clock + 1) - 1, []
        self.heard[page] += numbers(said)


TestPages = Pages.TestCase
TestPages.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
