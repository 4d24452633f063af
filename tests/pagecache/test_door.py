"""At the door, before Django's own handler: the same answers as further in."""

from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from apps.pagecache import purging
from apps.pagecache.door import DoorHandler
from tests.pagecache import trial
from tests.pagecache.conftest import Switch

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

pytestmark = pytest.mark.usefixtures("site")

Answer = tuple[str, dict[str, str], bytes]


class CountingHandler(DoorHandler):
    """Counts who is let in."""

    num_let_in = 0

    def get_response(self, request: Any) -> Any:
        self.num_let_in += 1
        return super().get_response(request)


@pytest.fixture
def handler() -> Iterator[CountingHandler]:
    # It would close the connection whose transaction holds the test.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield CountingHandler()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def ask(handler: WSGIHandler, path: str = "/show/a", method: str = "GET", **meta: str) -> Answer:
    said: list[Any] = []
    request = RequestFactory().generic(method, path)
    # As servers give it; Django's request has put the decoded one in its place.
    raw_path = request.environ["PATH_INFO"].encode().decode("iso-8859-1")
    environ = request.environ | meta | {"wsgi.input": BytesIO(), "PATH_INFO": raw_path}
    response = handler(environ, cast("StartResponse", lambda *words: said.extend(words)))
    return said[0], dict(said[1]), b"".join(cast("HttpResponse", response))


def test_a_hit_goes_no_further(handler: CountingHandler) -> None:
    first, second = ask(handler), ask(handler)

    assert first[0] == second[0] == "200 OK"
    assert first[2] == second[2] == b"<p>one</p><b>AnonymousUser</b>"
    assert handler.num_let_in == 1


@pytest.mark.parametrize("meta", [{}, {"HTTP_ACCEPT_ENCODING": "gzip"}, {"HTTP_COOKIE": "theme=dark"}])
def test_the_answer_is_that_of_the_middleware(visitor: Client, handler: CountingHandler, meta: dict[str, str]) -> None:
    ask(handler)
    django = visitor.get("/show/a", **cast("Any", meta))

    status, headers, body = ask(handler, **meta)

    assert status == "200 OK"
    assert headers == dict(django.items())
    assert body == django.content
    assert handler.num_let_in == 1


def test_whoever_has_the_page_is_only_told_so(handler: CountingHandler) -> None:
    ask(handler)
    etag = ask(handler)[1]["ETag"]

    status, headers, body = ask(handler, HTTP_IF_NONE_MATCH=etag)

    assert (status, body) == ("304 Not Modified", b"")
    assert "Content-Length" not in headers
    assert handler.num_let_in == 1


def test_a_member_is_let_in(member: Client, handler: CountingHandler) -> None:
    ask(handler)

    page = ask(handler, HTTP_COOKIE=f"sessionid={member.cookies['sessionid'].value}")

    assert page[2] == b"<p>one</p><b>ada</b>"
    assert handler.num_let_in == 2
    assert trial.RENDERS["a"] == 1


def test_a_change_shows(handler: CountingHandler) -> None:
    ask(handler)
    trial.WORLD["a"] = "two"

    purging.purge(trial.thing("a"))

    assert b"two" in ask(handler)[2]


def test_only_looking_is_answered_here(handler: CountingHandler) -> None:
    ask(handler)

    assert [ask(handler, method=method)[0] for method in ("HEAD", "OPTIONS")] == ["200 OK", "200 OK"]
    assert handler.num_let_in == 3


def test_to_a_look_at_the_head_belongs_no_body(handler: CountingHandler) -> None:
    page, head = ask(handler), ask(handler, method="HEAD")

    assert head[1]["Content-Length"] == page[1]["Content-Length"] == str(len(page[2]))
    assert head[2] == b""


def test_nothing_is_answered_here_when_the_cache_is_off(handler: CountingHandler, settings: Settings) -> None:
    settings.PAGECACHE = False

    assert [ask(handler)[0] for _ in range(2)] == ["200 OK", "200 OK"]
    assert handler.num_let_in == 2


def test_without_a_store_people_are_let_in(handler: CountingHandler, switch: Switch) -> None:
    ask(handler)
    switch.is_gone = True

    assert ask(handler)[2] == b"<p>one</p><b>AnonymousUser</b>"
    assert handler.num_let_in == 2


@pytest.mark.parametrize("name", ["ü", "日本", "😀"])
def test_addresses_in_any_script_lead_in(handler: CountingHandler, name: str) -> None:
    trial.WORLD[name] = "found"

    first, second = ask(handler, f"/show/{name}"), ask(handler, f"/show/{name}")

    assert b"found" in first[2]
    assert first[2] == second[2]
    assert handler.num_let_in == 1


@pytest.mark.parametrize(
    ("path", "meta", "status"),
    [
        ("/show/a?" + "&".join(f"a{number}=" for number in range(500)), {}, "400"),
        ("/show/a", {"HTTP_HOST": "evil.example"}, "400"),
        ("/show/a", {"HTTP_COOKIE": "sessionid=\xff; \xe9=; messages=;;=,"}, "200"),
        ("/show/a", {"HTTP_X_FRESHNESS": "\xff:\xff:\xff", "HTTP_COOKIE": "unstamped=:;freshness=::"}, "200"),
        ("/show/%ff?order=%ff%00&after=%c3", {}, "200"),
        ("/show/a?order=b", {"CONTENT_TYPE": "text/html; charset=hex"}, "200"),
        ("/nowhere", {}, "404"),
    ],
)
def test_nothing_that_people_send_breaks_the_door(
    handler: CountingHandler, path: str, meta: dict[str, str], status: str
) -> None:
    for _ in range(2):
        assert ask(handler, path, **meta)[0].startswith(status)


def test_an_address_means_the_same_to_all_whatever_a_request_claims(handler: CountingHandler) -> None:
    pages = [ask(handler, "/show/a?order=caf%C3%A9", CONTENT_TYPE=claimed)[2] for claimed in ("", "x; charset=utf-16")]

    assert "café".encode() in pages[0]
    assert pages[0] == pages[1]


def test_a_form_is_read_as_utf_8_whatever_it_claims(handler: CountingHandler) -> None:
    sent = RequestFactory().generic("POST", "/", b"text=caf%C3%A9", "application/x-www-form-urlencoded; charset=utf-16")

    assert handler.request_class(sent.environ).POST["text"] == "café"
