"""What a page is worth as time passes and as it is purged, to others and to who changed it."""

from collections.abc import Callable
from typing import cast

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory

from apps.pagecache import memory, purging, stores, visits
from apps.pagecache.visits import GetResponse, Visit
from apps.replicas import viewers
from tests.pagecache import trial
from tests.pagecache.clocks import Clock

pytestmark = pytest.mark.usefixtures("site", "behind")

Renewals = list[Callable[[], object]]


def text(client: Client, path: str = "/show/a") -> str:
    return client.get(path).content.decode()


def outcome(client: Client) -> str:
    return client.get("/show/a").get("Cache-Status", "uncached").rpartition("=")[2]


def change(text: str) -> None:
    """Somebody else writes."""
    trial.WORLD["a"] = text
    purging.purge(trial.thing("a"))


@pytest.fixture(autouse=True)
def kept(visitor: Client, clock: Clock, renewals: Renewals) -> None:
    text(visitor)


@pytest.fixture
def rival(visitor: Client, clock: Clock) -> tuple[Visit, str]:
    """In another process, with the lease to render the page, which is too old to be shown."""
    clock.move(100)
    visit = Visit(RequestFactory().get("/show/a"), cast("GetResponse", visitor.handler.get_response))
    return visit, stores.store().lease(visit.key)


def test_others_see_a_change_two_seconds_late_at_most(visitor: Client, clock: Clock, renewals: Renewals) -> None:
    change("two")

    assert "one" in text(visitor)
    clock.move(1.9)
    assert "one" in text(visitor)
    clock.move(0.2)
    assert "two" in text(visitor)


def test_two_seconds_count_from_when_the_page_was_last_current(visitor: Client, clock: Clock) -> None:
    clock.move(30)
    assert outcome(visitor) == "hit"
    clock.move(1.5)
    change("two")

    assert "one" in text(visitor)
    clock.move(0.6)
    assert "two" in text(visitor)


def test_many_changes_do_not_put_it_off(visitor: Client, clock: Clock) -> None:
    for number in range(4):
        change(f"change {number}")
        assert "one" in text(visitor)
        clock.move(0.5)

    assert "change 3" in text(visitor)


def test_a_page_that_is_behind_is_rendered_anew_in_the_background(
    visitor: Client, clock: Clock, renewals: Renewals
) -> None:
    clock.move(1)
    change("two")
    assert "one" in text(visitor)

    [renew] = renewals
    renew()

    assert "two" in text(visitor)
    assert outcome(visitor) == "hit"
    assert trial.RENDERS["a"] == 2


def test_a_second_passes_between_two_renders_of_a_busy_page(visitor: Client, clock: Clock, renewals: Renewals) -> None:
    clock.move(1)
    change("two")
    text(visitor)
    renewals.pop()()
    change("three")

    for _ in range(5):
        assert "two" in text(visitor)

    assert renewals == []
    clock.move(1)
    assert "two" in text(visitor)
    assert len(renewals) == 1


def test_one_process_asks_once_a_second(visitor: Client, clock: Clock, renewals: Renewals) -> None:
    clock.move(1)
    change("two")

    for _ in range(5):
        text(visitor)

    assert len(renewals) == 1


def test_several_processes_render_once(visitor: Client, clock: Clock, renewals: Renewals) -> None:
    clock.move(1)
    change("two")

    text(visitor)
    [entry] = [found for found, _ in memory._entries.values()]
    entry.asked_at = 0  # as if another process had it
    text(visitor)

    assert len(renewals) == 1


def test_who_changed_a_page_sees_the_change_at_once(visitor: Client, member: Client) -> None:
    for client in (member, Client()):
        said = f"from {client.cookies.get('sessionid', 'nobody')}"[:20]
        assert said not in text(client)

        client.post("/change/a", {"text": said})

        assert said in text(client)
    assert trial.RENDERS["a"] == 3


def test_the_other_device_of_who_changed_a_page_sees_the_change_at_once(member: Client) -> None:
    phone = Client()
    phone.cookies["sessionid"] = member.cookies["sessionid"].value
    text(phone)

    member.post("/change/a", {"text": "two"})

    assert "two" in text(phone)


def test_a_program_that_carries_the_token_sees_its_change_at_once(visitor: Client) -> None:
    token = visitor.post("/change/a", {"text": "two"})[viewers.HEADER]

    assert b"one" in Client().get("/show/a").content
    assert b"two" in Client().get("/show/a", headers={viewers.HEADER: token}).content


def test_what_the_writer_had_rendered_is_there_for_all(visitor: Client, member: Client) -> None:
    member.post("/change/a", {"text": "two"})
    text(member)

    assert outcome(visitor) == "hit"
    assert "two" in text(visitor)


def test_a_writer_may_miss_what_others_did_a_moment_ago(visitor: Client, member: Client, clock: Clock) -> None:
    trial.WORLD["b"] = "b"
    member.post("/change/b", {"text": "b2"})
    clock.move(1)
    change("two")
    assert "two" in text(member)

    change("three")

    assert "two" in text(member)


def test_a_page_renews_itself_before_its_life_is_over(visitor: Client, clock: Clock, renewals: Renewals) -> None:
    clock.move(59.9)
    assert outcome(visitor) == "hit"
    clock.move(0.2)

    assert outcome(visitor) == "stale"
    renewals.pop()()
    assert outcome(visitor) == "hit"
    assert trial.RENDERS["a"] == 2


def test_the_dearer_a_page_the_earlier_it_is_renewed(visitor: Client, clock: Clock, renewals: Renewals) -> None:
    [entry] = [found for found, _ in memory._entries.values()]
    entry.cost = 1000.0
    clock.move(30)

    for _ in range(50):  # by chance
        text(visitor)
        clock.move(0.5)

    assert renewals


def test_after_its_grace_a_page_is_rendered_while_somebody_waits(visitor: Client, clock: Clock) -> None:
    clock.move(60 + 30 + 1)
    trial.WORLD["a"] = "two"

    assert outcome(visitor) == "miss"
    assert "two" in text(visitor)


def test_a_page_for_a_fresher_viewer_can_be_renewed_for_all(visitor: Client, member: Client, clock: Clock) -> None:
    """It has a higher token than its tags: what replaces it must not have a lower one."""
    member.post("/change/b", {"text": "b2"})
    member.post("/change/a", {"text": "two"})
    member.post("/change/b", {"text": "b3"})
    text(member)
    clock.move(100)
    text(visitor)
    memory.clear()

    assert outcome(visitor) == "hit"


def test_a_stamp_that_was_lost_makes_a_page_old(visitor: Client, clock: Clock) -> None:
    clock.move(3)
    trial.WORLD["a"] = "two"

    cache.delete(stores._key("stamp", trial.thing("a")))

    assert "two" in text(visitor)
    assert outcome(visitor) == "hit"


def test_a_lost_epoch_makes_all_pages_useless(visitor: Client) -> None:
    trial.WORLD["a"] = "two"

    cache.delete(stores._key("epoch"))

    assert "two" in text(visitor)


def test_a_change_during_a_render_makes_its_page_old(visitor: Client, clock: Clock) -> None:
    clock.move(100)
    trial.MEANWHILE.append(lambda: change("two"))
    assert "one" in text(visitor)

    clock.move(3)

    assert "two" in text(visitor)


def test_whoever_waits_gets_what_another_one_renders(visitor: Client, clock: Clock, rival: tuple[Visit, str]) -> None:
    trial.WORLD["a"] = "two"
    clock.meanwhile = lambda: trial.RENDERS["a"] == 1 and rival[0].fill_leased(rival[1])

    answer = visitor.get("/show/a")

    assert b"two" in answer.content
    assert answer["Cache-Status"].endswith("waited")
    assert trial.RENDERS["a"] == 2


def test_nobody_waits_for_a_render_that_was_given_up(visitor: Client, clock: Clock, rival: tuple[Visit, str]) -> None:
    began = clock.now
    clock.meanwhile = lambda: stores.store().release(rival[0].key, rival[1])

    answer = visitor.get("/show/a")

    assert b"one" in answer.content
    assert "no-store" in answer["Cache-Control"]
    assert clock.now - began < 1


def test_nobody_waits_longer_than_five_seconds(visitor: Client, clock: Clock, rival: tuple[Visit, str]) -> None:
    began = clock.now

    answer = visitor.get("/show/a")

    assert b"one" in answer.content
    assert "no-store" in answer["Cache-Control"]
    assert visits.WAIT_SECONDS <= clock.now - began < visits.WAIT_SECONDS + 1


def test_a_render_whose_process_died_is_made_up_for(visitor: Client, clock: Clock, rival: tuple[Visit, str]) -> None:
    clock.move(stores.LEASE_SECONDS + 1)

    assert outcome(visitor) == "miss"
