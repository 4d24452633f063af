"""The live service by real HTTP, on a real Redis."""

import json
import signal
import time
from contextlib import ExitStack
from http.client import HTTPConnection
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import signing
from redis.exceptions import RedisError

from apps.live import keys, publishing, service
from apps.live.hub import Listener
from tests.concurrency import awaited
from tests.live.conftest import Say
from tests.live.listening import Ear, listening
from tests.live.servers import LiveServer, serving
from tests.pagecache.servers import RedisServer
from tests.patience import PATIENCE
from tests.replicas.servers import until


def ask(live: LiveServer, path: str, method: str = "GET") -> tuple[int, dict[str, str], dict[str, object]]:
    connection = HTTPConnection("127.0.0.1", live.port, timeout=PATIENCE)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), json.loads(answer.read())
    finally:
        connection.close()


def heard(ear: Ear, number: int) -> list[int]:
    """The ids in the next events."""
    events = [ear.hear() for _ in range(number)]
    return [event.data["id"] for event in events if event]


def is_there() -> bool:
    """Whether Redis is within reach of this process, which rests for a while after a failure."""
    try:
        return bool(publishing.client().ping())
    except RedisError:
        return False


def kinds(*ears: Ear) -> list[str]:
    """Of the next event of each."""
    events = [ear.hear() for ear in ears]
    return [event.kind for event in events if event]


def now() -> int:
    """By the clock of Redis, in milliseconds."""
    seconds, microseconds = publishing.client().time()
    return int(seconds * 1000 + microseconds // 1000)


def test_a_page_hears_what_is_said_of_its_topics_and_nothing_else(
    live: LiveServer, story: str, other: str, say: Say
) -> None:
    with listening(live.port, story, other) as ear:
        say(story, 1)
        say(f"{story}0", 2)
        say(other, 3)
        say(story, 4)

        assert heard(ear, 3) == [1, 3, 4]


def test_a_stream_is_for_no_cache_and_no_buffer(live: LiveServer, story: str, say: Say) -> None:
    with listening(live.port, story) as ear:
        say(story, 1)
        heard(ear, 1)

    assert ear.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert ear.headers["cache-control"] == "no-store"
    assert ear.headers["x-accel-buffering"] == "no"
    assert 1000 <= ear.retry <= 8000


def test_all_pages_of_a_topic_hear_the_same(live: LiveServer, story: str, say: Say) -> None:
    with listening(live.port, story) as one, listening(live.port, story) as another:
        say(story, 1, 2)

        assert heard(one, 2) == heard(another, 2) == [1, 2]


def test_what_is_ones_own_opens_with_the_key_of_ones_page(live: LiveServer, story: str, say: Say) -> None:
    with listening(live.port, story, keys=(keys.key_to("viewer:7"),)) as ear:
        say("viewer:8", 1)
        say("viewer:7", 2)
        say(story, 3)

        assert heard(ear, 2) == [2, 3]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("topic=viewer:7", 403),
        ("key=viewer:7", 403),
        # Named, since they differ from second to second.
        pytest.param(f"key={signing.TimestampSigner(salt='another').sign('viewer:7')}", 403, id="salt"),
        pytest.param(f"key={signing.TimestampSigner(key='stolen', salt='live.key').sign('viewer:7')}", 403, id="key"),
        ("", 400),
        ("topic=", 400),
        ("topic=story", 400),
        ("topic=story:x", 400),
        ("topic=story:" + 50 * "1", 400),
        ("&".join(f"topic=story:{n}" for n in range(5)), 400),
        ("&".join(f"topic=story:{n}" for n in range(100)), 400),
        ("topic=story:1&after=yesterday", 400),
        ("topic=story:1&after=-1", 400),
        ("topic=%ff%00", 400),
    ],
)
def test_who_asks_for_something_else_is_told_what_is_wrong(live: LiveServer, query: str, status: int) -> None:
    found, _, said = ask(live, f"/live/stream?{query}")

    assert found == status
    assert said["detail"]


def test_an_old_key_opens_nothing(live: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    made_at = time.time() - keys.SECONDS - 1
    monkeypatch.setattr(signing, "time", SimpleNamespace(time=lambda: made_at))
    key = keys.key_to("viewer:7")
    monkeypatch.undo()

    assert ask(live, f"/live/stream?key={key}")[0] == 403


def test_a_page_older_than_its_key_hears_the_rest(live: LiveServer, story: str, say: Say) -> None:
    with listening(live.port, story, keys=("viewer:7:old:key",)) as ear:
        say("viewer:7", 1)
        say(story, 2)

        assert heard(ear, 1) == [2]


def test_a_stream_in_which_nothing_is_said_shows_that_it_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "HEARTBEAT_SECONDS", 0)
    listener, said = Listener([]), list[bytes]()

    async def send(message: dict[str, Any]) -> None:
        said.append(message["body"])
        if len(said) == 3:
            listener.end()

    awaited(service._talk(listener, send))

    assert said[:3] == [b":\n\n"] * 3
    assert said[-1] == b""


def test_a_stream_ends_after_a_while_so_that_its_key_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "LIFE_SECONDS", -1)
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    awaited(service._talk(Listener([]), send))

    assert sent == [{"type": "http.response.body", "body": b""}]


def test_other_addresses_and_methods_are_refused(live: LiveServer) -> None:
    assert ask(live, "/live/")[0] == 404
    assert ask(live, "/")[0] == 404
    assert ask(live, "/live/stream?topic=story:1", "POST")[0] == 405


def test_who_comes_back_hears_what_was_missed_once(live: LiveServer, story: str, other: str, say: Say) -> None:
    with listening(live.port, story) as ear:
        say(story, 1)
        last = ear.hear()
    say(story, 2, 3)
    say(other, 4)

    assert last
    with listening(live.port, story, other, after="1", last_event_id=last.id) as ear:
        say(story, 5)
        assert heard(ear, 4) == [2, 3, 4, 5]


def test_a_page_hears_what_came_after_it_was_made(live: LiveServer, story: str, say: Say) -> None:
    say(story, 1)
    made_at = now() + 2
    until(lambda: now() > made_at)
    say(story, 2)

    with listening(live.port, story, after=str(made_at)) as ear:
        assert heard(ear, 1) == [2]


def test_beyond_its_places_a_process_says_when_to_come_again(redis: RedisServer, story: str, say: Say) -> None:
    with serving(redis.url, LIVE_STREAMS="2") as live, listening(live.port, story) as one:
        with listening(live.port, story):
            status, headers, said = ask(live, "/live/stream?topic=story:1")
            assert (status, said["detail"]) == (503, "All places are taken.")
            assert 10 <= int(headers["retry-after"]) <= 60
            assert ask(live, "/health/ready")[0] == 503
            assert ask(live, "/health/live")[0] == 200

        until(lambda: ask(live, "/health/ready")[0] == 200)
        with listening(live.port, story) as another:
            say(story, 1)
            assert heard(one, 1) == heard(another, 1) == [1]


def test_a_process_that_ends_lets_everybody_go_and_the_next_knows_what_was_said(
    mortal: LiveServer, story: str, say: Say
) -> None:
    with ExitStack() as pages:
        one, *others = (pages.enter_context(listening(mortal.port, story)) for _ in range(5))
        say(story, 1)
        last = one.hear()
        for other in others:
            heard(other, 1)
        mortal.process.send(signal.SIGTERM)
        assert {ear.hear() for ear in (one, *others)} == {None}
        # Not all at the same time; by chance two are.
        assert len({ear.retry for ear in (one, *others)}) > 1
    say(story, 2)
    mortal.restart()

    assert last
    with listening(mortal.port, story, last_event_id=last.id) as ear:
        assert heard(ear, 1) == [2]


def test_without_redis_streams_stay_and_then_all_look_anew(
    mortal: LiveServer, redis: RedisServer, story: str, say: Say
) -> None:
    with listening(mortal.port, story) as ear:
        say(story, 1)
        last = ear.hear()
        redis.kill()
        until(mortal.is_deaf)
        with listening(mortal.port, story) as newcomer:
            say(story, 2)
            redis.mend()
            assert kinds(ear, newcomer) == ["resync", "resync"]
        until(lambda: not mortal.is_deaf())

        assert last
        with listening(mortal.port, story, last_event_id=last.id) as returned:
            assert kinds(returned) == ["resync"]
            until(is_there)
            say(story, 3)
            assert heard(ear, 1) == heard(returned, 1) == [3]
