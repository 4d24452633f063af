"""What every kind of store keeps to: stamps only rise, later pages win, one lease at a time."""

import multiprocessing
import random
from collections.abc import Sequence
from functools import partial

import pytest

from apps.pagecache import stores
from apps.pagecache.stores import EPOCH, CacheStore, RedisStore, Store
from tests.concurrency import at_once
from tests.replicas.servers import until

NUM_THREADS = 20


def version(token: int, moment: int = 0) -> str:
    return f"{token:032x}{moment:012x}"


def in_processes(store: Store, tokens: Sequence[Sequence[int]]) -> None:
    """Have one process for each of `tokens` stamp all of them."""
    context = multiprocessing.get_context("fork")
    tasks = [context.Process(target=stamp_all, args=(store, some)) for some in tokens]
    for task in tasks:
        task.start()
    for task in tasks:
        task.join()
    assert [task.exitcode for task in tasks] == [0] * len(tasks)


def stamp_all(store: Store, tokens: Sequence[int]) -> None:
    for token in tokens:
        store.stamp(["a", EPOCH], token)
        assert min(stamp or 0 for stamp in store.stamps(["a"])) >= token


def test_what_was_never_stamped_is_unknown(store: Store) -> None:
    assert store.stamps(["a", "b"]) == [None, None, None]


def test_stamps_come_in_the_order_of_the_question_after_the_epoch(store: Store) -> None:
    store.stamp(["a"], 1)
    store.stamp(["b"], 2)
    store.stamp([EPOCH], 3)

    assert store.stamps(["b", "unknown", "a"]) == [3, 2, None, 1]


def test_stamps_only_rise(store: Store) -> None:
    for token in (5, 9, 7):
        store.stamp(["a", EPOCH], token)

    assert store.stamps(["a"]) == [9, 9]


def test_stamps_hold_any_position_of_any_timeline(store: Store) -> None:
    tokens = [2**63, 1 << 64, (7 << 64) + 2**63, (2**32 - 1) << 64]

    for token in tokens:
        store.stamp(["a"], token)

    assert store.stamps(["a"])[1] == max(tokens)


def test_stamps_only_rise_among_threads(store: Store) -> None:
    tokens = random.sample(range(10_000), NUM_THREADS * 5)

    at_once([partial(stamp_all, store, tokens[number::NUM_THREADS]) for number in range(NUM_THREADS)])

    assert store.stamps(["a"]) == [max(tokens)] * 2


@pytest.mark.parametrize("kind", ["redis_store", "files_store"])
def test_stamps_only_rise_among_processes(kind: str, request: pytest.FixtureRequest) -> None:
    store: Store = request.getfixturevalue(kind)
    tokens = random.sample(range(10_000), 100)

    in_processes(store, [tokens[number::4] for number in range(4)])

    assert store.stamps(["a"]) == [max(tokens)] * 2


def test_a_page_comes_back_as_it_was(store: Store) -> None:
    assert store.page("front") == ("", b"")
    page = bytes(range(256))

    store.keep("front", version(1), page, 60)

    assert store.page("front") == (version(1), page)
    assert store.page("other") == ("", b"")


def test_the_later_snapshot_wins_and_of_one_snapshot_the_later_page(store: Store) -> None:
    for kept, page in [(version(5, 1), b"a"), (version(4, 9), b"b"), (version(5, 2), b"c"), (version(5, 0), b"d")]:
        store.keep("front", kept, page, 60)

    assert store.page("front") == (version(5, 2), b"c")


def test_the_latest_page_wins_among_threads(store: Store) -> None:
    tokens = random.sample(range(1000), NUM_THREADS)

    at_once([partial(store.keep, "front", version(token), b"%d" % token, 60) for token in tokens])

    assert store.page("front") == (version(max(tokens)), b"%d" % max(tokens))


def test_a_page_goes_when_its_time_is_over(store: Store) -> None:
    store.keep("front", version(5), b"a", 0.05)

    until(lambda: store.page("front") == ("", b""))

    store.keep("front", version(4), b"b", 60)
    assert store.page("front")[1] == b"b"


def test_a_lease_has_one_winner_of_fifty(store: Store) -> None:
    leases = at_once([partial(store.lease, "front")] * 50)

    assert len([lease for lease in leases if lease]) == 1
    assert store.is_leased("front")


def test_leases_of_different_pages_are_apart(store: Store) -> None:
    assert store.lease("front")
    assert store.lease("newest")
    assert not store.is_leased("top")


def test_a_lease_that_was_given_back_is_free_at_once(store: Store) -> None:
    store.release("front", store.lease("front"))

    assert not store.is_leased("front")
    assert store.lease("front")


def test_a_lease_can_be_given_back_later(store: Store) -> None:
    store.release("front", store.lease("front"), 60)
    assert not store.lease("front")
    store.release("newest", store.lease("newest"), 0.05)

    until(lambda: not store.is_leased("newest"))

    assert store.lease("newest")


def test_somebody_elses_lease_stays(store: Store) -> None:
    late = store.lease("front")
    store.release("front", late)
    assert store.lease("front")

    store.release("front", late)
    store.release("newest", late)

    assert store.is_leased("front")
    assert not store.is_leased("newest")


def test_a_lease_whose_holder_died_ends(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    # Redis counts whole seconds.
    monkeypatch.setattr(stores, "LEASE_SECONDS", 1 if isinstance(store, RedisStore) else 0.05)
    store.lease("front")

    until(lambda: bool(store.lease("front")))


def test_the_site_uses_redis_when_it_is_there(redis_store: RedisStore) -> None:
    assert isinstance(stores.store(), RedisStore)


def test_the_site_uses_any_other_cache(files_store: CacheStore) -> None:
    assert isinstance(stores.store(), CacheStore)
