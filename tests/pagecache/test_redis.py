"""Redis restarted, rolled back, frozen and killed: what it may have forgotten is not trusted, and nobody waits."""

import time
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest
from django.test import Client as Browser
from redis.connection import AbstractConnection
from redis.exceptions import ConnectionError

from apps.core import breaker
from apps.core.breaker import Breaker
from apps.pagecache import stores
from apps.pagecache.guard import Client, Line
from apps.pagecache.stores import EPOCH, RedisStore, Unavailable
from tests.concurrency import at_once
from tests.factories.people import PersonFactory
from tests.pagecache.clocks import Clock
from tests.pagecache.conftest import PATIENCE
from tests.pagecache.servers import RedisServer, wait

METHODS: list[Callable[[RedisStore], object]] = [
    lambda store: store.stamps(["a"]),
    lambda store: store.stamp(["a"], 1),
    lambda store: store.stamp([EPOCH], 1),
    lambda store: store.page("front"),
    lambda store: store.keep("front", "1", b"", 60),
    lambda store: store.lease("front"),
    lambda store: store.release("front", "lease"),
    lambda store: store.is_leased("front"),
]


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each command was tried on the server itself, without those that begin a connection."""
    tried: Counter[str] = Counter()
    send = AbstractConnection.send_command

    def count(connection: AbstractConnection, *args: str, **options: object) -> None:
        if args[0] not in {"HELLO", "AUTH", "CLIENT", "INFO"}:
            tried[args[0]] += 1
        send(connection, *args, **options)  # type: ignore[no-untyped-call]  # as redis-py does

    monkeypatch.setattr(AbstractConnection, "send_command", count)
    answer = Line._answer

    def count_line(line: Line, command: tuple[str, ...]) -> object:
        tried[command[0]] += 1
        return answer(line, command)

    monkeypatch.setattr(Line, "_answer", count_line)
    return tried


def refused(task: Callable[[], object]) -> bool:
    try:
        task()
    except Unavailable:
        return True
    return False


def test_an_empty_restart_leaves_nothing_known(redis: RedisServer, redis_store: RedisStore, resting: Clock) -> None:
    redis_store.stamp(["a", EPOCH], 5)
    redis_store.keep("front", "1", b"page", 60)

    redis.kill()
    redis.start()

    assert redis_store.stamps(["a"]) == [None, None]
    assert redis_store.page("front") == ("", b"")


def test_after_a_restart_from_an_old_snapshot_the_epoch_is_unknown(
    redis: RedisServer, redis_store: RedisStore, resting: Clock
) -> None:
    redis_store.stamp(["a", EPOCH], 5)
    redis_store._client.save()
    redis_store.stamp(["a", EPOCH], 9)

    redis.kill()
    redis.start()

    assert redis_store.stamps(["a"]) == [None, 5]


@pytest.mark.parametrize("token", [4, 6])
def test_the_epoch_of_another_run_gives_way_whatever_it_was(
    redis: RedisServer, redis_store: RedisStore, resting: Clock, token: int
) -> None:
    redis_store.stamp([EPOCH], 5)
    redis_store._client.save()
    redis.kill()
    redis.start()

    redis_store.stamp([EPOCH], token)

    assert redis_store.stamps([]) == [token]
    redis_store.stamp([EPOCH], token - 1)
    assert redis_store.stamps([]) == [token]


def test_the_first_purge_after_a_restart_is_noted(redis: RedisServer, redis_store: RedisStore, resting: Clock) -> None:
    redis_store.stamp(["a"], 5)
    redis.kill()
    assert refused(lambda: redis_store.stamp(["a"], 6))
    redis.start()
    resting.move(breaker.LONGEST_REST_SECONDS)

    redis_store.stamp(["a"], 7)

    assert redis_store.stamps(["a"])[1] == 7


@pytest.mark.parametrize("method", METHODS)
def test_a_dead_server_is_unavailable_to_all(
    redis: RedisServer, redis_store: RedisStore, method: Callable[[RedisStore], object]
) -> None:
    redis.kill()

    assert refused(lambda: method(redis_store))


def test_a_frozen_server_holds_up_the_first_and_nobody_after(
    redis: RedisServer, redis_store: RedisStore, resting: Clock, attempts: Counter[str]
) -> None:
    wait(redis_store)
    redis.freeze()

    began = time.monotonic()
    assert all(refused(partial(redis_store.stamps, ["a"])) for _ in range(100))

    # Far more than what one waits (0.15 s), less than what a hundred would.
    assert time.monotonic() - began < 10
    assert attempts.total() == 1


def test_after_the_rest_one_of_many_tries(
    redis: RedisServer, redis_store: RedisStore, resting: Clock, attempts: Counter[str]
) -> None:
    redis.kill()
    assert refused(lambda: redis_store.stamps([]))
    attempts.clear()
    resting.move(breaker.FIRST_REST_SECONDS)

    answers = at_once([lambda: refused(partial(redis_store.stamps, []))] * 20)

    assert all(answers)
    assert attempts.total() == 1


@pytest.mark.parametrize("fault", ["kill", "freeze"])
def test_a_server_that_is_back_is_found(
    redis: RedisServer, redis_store: RedisStore, resting: Clock, fault: str
) -> None:
    redis_store.stamp(["a"], 5)
    wait(redis_store)
    getattr(redis, fault)()
    for _ in range(3):
        assert refused(lambda: redis_store.stamps(["a"]))
        resting.move(breaker.LONGEST_REST_SECONDS)
    redis.mend()
    wait(redis_store, PATIENCE)

    found = redis_store.stamps(["a"])

    assert found == ([None, None] if fault == "kill" else [None, 5])


def test_the_breaker_rests_longer_with_each_failure_until_a_success(resting: Clock) -> None:
    one = Breaker(ConnectionError)
    rests = []
    for _ in range(6):
        one.trip()
        began = resting.now
        while refused_by(one):
            resting.move(breaker.FIRST_REST_SECONDS)
        rests.append(resting.now - began)

    assert rests == pytest.approx([0.25, 0.5, 1, 2, 4, 4])
    one.close()
    assert not refused_by(one)
    one.trip()
    resting.move(breaker.FIRST_REST_SECONDS)
    assert not refused_by(one)


def test_threads_that_fail_together_count_as_one(
    redis: RedisServer, redis_store: RedisStore, resting: Clock, attempts: Counter[str]
) -> None:
    redis_store.stamp(["a"], 5)
    attempts.clear()
    # Long enough for some to begin before the first gives up.
    wait(redis_store, 1)
    redis.freeze()
    answers = at_once([lambda: refused(partial(redis_store.stamps, ["a"]))] * 20)
    redis.mend()
    wait(redis_store, PATIENCE)
    resting.move(breaker.FIRST_REST_SECONDS)

    found = redis_store.stamps(["a"])

    assert all(answers)
    assert attempts["MGET"] > 2
    assert found == [None, 5]


def refused_by(breaker: Breaker) -> bool:
    try:
        breaker.check()
    except ConnectionError:
        return True
    return False


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["kill", "freeze"])
@pytest.mark.urls("tests.pagecache.trial")
def test_people_stay_logged_in_without_redis(redis: RedisServer, fault: str) -> None:
    browser = Browser()
    browser.force_login(PersonFactory.create(username="ada"))
    before = browser.get("/show/a").content

    wait(stores.redis_store())
    getattr(redis, fault)()

    after = browser.get("/show/a")
    assert after.status_code == 200
    assert after.content == before
    assert b"ada" in before


def test_what_redis_says_unasked_is_no_answer(redis_store: RedisStore) -> None:
    redis_store.stamp(["a"], 5)
    redis_store.stamps(["a"])

    redis_store._line._reader.feed(b">2\r\n+MOVING\r\n:1\r\n")

    assert redis_store.stamps(["a"]) == [None, 5]
    assert redis_store.stamps(["b"]) == [None, None]


def test_after_nonsense_a_new_line_is_taken(redis_store: RedisStore) -> None:
    redis_store.stamp(["a"], 5)
    redis_store.stamps(["a"])

    redis_store._line._reader.feed(b"HTTP/1.1 400 Bad Request\r\n")

    assert redis_store.stamps(["a"]) == [None, 5]


def test_each_run_of_the_server_has_a_name_of_its_own(
    redis: RedisServer, redis_store: RedisStore, resting: Clock
) -> None:
    redis_store.stamps([])
    before = Client.run_id

    redis.kill()
    redis.start()
    redis_store.stamps([])

    assert Client.run_id not in {"", before}
