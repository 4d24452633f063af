"""Kept pages by themselves: on their way to the store and back, and what they are worth at a moment."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from apps.pagecache.entries import OUTAGE_SECONDS, Entry, State
from apps.pagecache.slots import Segments, slot
from apps.pagecache.stores import VERSION_LENGTH

NOW = 1_800_000_000.0
TOKENS = st.integers(0, 2**96)
# Whatever Python can hold, also what no encoding has.
TEXTS = st.text(st.characters(codec=None), max_size=50)
SCALARS = st.none() | st.booleans() | st.integers() | TEXTS
SECONDS = st.floats(0, 10**10, allow_nan=False)


@st.composite
def segments(draw: st.DrawFn) -> Segments:
    slots = draw(st.lists(st.tuples(st.from_regex(r"[a-z_]+", fullmatch=True), st.lists(SCALARS, max_size=3))))
    literals = draw(st.lists(TEXTS, min_size=len(slots) + 1, max_size=len(slots) + 1))
    return Segments(literals, [(kind, tuple(arguments)) for kind, arguments in slots])


ENTRIES = st.builds(
    Entry,
    view=TEXTS,
    token=TOKENS,
    tags=st.lists(TEXTS, max_size=5).map(tuple),
    created_at=SECONDS,
    seconds=SECONDS,
    grace=SECONDS,
    cost=SECONDS,
    headers=st.dictionaries(TEXTS, TEXTS, max_size=3),
    segments=segments(),
)


def entry(token: int = 5, created_at: float = NOW, cost: float = 0.0) -> Entry:
    return Entry("a.view", token, ("a", "b"), created_at, 60.0, 30.0, cost, {}, Segments([""], []))


@given(ENTRIES)
def test_a_page_comes_back_from_the_store_as_it_was(page: Entry) -> None:
    assert Entry.decode(page.encode()) == page


@given(st.lists(st.text(st.characters(exclude_characters="\x00"), max_size=20), min_size=1, max_size=5))
def test_a_page_is_what_its_literals_and_slots_make(texts: list[str]) -> None:
    page = str(slot("echo", 1, "ü")).join(texts)

    parsed = Segments.parse(page)

    assert parsed.literals == texts
    assert parsed.slots == [("echo", (1, "ü"))] * (len(texts) - 1)


@given(TOKENS, TOKENS, st.integers(0, 2**44), st.integers(0, 2**44))
def test_versions_sort_by_snapshot_and_then_by_time(one: int, other: int, early: int, late: int) -> None:
    first, second = entry(one, early / 1000), entry(other, late / 1000)

    assert (first.version < second.version) == ((one, int(early / 1000 * 1000)) < (other, int(late / 1000 * 1000)))
    assert len(first.version) == VERSION_LENGTH


@pytest.mark.parametrize(
    ("stamps", "age", "state"),
    [
        ([0, 5, 5], 0, State.CURRENT),
        ([5, 5, 5], 59, State.CURRENT),
        ([0, 5, 0], 60, State.DUE),
        ([0, 5, 0], 89, State.DUE),
        ([0, 5, 0], 90, State.OLD),
        ([0, 6, 0], 0, State.BEHIND),
        ([0, 0, 6], 1.9, State.BEHIND),
        ([0, None, 0], 1.9, State.BEHIND),
        ([0, 6, 0], 2, State.OLD),
        ([0, 0, None], 2, State.OLD),
        ([0, 6, None], OUTAGE_SECONDS, State.OLD),
        ([0, 5, 0], OUTAGE_SECONDS + 1, State.USELESS),
        ([6, 5, 0], 0, State.USELESS),
        ([None, 5, 0], 0, State.USELESS),
    ],
)
def test_what_a_page_is_worth(settings: Settings, stamps: list[int | None], age: float, state: State) -> None:
    settings.PAGECACHE_BEHIND_SECONDS = 2.0

    assert entry().judge(stamps, NOW + age) is state


def test_a_page_is_behind_for_two_seconds_from_when_it_was_current(settings: Settings) -> None:
    settings.PAGECACHE_BEHIND_SECONDS = 2.0
    page = entry()

    assert page.judge([0, 5, 0], NOW + 30) is State.CURRENT
    assert page.judge([0, 6, 0], NOW + 31.9) is State.BEHIND
    assert page.judge([0, 6, 0], NOW + 32) is State.OLD


@given(st.lists(st.none() | TOKENS, min_size=2, max_size=2), TOKENS, TOKENS, st.floats(0, 4000))
def test_nothing_newer_is_ever_missing_from_a_current_page(
    stamps: list[int | None], epoch: int, token: int, age: float
) -> None:
    state = entry(token).judge([epoch, *stamps], NOW + age)

    if state in {State.CURRENT, State.DUE}:
        assert all(stamp is not None and stamp <= token for stamp in [epoch, *stamps])
    if state is not State.USELESS:
        assert epoch <= token
        assert age <= OUTAGE_SECONDS


def test_pages_that_cost_much_are_due_early_and_not_all_at_once() -> None:
    states = [entry(cost=5.0).judge([0, 5, 5], NOW + 55) for _ in range(2000)]

    share = states.count(State.DUE) / len(states)
    # Vattani et al.: exp(-5/5) of them.
    assert 0.25 < share < 0.5
    assert set(states) == {State.CURRENT, State.DUE}


def test_a_pages_size_counts_its_text_twice() -> None:
    page = entry()
    page.segments = Segments(["x" * 100_000], [])

    assert 200_000 <= page.size < 210_000
    assert page.size >= sys.getsizeof(page.segments.literals[0])
