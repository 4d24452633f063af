"""Profiles: made with a key only, past all kept pages, and read by operators."""

import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core import signing
from django.core.management import call_command
from django.core.signals import request_started
from django.db import close_old_connections, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path
from pytest_django.fixtures import Settings

from apps.accounts.models import User
from apps.observability import keys, profiles
from apps.observability.profiling import Profiler
from apps.pagecache import figures
from apps.pagecache.door import DoorHandler
from tests.factories import PersonFactory, StoryFactory

pytestmark = pytest.mark.django_db

Ask = Callable[..., tuple[str, dict[str, str], str]]


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.PROFILES_DIR = folder = tmp_path / "profiles"
    return folder


@pytest.fixture
def ask(folder: Path) -> Ask:
    """Open a page through the doors that gunicorn serves; status, headers and body."""
    site = Profiler(DoorHandler())

    def opened(address: str, **headers: str) -> tuple[str, dict[str, str], str]:
        said: list[Any] = []
        environ = RequestFactory(headers=headers).get(address).environ
        # As Django's own client does: a test's connection outlives its requests.
        request_started.disconnect(close_old_connections)
        body = b"".join(site(environ, lambda *line: said.extend(line)))
        request_started.connect(close_old_connections)
        return said[0], dict(said[1]), body.decode()

    return opened


@pytest.fixture(params=[True, False], ids=["superuser", "staff"])
def operator(request: pytest.FixtureRequest) -> Client:
    """Who may see how the site does."""
    client, person = Client(), PersonFactory.create(is_staff=True, is_superuser=request.param)
    person.user_permissions.add(Permission.objects.get(codename="view_sample"))
    client.force_login(person)
    return client


def outcomes(view: str) -> tuple[int, int, int]:
    [row] = [row for row in figures.by_view() if row.view == view] or [figures.Figures(view)]
    return row.hit, row.miss, row.uncached


def test_request_with_a_key_is_profiled(ask: Ask, folder: Path) -> None:
    StoryFactory.create(title="Seen as ever")

    status, headers, body = ask("/newest", **{"X-Profile": keys.make("/newest")})

    text = profiles.read(headers["X-Profile"])
    assert status == "200 OK"
    assert "Seen as ever" in body
    assert text.startswith("GET /newest\n200 OK, 20")
    assert re.search(r"s, 1 x, default, apps/\S+:\d+ \w+ < apps/", text)
    assert 'FROM "stories_story"' in " ".join(text.split())
    assert "apps/stories/views.py" in text
    assert "tottime" in text


def test_file_belongs_to_its_user_alone(ask: Ask, folder: Path) -> None:
    ask("/newest", **{"X-Profile": keys.make("/newest")})

    [file] = folder.iterdir()
    assert (folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)


def test_profile_holds_no_values_of_queries(ask: Ask) -> None:
    person = PersonFactory.create(username="graybeard")

    _, headers, body = ask("/u/graybeard/", **{"X-Profile": keys.make("/u/graybeard/")})

    queries = profiles.read(headers["X-Profile"]).partition("Queries")[2]
    assert person.username in body
    assert "accounts_user" in queries
    assert person.username not in queries


def test_kept_pages_are_neither_shown_nor_made(ask: Ask) -> None:
    before = outcomes("accounts.people")

    for _ in range(2):
        ask("/u/", **{"X-Profile": keys.make("/u/")})

    after = outcomes("accounts.people")
    assert [now - was for now, was in zip(after, before, strict=True)] == [0, 0, 2]


@pytest.mark.parametrize("key", ["", "x", "1:2:3", "½"])
def test_request_without_a_good_key_is_answered_as_ever(ask: Ask, folder: Path, key: str) -> None:
    status, headers, _ = ask("/newest", **{"X-Profile": key})

    assert status == "200 OK"
    assert "X-Profile" not in headers
    assert not folder.exists()


def test_key_of_another_page_opens_nothing(ask: Ask, folder: Path) -> None:
    ask("/newest", **{"X-Profile": keys.make("/u/")})

    assert not folder.exists()


def test_key_ends_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    key = keys.make("/newest")
    monkeypatch.setattr(keys, "SECONDS", -1)

    assert not keys.opens(key, "/newest")


def test_key_of_another_purpose_opens_nothing() -> None:
    stolen = signing.TimestampSigner(salt="elsewhere").sign("/newest").removeprefix("/newest:")

    assert not keys.opens(stolen, "/newest")


def test_refusals_are_profiled_too(ask: Ask) -> None:
    status, headers, _ = ask("/u/nobody/", **{"X-Profile": keys.make("/u/nobody/")})

    assert status == "404 Not Found"
    assert profiles.read(headers["X-Profile"]).startswith("GET /u/nobody/\n404 Not Found")


def test_queries_are_watched_no_longer_than_the_request(ask: Ask) -> None:
    before = list(connection.execute_wrappers)

    ask("/newest", **{"X-Profile": keys.make("/newest")})

    assert connection.execute_wrappers == before


def asks_again_and_again(request: HttpRequest) -> HttpResponse:
    for pk in range(3):
        User.objects.filter(pk=pk).exists()
    return HttpResponse()


urlpatterns = [path("loop", asks_again_and_again)]


@pytest.mark.urls(__name__)
def test_query_in_a_loop_stands_in_one_line(ask: Ask) -> None:
    _, headers, _ = ask("/loop", **{"X-Profile": keys.make("/loop")})

    assert ", 3 x, default, " in profiles.read(headers["X-Profile"])


def test_folder_that_cannot_be_written_costs_no_answer(ask: Ask, settings: Settings) -> None:
    settings.PROFILES_DIR = "/proc/profiles"

    status, headers, _ = ask("/newest", **{"X-Profile": keys.make("/newest")})

    assert status == "200 OK"
    assert "X-Profile" not in headers


def test_oldest_profiles_make_room(ask: Ask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiles, "KEPT", 2)
    monkeypatch.setattr(profiles, "LONGEST", 1000)
    folder.mkdir()
    old = folder / "20200101-000000-00000000.txt"
    old.touch()

    for _ in range(3):
        ask("/newest", **{"X-Profile": keys.make("/newest")})

    assert not old.exists()
    assert [len(file.read_text()) for file in folder.iterdir()] == [1000, 1000]


def test_command_says_what_to_type() -> None:
    out = StringIO()

    call_command("profile_key", "/top/week?after=1~2", stdout=out)

    found = re.fullmatch(
        r"curl -so /dev/null -D - -H 'X-Profile: (\S+)' 'http\S+/top/week\?after=1~2'\n", out.getvalue()
    )
    assert found
    assert keys.opens(found[1], "/top/week")


def test_operator_makes_a_key_and_reads_a_profile(operator: Client, ask: Ask) -> None:
    page = operator.post("/admin/profiles/", {"address": "/newest"}).content.decode()
    key = re.findall(r"X-Profile: (\S+)&#x27;", page)[0]

    _, headers, _ = ask("/newest", **{"X-Profile": key})

    listed = operator.get("/admin/profiles/").content.decode()
    assert f'href="/admin/profiles/{headers["X-Profile"]}"' in listed
    assert "GET /newest" in listed
    answer = operator.get(f"/admin/profiles/{headers['X-Profile']}")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode().startswith("GET /newest\n")


def test_no_address_makes_no_key(operator: Client, folder: Path) -> None:
    assert operator.post("/admin/profiles/", {"address": ""}).status_code == 422


@pytest.mark.parametrize("name", ["20200101-000000-00000000", "..%2Fsecret-key", "x"])
def test_what_is_no_profile_is_not_found(operator: Client, folder: Path, name: str) -> None:
    assert operator.get(f"/admin/profiles/{name}").status_code == 404


@pytest.mark.parametrize("address", ["/admin/profiles/", "/admin/profiles/20200101-000000-00000000"])
def test_others_see_nothing_of_profiles(client: Client, address: str) -> None:
    assert client.get(address).status_code == 302
    client.force_login(PersonFactory.create())
    assert client.get(address).status_code == 302
    client.force_login(PersonFactory.create(is_staff=True))
    assert client.get(address).status_code == 403
