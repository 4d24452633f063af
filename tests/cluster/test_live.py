"""Live updates through Nginx: what one person writes, another one's open page hears, whatever dies meanwhile."""

import re
from itertools import count
from urllib.request import Request, urlopen

import pytest
import redis

from deploy.local.fleet import Fleet
from tests.cluster.browsing import Browser
from tests.cluster.conftest import Member
from tests.live.listening import listening
from tests.patience import PATIENCE
from tests.replicas.servers import until

pytestmark = pytest.mark.cluster


@pytest.fixture
def story(stories: list[str]) -> str:
    """The place of a thread, such as "/s/1"."""
    return stories[1].rpartition("/")[0]


@pytest.fixture
def topic(story: str) -> str:
    return f"story:{story.removeprefix('/s/')}"


def write(member: Browser, story: str, words: str) -> int:
    return member.post(f"{story}/comments/", text=words).target


def is_published(here: Fleet, comment: int) -> bool:
    with redis.Redis.from_url(here.redis.url) as store:
        return any(b'"id": %d,' % comment in said for _, told in store.xrange(":1:live") for said in told.values())


def refused(here: Fleet, topic: str) -> tuple[int, str | None]:
    """How the door answers while nobody is behind it."""
    with listening(here.nginx.port, topic) as ear:
        return ear.status, ear.headers.get("retry-after")


def test_a_comment_reaches_an_open_page_that_then_shows_it(
    here: Fleet, member: Browser, story: str, topic: str
) -> None:
    for replica in here.replicas:
        here.pause_replay(replica)
    with listening(here.nginx.port, topic) as ear:
        written = write(member, story, "Heard and seen.")
        event = ear.hear_of("comment")

    assert event.data["id"] == written
    address = f"{here.address}{story}/arrivals/?ids={written}"
    with urlopen(Request(address, headers={"X-Freshness": event.data["fence"]}), timeout=PATIENCE) as answer:
        assert "Heard and seen." in answer.read().decode()


def test_a_member_hears_how_many_are_unread_by_the_key_on_the_page(
    here: Fleet, members: list[Member], story: str
) -> None:
    reader, writer = members[2].devices[0], members[3].devices[0]
    asked = write(reader, story, "Who knows?")
    key = re.search(r'data-live-key="([^"]+)"', reader.get("/").text)
    assert key

    with listening(here.nginx.port, keys=(key[1],)) as ear:
        writer.post(f"/comments/{asked}/reply", text="I do.")

        assert ear.hear_of("unread").data["unread"] == 1


def test_redis_is_killed_and_back_and_open_pages_hear_on(here: Fleet, member: Browser, story: str, topic: str) -> None:
    with listening(here.nginx.port, topic) as ear:
        here.kill(here.redis)
        write(member, story, "Nobody hears this.")
        here.start()
        ear.hear_of("resync")

        words = map("Word {}.".format, count())
        # Who publishes gives Redis a rest of some seconds.
        until(lambda: is_published(here, write(member, story, next(words))))
        ear.hear_of("comment")


def test_the_service_is_killed_and_the_site_goes_on(
    here: Fleet, member: Browser, story: str, topic: str, pages: list[str]
) -> None:
    with listening(here.nginx.port, topic) as ear:
        write(member, story, "Before it was killed.")
        last = ear.hear_of("comment")
    here.kill(here.live)

    status, retry_after = refused(here, topic)
    assert (status, retry_after) == (503, "30")
    assert {member.get(page).status for page in pages} == {200}
    missed = write(member, story, "While it was away.")
    here.start()
    with listening(here.nginx.port, topic, last_event_id=last.id) as ear:
        assert ear.hear_of("comment").data["id"] == missed


def test_a_service_that_is_restarted_lets_its_pages_go_and_knows_what_they_missed(
    here: Fleet, member: Browser, story: str, topic: str
) -> None:
    with listening(here.nginx.port, topic) as ear:
        write(member, story, "Before it was restarted.")
        last = ear.hear_of("comment")
        here.stop(here.live)
        assert ear.hear() is None
        assert 1000 <= ear.retry <= 8000
    missed = write(member, story, "Between the two.")
    here.restart(here.live)

    with listening(here.nginx.port, topic, last_event_id=last.id) as ear:
        assert ear.hear_of("comment").data["id"] == missed
