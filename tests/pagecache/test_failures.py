"""What is shown when something is wrong: a view, the store, the primary, or too many people."""

import time

import pytest
from django.core import signing
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from apps.pagecache import memory, notices, owed, purging
from apps.replicas import readonly, servers, state
from apps.replicas.servers import Fleet
from tests.conftest import CountQueries
from tests.pagecache import trial
from tests.pagecache.clocks import Clock
from tests.pagecache.conftest import Switch
from tests.replicas.fakes import StandIn

pytestmark = pytest.mark.usefixtures("site", "renewals")

LATE = {"X-Request-Start": "t=1"}


def look(client: Client, **headers: str) -> HttpResponse:
    return client.get("/show/a", headers=headers)  # type: ignore[return-value]  # it is one, with more


def break_the_view() -> None:
    trial.WORLD["a"] = "broken"
    purging.purge(trial.thing("a"))


def change(text: str) -> None:
    """Somebody else writes."""
    trial.WORLD["a"] = text
    purging.purge(trial.thing("a"))


@pytest.fixture
def primary(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    found = StandIn("default")
    monkeypatch.setattr(servers, "fleet", Fleet(found, []))
    return found


def test_a_failing_page_is_shown_as_it_was_with_a_notice(visitor: Client) -> None:
    look(visitor)
    break_the_view()

    answer = look(visitor)

    assert answer.status_code == 200
    assert b"<p>one</p>" in answer.content
    assert notices.OUTAGE in answer.content.decode()
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Cache-Status"] == "pages; hit; detail=error"


def test_a_failing_page_is_shown_to_a_member_with_what_is_theirs(visitor: Client, member: Client) -> None:
    look(visitor)
    break_the_view()

    answer = look(member)

    assert answer.status_code == 200
    assert b"<p>one</p>" in answer.content
    assert b"<b>ada</b>" in answer.content
    assert notices.OUTAGE in answer.content.decode()


def test_a_failing_page_that_was_never_kept_is_an_error(visitor: Client, member: Client) -> None:
    break_the_view()

    assert look(visitor).status_code == look(member).status_code == 500


def test_a_failing_page_is_shown_for_an_hour(visitor: Client, clock: Clock) -> None:
    look(visitor)
    break_the_view()

    clock.move(3600)
    assert look(visitor).status_code == 200
    clock.move(1)
    assert look(visitor).status_code == 500


def test_after_a_purge_by_hand_not_even_a_failing_page_is_shown(visitor: Client) -> None:
    look(visitor)
    break_the_view()
    assert look(visitor).status_code == 200

    purging.purge_now()

    assert look(visitor).status_code == 500


def test_after_an_import_a_failing_page_is_shown_as_it_was(visitor: Client) -> None:
    look(visitor)
    trial.WORLD["a"] = "broken"

    purging.purge_everything()

    assert b"<p>one</p>" in look(visitor).content


def test_a_mended_page_is_shown_at_once_without_the_notice(visitor: Client) -> None:
    look(visitor)
    break_the_view()
    look(visitor)

    trial.WORLD["a"] = "two"

    assert look(visitor).content == b"<p>two</p><b>AnonymousUser</b>"


def test_without_a_store_pages_are_rendered_for_each(visitor: Client, member: Client, switch: Switch) -> None:
    switch.is_gone = True

    answers = [look(visitor), look(visitor), look(member)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert {answer["Cache-Control"] for answer in answers} == {"private, no-store"}
    assert b"<b>ada</b>" in answers[2].content
    assert memory.size() == 0


def test_a_store_that_is_lost_during_a_render_costs_nobody_their_page(visitor: Client, switch: Switch) -> None:
    trial.MEANWHILE.append(lambda: setattr(switch, "is_gone", True))

    answer = look(visitor)

    assert answer.status_code == 200
    assert b"<p>one</p>" in answer.content


def test_a_page_outlasts_a_hiccup_of_the_store(visitor: Client, behind: None, clock: Clock, switch: Switch) -> None:
    look(visitor)
    switch.is_gone = True

    clock.move(1.9)
    assert look(visitor)["Cache-Status"].endswith("stale")
    clock.move(0.2)
    assert "Cache-Status" not in look(visitor)


def test_a_purge_that_reached_no_store_binds_its_writer(visitor: Client, member: Client, switch: Switch) -> None:
    look(visitor)
    switch.is_gone = True
    member.post("/change/a", {"text": "two"})
    switch.is_gone = False

    assert b"<p>two</p>" in look(member).content
    # Nobody could tell the others; what the writer had rendered is there for them.
    assert b"<p>two</p>" in look(visitor).content
    assert trial.RENDERS["a"] == 2


def test_a_purge_that_reached_the_store_binds_nobody(member: Client) -> None:
    assert owed.COOKIE not in member.post("/change/a", {"text": "two"}).cookies


@pytest.mark.parametrize("text", ["", "f" * 16, "ffffffffffffffff:1xUndX:ROSF5iam3FV5jxhXMoKKjOLSmjWAyPs1PY-OAHSTgSA"])
def test_a_forged_token_binds_nobody(visitor: Client, text: str) -> None:
    look(visitor)
    visitor.cookies[owed.COOKIE] = text

    assert look(visitor)["Cache-Status"].endswith("hit")


def test_a_token_of_another_use_binds_nobody(visitor: Client) -> None:
    look(visitor)
    visitor.cookies[owed.COOKIE] = signing.TimestampSigner(salt="replicas.token").sign(f"{time.time_ns():x}")

    assert look(visitor)["Cache-Status"].endswith("hit")


def test_an_old_token_binds_nobody(visitor: Client, clock: Clock) -> None:
    response = HttpResponse()
    owed.carry(response, time.time_ns() + 10**12)
    visitor.cookies = response.cookies
    assert look(visitor)["Cache-Status"].endswith("miss")

    clock.move(owed.SECONDS + 1)
    look(visitor)

    assert look(visitor)["Cache-Status"].endswith("hit")


@pytest.mark.parametrize("who", ["visitor", "member"])
def test_a_bound_viewer_has_a_page_rendered_once(request: pytest.FixtureRequest, who: str) -> None:
    client: Client = request.getfixturevalue(who)
    look(client)
    response = HttpResponse()
    owed.carry(response, time.time_ns())
    client.cookies.update(response.cookies)

    outcomes = [look(client)["Cache-Status"].rpartition("=")[2] for _ in range(3)]

    assert outcomes == ["miss", "hit", "hit"]


def test_a_bound_viewer_gets_no_older_page_while_it_is_behind(visitor: Client, behind: None, clock: Clock) -> None:
    look(visitor)
    response = HttpResponse()
    owed.carry(response, time.time_ns())
    bound = Client()
    bound.cookies.update(response.cookies)

    change("two")

    assert b"<p>one</p>" in look(visitor).content
    assert b"<p>two</p>" in look(bound).content


def test_in_a_rush_members_get_the_page_as_visitors_do(
    visitor: Client, member: Client, count_queries: CountQueries
) -> None:
    look(visitor)

    with count_queries() as queries:
        answer = look(member, **LATE)

    assert b"<b>AnonymousUser</b>" in answer.content
    assert notices.BUSY + notices.STILL_LOGGED_IN in answer.content.decode()
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Cache-Status"].endswith("shed")
    assert queries == []


def test_in_a_rush_visitors_notice_nothing(visitor: Client) -> None:
    look(visitor)

    assert look(visitor, **LATE).content == b"<p>one</p><b>AnonymousUser</b>"


def test_in_a_rush_what_is_not_kept_is_rendered_as_ever(member: Client) -> None:
    assert b"<b>ada</b>" in look(member, **LATE).content


def test_in_a_rush_who_has_just_written_sees_it(visitor: Client, member: Client, behind: None, clock: Clock) -> None:
    look(visitor)
    member.post("/change/a", {"text": "two"})

    answer = look(member, **LATE)

    assert b"<p>two</p>" in answer.content


def test_in_a_rush_members_are_shown_nothing_older_than_visitors(visitor: Client, member: Client) -> None:
    look(visitor)
    change("two")

    assert b"<p>two</p>" in look(member, **LATE).content


@pytest.mark.parametrize("word", ["", "soon", "t=", "t=nan", "t=inf", "t=-inf,1", "t=9999999999.5"])
def test_a_strange_clock_is_no_rush(visitor: Client, member: Client, word: str) -> None:
    look(visitor)

    assert b"<b>ada</b>" in look(member, **{"X-Request-Start": word}).content


def test_without_the_primary_old_pages_are_shown_with_the_notice(
    visitor: Client, member: Client, primary: StandIn
) -> None:
    look(visitor)
    change("two")

    primary.is_serving = False

    for client in (visitor, member):
        answer = look(client)
        assert b"<p>one</p>" in answer.content
        assert readonly.PRIMARY_GONE in answer.content.decode()
    assert look(visitor)["Cache-Control"] == "private, no-store"


def test_in_a_rush_without_the_primary_both_are_said(visitor: Client, member: Client, primary: StandIn) -> None:
    look(visitor)
    change("two")
    primary.is_serving = False

    page = look(member, **LATE).content.decode()

    assert "<p>one</p>" in page
    assert f"{readonly.PRIMARY_GONE} {notices.BUSY}" in page


def test_without_the_primary_who_has_just_written_sees_what_there_is(
    visitor: Client, member: Client, primary: StandIn
) -> None:
    look(visitor)
    member.post("/change/a", {"text": "two"})

    primary.is_serving = False

    assert b"<p>two</p>" in look(member).content


def test_a_page_from_a_replica_of_a_lost_primary_is_not_kept(visitor: Client) -> None:
    def lose() -> None:
        now = state.current()
        assert now
        now.is_relaxed = True

    trial.MEANWHILE.append(lose)

    answer = look(visitor)

    assert answer.status_code == 200
    assert memory.size() == 0


def test_in_maintenance_pages_are_current_and_say_so(visitor: Client, settings: Settings, tmp_path: object) -> None:
    look(visitor)
    settings.MAINTENANCE_FILE = f"{tmp_path}/maintenance"
    readonly.switch_on()

    answer = look(visitor)

    assert answer.content == b'<p>one</p><p class="notice" role="status">%b</p><b>AnonymousUser</b>' % (
        readonly.MAINTENANCE.encode()
    )
    assert answer["Cache-Control"] == "private, no-store"
    readonly.switch_off()
    assert look(visitor)["Cache-Control"].startswith("public")
