"""Cached pages through the whole site's middleware."""

from collections.abc import Iterator

import pytest
from django.test import Client

from apps.pagecache import purging
from tests.conftest import CountQueries
from tests.factories.people import PersonFactory
from tests.pagecache import trial

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.pagecache.trial")]


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    trial.WORLD.clear()
    trial.RENDERS.clear()
    trial.WORLD["a"] = "one"
    yield


@pytest.fixture
def visitor() -> Client:
    return Client()


@pytest.fixture
def member() -> Client:
    client = Client()
    client.force_login(PersonFactory.create(username="ada"))
    return client


def text(client: Client, path: str = "/show/a") -> str:
    return client.get(path).content.decode()


def test_a_visitors_page_is_rendered_once_and_then_costs_no_query(visitor: Client, count_queries: CountQueries) -> None:
    first = visitor.get("/show/a")

    with count_queries() as queries:
        second = visitor.get("/show/a")

    assert first.content == second.content == b"<p>one</p><b>AnonymousUser</b>"
    assert trial.RENDERS["a"] == 1
    assert queries == []


def test_a_member_gets_the_same_page_with_their_own_slots(visitor: Client, member: Client) -> None:
    text(visitor)

    page = text(member)

    assert page == "<p>one</p><b>ada</b>"
    assert trial.RENDERS["a"] == 1


def test_a_member_who_comes_first_leaves_nothing_of_theirs(visitor: Client, member: Client) -> None:
    assert text(member) == "<p>one</p><b>ada</b>"

    assert text(visitor) == "<p>one</p><b>AnonymousUser</b>"
    assert trial.RENDERS["a"] == 1


def test_a_purge_has_the_page_rendered_anew(visitor: Client) -> None:
    text(visitor)
    trial.WORLD["a"] = "two"
    assert "one" in text(visitor)

    purging.purge(trial.thing("a"))

    assert "two" in text(visitor)


@pytest.mark.parametrize("what", ["user", "session", "cookies", "token"])
def test_a_page_that_asks_who_looks_is_never_kept(member: Client, what: str) -> None:
    first = member.get(f"/nosy/{what}")
    second = member.get(f"/nosy/{what}")

    assert first.status_code == second.status_code == 200
    assert "no-store" in first["Cache-Control"]
    assert trial.RENDERS["nosy"] == 4


def test_a_page_that_does_not_ask_is_kept(member: Client) -> None:
    member.get("/nosy/nothing")
    member.get("/nosy/nothing")

    assert trial.RENDERS["nosy"] == 1


def test_what_stands_in_the_query_for_others_makes_no_copy(visitor: Client) -> None:
    assert text(visitor, "/show/a?utm_source=x") == text(visitor, "/show/a?utm_source=y") == text(visitor)
    assert trial.RENDERS["a"] == 1

    assert "onenew" in text(visitor, "/show/a?order=new")
