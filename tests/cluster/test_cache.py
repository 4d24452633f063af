"""Two gunicorns share one cache: a herd before both, Redis frozen, killed and back, the primary killed."""

import time
from collections import Counter
from functools import partial
from urllib.request import Request, urlopen

import pytest
import redis

from deploy.local.fleet import Fleet
from tests.cluster.browsing import Browser, Page
from tests.cluster.conftest import Member, put_out
from tests.concurrency import at_once
from tests.patience import PATIENCE
from tests.replicas.servers import until

pytestmark = pytest.mark.cluster

HERD = 50
NOTICE = "The site is read-only for the moment"
# Far more than what is waited for Redis, far less than what is waited without a breaker.
SOON = 3.0


@pytest.fixture
def gunicorns(here: Fleet) -> list[str]:
    """The addresses behind Nginx, which would answer visitors itself; all have found Redis."""
    addresses = [f"http://127.0.0.1:{gunicorn.port}" for gunicorn in here.gunicorns]
    until(lambda: all(outcome(Browser(address).get("/")) == "hit" for address in addresses))
    return addresses


def outcome(page: Page) -> str:
    return page.headers.get("Cache-Status", "uncached").rpartition("=")[2]


def say(member: Member, story: str, words: str) -> None:
    answer = member.devices[0].post(f"{story.rpartition('/')[0]}/comments/", text=words)
    assert answer.status == 302


def seen_by_all(gunicorns: list[str], story: str, words: str) -> bool:
    """Whether visitors of every gunicorn see it."""
    return all(words in Browser(address).get(f"{story}?order=newest").text for address in gunicorns)


def test_a_herd_before_two_gunicorns_has_a_cold_page_rendered_once(here: Fleet, gunicorns: list[str]) -> None:
    host = here.address.removeprefix("http://")

    def visit(address: str) -> tuple[int, str]:
        with urlopen(Request(f"{address}/newest", headers={"Host": host}), timeout=PATIENCE) as answer:
            return answer.status, answer.headers.get("Cache-Status", "uncached").rpartition("=")[2]

    # They keep pages warm, so one of them might be the first.
    for other in (*here.workers, *here.schedulers):
        here.freeze(other)
    with redis.Redis.from_url(here.redis.url) as store:
        store.flushall()

    answers = at_once([partial(visit, address) for address in gunicorns * (HERD // 2)])

    outcomes = Counter(outcome for _, outcome in answers)
    assert {status for status, _ in answers} == {200}
    assert outcomes["miss"] == 1
    assert outcomes["uncached"] == 0


def test_frozen_redis_fails_nobody_and_holds_nobody_up(
    here: Fleet, gunicorns: list[str], members: list[Member], pages: list[str]
) -> None:
    visitors = [Browser(address) for address in gunicorns]
    own = [Browser(address, members[0].devices[0].cookies["sessionid"]) for address in gunicorns]
    here.freeze(here.redis)

    for reader in (*visitors, *own):
        for page in pages:
            began = time.monotonic()
            assert reader.get(page).status == 200
            assert time.monotonic() - began < SOON

    assert all(reader.is_signed_in() for reader in own)


def test_what_is_written_before_without_and_after_redis_is_seen(
    here: Fleet, gunicorns: list[str], members: list[Member], stories: list[str]
) -> None:
    member, story = members[0], stories[0]
    seen_by_all(gunicorns, story, "")
    say(member, story, "Before Redis was killed.")
    here.kill(here.redis)

    say(member, story, "Without Redis.")
    assert "Without Redis." in member.devices[0].get(f"{story}?order=newest").text
    here.start()
    until(lambda: seen_by_all(gunicorns, story, "Before Redis was killed."))
    until(lambda: seen_by_all(gunicorns, story, "Without Redis."))
    say(member, story, "After Redis came back.")

    assert "After Redis came back." in member.devices[0].get(f"{story}?order=newest").text
    until(lambda: seen_by_all(gunicorns, story, "After Redis came back."))
    until(lambda: outcome(Browser(gunicorns[0]).get(story)) == "hit")


def test_without_the_primary_kept_pages_are_shown_with_the_notice(
    here: Fleet, gunicorns: list[str], members: list[Member], pages: list[str]
) -> None:
    readers = [Browser(address) for address in gunicorns]
    readers += [Browser(address, members[0].devices[0].cookies["sessionid"]) for address in gunicorns]
    for reader in readers:
        assert {reader.get(page).status for page in pages} == {200}

    here.kill(here.primary)

    assert {reader.get(page).status for reader in readers for page in pages} == {200}
    until(lambda: all("default" in put_out(gunicorn) for gunicorn in here.gunicorns))
    answers = [reader.get(page) for reader in readers for page in pages]
    assert all(NOTICE in answer.text and answer.status == 200 for answer in answers)
    assert "uncached" not in {outcome(answer) for answer in answers}
