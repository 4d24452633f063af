"""A real HAProxy, with the example's configuration, before stand-ins for gunicorns."""

import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection

import pytest

from apps.live import service
from tests.deploy.balancer import EXAMPLE, balancing
from tests.deploy.door import Answer, Gunicorn
from tests.patience import PATIENCE
from tests.replicas.servers import until

pytestmark = pytest.mark.cluster


@dataclass
class Balanced:
    """HAProxy's port, and two gunicorns behind it."""

    port: int
    gunicorns: list[Gunicorn]

    def ask(self, method: str = "GET", path: str = "/", **headers: str) -> int:
        """The status."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, headers=headers)
            response = connection.getresponse()
            response.read()
            return response.status
        finally:
            connection.close()

    def heard(self, number: int) -> list[dict[str, str]]:
        """The headers of what came to one of them from people."""
        return [heard.headers for heard in self.gunicorns[number].heard if not heard.path.startswith("/health/")]


@pytest.fixture
def live() -> Iterator[Gunicorn]:
    """A stand-in for a live service."""
    service = Gunicorn()
    yield service
    service.stop()


@pytest.fixture
def site(live: Gunicorn) -> Iterator[Balanced]:
    gunicorns = [Gunicorn(), Gunicorn()]
    with balancing([f"127.0.0.1:{gunicorn.port}" for gunicorn in gunicorns], f"127.0.0.1:{live.port}") as balancer:
        yield Balanced(balancer.port, gunicorns)
    for gunicorn in gunicorns:
        gunicorn.stop()


def test_the_example_is_right(site: Balanced) -> None:
    assert [site.ask() for _ in range(4)] == [200] * 4
    assert site.heard(0)
    assert site.heard(1)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_one_refuses_the_other_takes(site: Balanced, method: str) -> None:
    site.gunicorns[0].stop()

    assert [site.ask(method) for _ in range(6)] == [200] * 6

    site.gunicorns[0].start()


@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("POST", 502)])
def test_only_a_safe_request_that_was_heard_is_sent_again(site: Balanced, method: str, status: int) -> None:
    for gunicorn in site.gunicorns:
        gunicorn.answer = lambda heard: (
            Answer() if heard.path != "/" or len(site.heard(0)) + len(site.heard(1)) > 1 else None
        )

    assert site.ask(method) == status
    assert len(site.heard(0)) + len(site.heard(1)) == (2 if method == "GET" else 1)


def test_who_is_not_ready_gets_nothing_until_it_is(site: Balanced) -> None:
    leaving = site.gunicorns[0]
    leaving.answer = lambda heard: Answer(status=503) if heard.path == "/health/ready" else Answer()

    def gets_all(number: int) -> bool:
        before = len(site.heard(number))
        return [site.ask() for _ in range(6)] == [200] * 6 and len(site.heard(number)) == before + 6

    until(lambda: gets_all(1))
    leaving.answer = lambda heard: Answer()
    until(lambda: not gets_all(1))


def test_what_people_say_of_themselves_is_replaced(site: Balanced) -> None:
    lies = {
        "X-Forwarded-For": "192.0.2.7",
        "X-Forwarded-Proto": "https",
        "X-Real-IP": "192.0.2.7",
        "X-Request-ID": "mine",
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "X-Forwarded-Host": "x",
    }

    site.ask(**lies)

    [headers] = site.heard(0) + site.heard(1)
    told = {name.lower(): value for name, value in headers.items()}
    assert {told["x-forwarded-for"], told["x-real-ip"]} == {"127.0.0.1"}
    assert told["x-forwarded-proto"] == "http"
    assert re.fullmatch(r"[0-9a-f]{32}", told["x-request-id"])
    assert told["traceparent"] == f"00-{told['x-request-id']}-{told['x-request-id'][:16]}-01"
    assert "x-forwarded-host" not in told
    assert abs(time.time() - float(told["x-request-start"].removeprefix("t="))) < 60
    assert re.fullmatch(r"t=\d{10}\.\d{3}", told["x-request-start"])


def test_form_that_is_sent_bit_by_bit_holds_no_gunicorn_up(site: Balanced) -> None:
    with socket.create_connection(("127.0.0.1", site.port), timeout=PATIENCE) as slow:
        slow.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf")
        site.ask()
        meanwhile = [heard.method for gunicorn in site.gunicorns for heard in gunicorn.heard if heard.path == "/"]
        slow.sendall(b" more")

        assert b" 200 " in slow.recv(100)
    assert meanwhile == ["GET"]


def test_streams_go_to_the_live_service_alone(site: Balanced, live: Gunicorn) -> None:
    assert site.ask(path="/live/stream?topic=story:1") == 200

    assert [heard.path for heard in live.heard if heard.path != "/health/ready"] == ["/live/stream?topic=story:1"]
    assert site.heard(0) + site.heard(1) == []


def test_streams_are_kept_for_longer_than_the_service_is_silent() -> None:
    found = re.search(r"timeout server (\d+)s", EXAMPLE.read_text(encoding="utf-8").partition("backend live")[2])

    assert found
    assert int(found[1]) > service.HEARTBEAT_SECONDS


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        *((path, {}, 404) for path in ("/health/ready", "/%68ealth/ready", "/health%2Fready", "/%6Detrics")),
        ("/", {"Content-Length": "3000000"}, 413),
    ],
)
def test_what_is_not_for_people_is_refused(site: Balanced, path: str, headers: dict[str, str], status: int) -> None:
    assert site.ask("POST", path, **headers) == status
