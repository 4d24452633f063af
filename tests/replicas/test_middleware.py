"""Requests on a lagging replica: a viewer sees what they did, failures are answered elsewhere, nothing is lost."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.exceptions import MiddlewareNotUsed
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connections
from django.http import HttpResponse
from django.test import Client, RequestFactory

from apps.accounts.models import User
from apps.replicas import readonly, servers, tokens, viewers
from apps.replicas.middleware import FreshnessMiddleware
from tests.conftest import CountQueries
from tests.replicas.conftest import LaggingServer


@pytest.fixture(autouse=True)
def no_maintenance(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings, "MAINTENANCE_FILE", tmp_path / "maintenance")


@pytest.fixture
def member(replica: LaggingServer) -> Client:
    """Somebody whom the replica knows, and whose token has run out."""
    client = Client()
    client.force_login(User.objects.create(username="ada"))
    replica.replay()
    return client


def names(client: Client, **headers: Any) -> dict[str, Any]:
    return client.get("/names", **headers).json()  # type: ignore[no-any-return]


def break_queries(alias: str, cause: Exception) -> None:
    """Let all queries on the alias meet this error of the driver."""

    def fail(*_: Any) -> None:
        raise OperationalError("the query failed") from cause

    connections[alias].ensure_connection()
    connections[alias].execute_wrappers.append(fail)


def test_visitor_reads_from_the_replica(replica: LaggingServer) -> None:
    assert names(Client())["database"] == "replica1"


def test_member_reads_from_the_replica(member: Client) -> None:
    assert names(member) | {"names": []} == {"names": [], "database": "replica1", "person": "ada", "notice": ""}


@pytest.mark.parametrize("path", ["/add", "/add-raw"])
def test_visitor_sees_their_own_write(replica: LaggingServer, path: str) -> None:
    client = Client()

    client.post(path, {"name": "mine"})

    assert names(client)["names"] == ["mine"]
    assert names(Client())["names"] == []


def test_member_sees_their_own_write_on_another_device(member: Client) -> None:
    member.post("/add", {"name": "mine"})
    del member.cookies[viewers.COOKIE]

    assert names(member)["names"] == ["mine"]


def test_member_sees_their_own_write_when_the_cache_is_lost(member: Client) -> None:
    member.post("/add", {"name": "mine"})
    cache.clear()

    assert names(member)["names"] == ["mine"]


def test_program_sees_its_own_write_by_the_header(replica: LaggingServer) -> None:
    token = Client().post("/add", {"name": "mine"})[viewers.HEADER]

    assert names(Client(), headers={viewers.HEADER: token})["names"] == ["mine"]


def test_replica_that_has_caught_up_serves_the_writer_again(member: Client, replica: LaggingServer) -> None:
    member.post("/add", {"name": "mine"})

    replica.replay()

    assert names(member) | {"person": ""} == {"names": ["mine"], "database": "replica1", "person": "", "notice": ""}


def test_forged_token_is_ignored(replica: LaggingServer) -> None:
    forged = f"{tokens.current():x}:1abc:forged"

    assert names(Client(), headers={viewers.HEADER: forged})["database"] == "replica1"


def test_earlier_write_that_ends_later_does_not_take_back_what_the_member_has_seen(member: Client) -> None:
    member.post("/add", {"name": "mine"})
    person = str(User.objects.get().pk)

    viewers._raise_for_person(person, 1)
    del member.cookies[viewers.COOKIE]

    assert names(member)["names"] == ["mine"]


def test_changed_password_keeps_the_member_logged_in(member: Client) -> None:
    member.post("/change-password")

    assert names(member)["person"] == "ada"


def test_log_in_is_seen_at_once(replica: LaggingServer) -> None:
    client = Client()

    client.post("/sign-in", {"name": "bob"})

    assert names(client)["person"] == "bob"


def test_visitor_touches_neither_session_nor_cache(replica: LaggingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewers, "cache", None)

    response = Client().get("/names")

    assert response.status_code == 200


def test_replica_that_fails_a_query_costs_no_answer(replica: LaggingServer, gone: Exception) -> None:
    break_queries("replica1", gone)

    assert names(Client())["database"] == "default"


def test_conflict_with_replay_costs_no_answer(replica: LaggingServer) -> None:
    break_queries("replica1", psycopg.errors.SerializationFailure("conflict with recovery"))

    assert names(Client())["database"] == "default"


def test_error_of_the_query_itself_is_not_asked_twice(replica: LaggingServer) -> None:
    break_queries("replica1", psycopg.errors.QueryCanceled("statement timeout"))

    with pytest.raises(DatabaseError):
        Client().get("/names")


def test_every_server_gone_is_said_plainly(replica: LaggingServer, gone: Exception) -> None:
    break_queries("replica1", gone)
    break_queries("default", gone)

    response = Client().get("/names")

    assert (response.status_code, response["Retry-After"]) == (503, "10")


def test_member_reads_on_and_stays_logged_in_without_the_primary(
    member: Client, replica: LaggingServer, gone: Exception
) -> None:
    member.post("/add", {"name": "newer than the replica"})
    break_queries("default", gone)

    page = names(member)

    assert (page["database"], page["person"], page["notice"]) == ("replica1", "ada", readonly.PRIMARY_GONE)
    assert settings.SESSION_COOKIE_NAME in member.cookies


def test_session_that_the_replica_lacks_is_kept_for_better_times(replica: LaggingServer, gone: Exception) -> None:
    client = Client()
    client.force_login(User.objects.create(username="ada"))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    break_queries("default", gone)

    response = client.get("/names")

    assert settings.SESSION_COOKIE_NAME not in response.cookies
    assert client.cookies[settings.SESSION_COOKIE_NAME].value == cookie
    assert "Cookie" in response["Vary"]


@pytest.mark.parametrize(
    "cause", [psycopg.OperationalError("gone"), psycopg.errors.ReadOnlySqlTransaction("demoted")], ids=["gone", "25006"]
)
def test_write_without_the_primary_is_refused_and_given_back(member: Client, cause: Exception) -> None:
    break_queries("default", cause)

    response = member.post("/add", {"name": "typed"})

    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert response.content.decode() == f"{readonly.PRIMARY_GONE} typed ada"


def test_write_is_not_even_tried_while_the_primary_is_out(
    member: Client, monkeypatch: pytest.MonkeyPatch, count_queries: CountQueries
) -> None:
    monkeypatch.setattr(servers.fleet.primary, "is_serving", False)
    before = User.objects.values("last_login").get()

    response = member.post("/sign-in", {"name": "ada"})

    assert response.status_code == 503
    assert User.objects.values("last_login").get() == before
    assert Session.objects.count() == 1


def test_demoted_primary_is_put_out(replica: LaggingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers.fleet, "is_watched", True)
    monkeypatch.setattr("apps.replicas.links.drop", lambda alias: None)
    break_queries("default", psycopg.errors.ReadOnlySqlTransaction("demoted"))

    Client().post("/add", {"name": "typed"})

    assert not servers.fleet.primary.is_serving


def test_maintenance_refuses_writes_and_lets_people_read(member: Client) -> None:
    call_command("maintenance", "on", message="Back at noon.", verbosity=0)

    refused = member.post("/add", {"name": "typed"})

    assert (refused.status_code, refused.content.decode()) == (503, "Back at noon. typed ada")
    assert names(member)["notice"] == "Back at noon."


def test_after_maintenance_writes_are_taken_again(member: Client) -> None:
    call_command("maintenance", "on")

    call_command("maintenance", "off")

    assert member.post("/add", {"name": "mine"}).status_code == 200
    assert Group.objects.get().name == "mine"


def test_without_replicas_there_is_no_router_and_no_middleware() -> None:
    assert settings.DATABASE_ROUTERS == []
    with pytest.raises(MiddlewareNotUsed):
        FreshnessMiddleware(lambda request: HttpResponse())


@pytest.mark.django_db
def test_without_replicas_a_request_costs_no_query_and_no_look_into_the_cache(
    settings: Any, monkeypatch: pytest.MonkeyPatch, count_queries: CountQueries
) -> None:
    settings.ROOT_URLCONF = "tests.replicas.trial_site"
    monkeypatch.setattr(viewers, "cache", None)
    client = Client()

    with count_queries() as queries:
        response = client.get("/names")

    assert len(queries) == 1
    assert viewers.COOKIE not in response.cookies
    assert viewers.HEADER not in response


def test_viewer_without_a_session_cookie_is_nobody(replica: LaggingServer) -> None:
    request = RequestFactory().get("/")
    request.session = SessionStore()

    assert viewers.needed(request) == 0
    assert not request.session.accessed
