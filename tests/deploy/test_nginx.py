"""Nginx before stand-ins for gunicorns: who takes over, who is believed, who is turned away. Not here: its cache."""

import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local import processes
from deploy.nginx import render
from tests.deploy.door import Answer, Gunicorn, Site, after, heard_on, opened
from tests.replicas.servers import until

pytestmark = pytest.mark.cluster
STREAMS = 200
KEYS = [
    *("/live/stream?key=viewer:7:secret", "/feeds/rss/inbox/secret", "/%75nsubscribe/secret"),
    *("/account/confirm-email/secret/", "/account/password/reset/key/7-secret/"),
]


@pytest.fixture
def site() -> Iterator[Site]:
    with opened() as site:
        yield site


@pytest.fixture
def pair() -> Iterator[Site]:
    """A site with two gunicorns."""
    with opened(2) as site:
        yield site


def test_djangos_own_refusal_passes_as_it_is(site: Site) -> None:
    own = {"Retry-After": "7", "X-Content-Type-Options": "nosniff"}
    site.gunicorns[0].answer = lambda heard: Answer(b"read-only", 503, own)

    answer = site.ask(method="POST")

    assert (answer.status, answer.body) == (503, b"read-only")
    assert own.items() <= answer.headers.items()


@pytest.mark.parametrize(("method", "status", "times"), [("GET", 200, 2), ("POST", 503, 1), ("PATCH", 503, 1)])
def test_only_a_safe_request_that_was_heard_is_sent_again(pair: Site, method: str, status: int, times: int) -> None:
    for gunicorn in pair.gunicorns:
        gunicorn.answer = lambda heard: Answer() if len(pair.heard) > 1 else None

    answer = pair.ask(method=method)

    assert answer.status == status
    assert len(pair.heard) == times


def test_other_gunicorn_takes_what_one_refuses(pair: Site) -> None:
    pair.gunicorns[0].stop()

    answers = [pair.ask(method=method) for method in ("POST", "GET", "POST", "GET")]

    assert {answer.status for answer in answers} == {200}


def test_gunicorns_that_are_back_are_asked_at_once(pair: Site) -> None:
    for gunicorn in pair.gunicorns:
        gunicorn.stop()
    refused = pair.ask()

    for gunicorn in pair.gunicorns:
        gunicorn.start()

    assert (refused.status, pair.ask().status) == (503, 200)


def test_frozen_gunicorn_holds_up_one_reader(pair: Site) -> None:
    thaw = threading.Event()
    frozen = pair.gunicorns[0]
    frozen.answer = after(thaw, None)

    first = [pair.ask(), pair.ask()]
    later = [pair.ask(), pair.ask(method="POST"), pair.ask(), pair.ask(method="POST")]
    thaw.set()

    assert {answer.status for answer in first + later} == {200}
    assert len(frozen.heard) == 1


@pytest.mark.parametrize(("address", "burst"), [("/s/1/comments/", 30), ("/account/login/", 10)])
def test_burst_of_writes_is_turned_away_and_reading_is_not(site: Site, address: str, burst: int) -> None:
    answers = [site.ask(address, method="POST") for _ in range(burst)]
    refused = next(answer for _ in range(500) if (answer := site.ask(address, method="POST")).status != 200)

    assert {answer.status for answer in answers} == {200}
    assert (refused.status, refused.headers["Retry-After"]) == (429, "10")
    assert b"data-refusal" in refused.body
    assert {site.ask(cookie="sessionid=1").status for _ in range(burst)} == {200}


def test_addresses_of_one_household_are_limited_together() -> None:
    with opened(trusted_proxies=["127.0.0.0/8"]) as site:

        def post(address: str) -> int:
            return site.ask(method="POST", x_forwarded_for=address).status

        assert 429 in (post(f"2001:db8:1:2::{number}") for number in range(500))
        assert post("2001:db8:1:3::1") == 200


def test_limits_can_be_switched_off_for_benchmarks() -> None:
    with opened(limits=False) as site:
        assert {site.ask(method="POST").status for _ in range(100)} == {200}


@pytest.fixture
def live() -> Iterator[Gunicorn]:
    """A stand-in for a live service."""
    service = Gunicorn()
    yield service
    service.stop()


def test_one_address_has_so_many_streams_and_reads_on(live: Gunicorn) -> None:
    is_over = threading.Event()
    live.answer = after(is_over, Answer())
    with opened(live=[f"127.0.0.1:{live.port}"]) as site:
        streams = [site.send("/live/stream") for _ in range(STREAMS)]
        until(lambda: len(live.heard) == STREAMS)

        refusal, page = site.ask("/live/stream"), site.ask("/")
        is_over.set()
        answers = [heard_on(stream) for stream in streams]

    assert (refusal.status, refusal.headers["Retry-After"]) == (503, "30")
    assert page.status == 200
    assert {answer.status for answer in answers} == {200}


def test_keys_of_streams_are_not_written_down_and_gunicorns_are_not_asked_for_them(live: Gunicorn) -> None:
    with opened(live=[f"127.0.0.1:{live.port}"]) as site:
        live.stop()
        refusal = site.ask("/live/stream?key=viewer:7:secret")
        live.start()
        answer = site.ask("/live/stream?key=viewer:7:secret")
        site.ask("/a-page")
        log = site.directory / "access.log"
        until(lambda: "/a-page" in log.read_text(encoding="utf-8"))

        assert (refusal.status, answer.status) == (503, 200)
        assert "secret" not in log.read_text(encoding="utf-8")
        assert [heard.path for heard in site.heard] == ["/a-page"]


def test_addresses_that_are_keys_are_in_no_log_even_if_nobody_answers() -> None:
    with opened(2, live=["unix:/nowhere"]) as site:
        for gunicorn in site.gunicorns:
            gunicorn.stop()
        refused = [site.ask(path, method).status for path in KEYS for method in ("GET", "POST")]
        large = [site.ask(path, "POST", content_length="3000000") for path in KEYS]
        site.ask("/a-page")
        logs = [site.directory / name for name in ("access.log", "error.log")]
        until(lambda: all("/a-page" in log.read_text(encoding="utf-8") for log in logs))

        assert (set(refused), {answer.status for answer in large}) == ({503}, {413})
        assert all(b"2 MB" in answer.body for answer in large[1:])
        assert [log.name for log in logs if "secret" in log.read_text(encoding="utf-8")] == []


def test_address_that_is_a_key_goes_to_the_other_gunicorn_when_one_hangs_or_refuses(pair: Site) -> None:
    pair.gunicorns[0].answer = lambda heard: None

    heard = [pair.ask("/feeds/rss/inbox/secret").status for _ in range(2)]
    pair.gunicorns[0].stop()
    refused = [pair.ask("/unsubscribe/secret", "POST").status for _ in range(4)]

    assert {*heard, *refused} == {200}


def test_body_that_is_too_large_is_refused_before_it_is_sent(site: Site) -> None:
    answer = site.ask(method="POST", content_length="3000000")

    assert answer.status == 413
    assert b"2 MB" in answer.body
    assert site.heard == []


def test_programs_are_refused_in_json(site: Site) -> None:
    site.gunicorns[0].stop()

    answers = [site.ask("/api/v1/stories", "POST", content_length="3000000"), site.ask("/api/v1/stories", "POST")]
    # Until there are too many of them, however slowly they come.
    while answers[-1].status != 429 and len(answers) < 500:
        answers.append(site.ask("/api/v1/stories", "POST"))

    told = {answer.status: json.loads(answer.body) for answer in answers}
    assert {status: body["code"] for status, body in told.items()} == {
        **{413: "too-large", 503: "service-unavailable", 429: "rate-limited"}
    }
    assert all(body["status"] == status for status, body in told.items())
    assert {answer.headers["Content-Type"] for answer in answers} == {"application/problem+json"}
    assert answers[-1].headers["Retry-After"] == "10"


@pytest.mark.parametrize(
    ("trusted", "address", "scheme", "is_named"),
    [([], "127.0.0.1", "http", False), (["127.0.0.0/8"], "192.0.2.7", "https", True)],
)
def test_only_a_trusted_proxy_speaks_for_others(trusted: list[str], address: str, scheme: str, is_named: bool) -> None:
    claims: dict[str, Any] = {
        "x_forwarded_for": "198.51.100.1, 192.0.2.7",
        "x_forwarded_proto": "https",
        "x_request_id": "given-name",
    }
    with opened(trusted_proxies=trusted) as site:
        answer = site.ask(**claims, x_forwarded_host="evil.example")

        [heard] = site.heard
        assert (heard.headers["X-Forwarded-For"], heard.headers["X-Forwarded-Proto"]) == (address, scheme)
        assert (answer.headers["X-Request-ID"] == "given-name") is is_named
        assert heard.headers["X-Request-Id"] == answer.headers["X-Request-ID"]
        assert "X-Forwarded-Host" not in heard.headers


def test_probes_are_for_this_machine_and_trusted_proxies() -> None:
    with opened(trusted_proxies=["127.0.0.0/8", "10.0.0.0/8"]) as site:
        strangers = [site.ask("/health/ready", x_forwarded_for=address) for address in ("192.0.2.7", "2001:db8::7")]
        heard = len(site.heard)
        near = [
            site.ask("/health/live"),
            site.ask("/health/ready"),
            site.ask("/health/ready", x_forwarded_for="10.0.0.7"),
        ]

        assert ({answer.status for answer in strangers}, heard) == ({404}, 0)
        assert {answer.status for answer in near} == {200}


@pytest.mark.parametrize("trusted", [["127.0.0.0/8"], []])
def test_trace_that_a_trusted_proxy_began_goes_on(trusted: list[str]) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    parent = f"00-{trace}-00f067aa0ba902b7-01"
    with opened(trusted_proxies=trusted) as site:
        answer = site.ask(traceparent=parent, x_request_id="given-name")

        [heard] = site.heard
        assert (answer.headers["X-Request-ID"] == trace) is bool(trusted)
        assert heard.headers["X-Request-Id"] == answer.headers["X-Request-ID"]
        assert (heard.headers["Traceparent"] == parent) is bool(trusted)
        assert heard.headers["Traceparent"].startswith(f"00-{answer.headers['X-Request-ID']}-")


def test_static_file_comes_as_small_as_it_can_be_read_and_is_kept(site: Site) -> None:
    for suffix in ("", ".gz", ".br"):
        (site.directory / "static" / f"base.1.css{suffix}").write_text(f"as {suffix}", encoding="ascii")

    answers = [
        site.ask("/static/base.1.css", accept_encoding=encoding) for encoding in ("gzip, br", "gzip", "identity")
    ]

    smallest = b"as .br" if render.BROTLI_MODULE.exists() else b"as .gz"
    assert [answer.body for answer in answers] == [smallest, b"as .gz", b"as "]
    assert {answer.headers["Cache-Control"] for answer in answers} == {"public, max-age=31536000, immutable"}
    assert {answer.headers["X-Content-Type-Options"] for answer in answers} == {"nosniff"}


def test_file_that_the_site_made_is_a_picture_whatever_its_name_says(site: Site) -> None:
    for name in ("1-a.webp", "1-a.html"):
        (site.directory / "media" / name).write_bytes(b"<script>alert(1)</script>")

    answers = [site.ask(f"/media/{name}") for name in ("1-a.webp", "1-a.html")]

    assert {answer.headers["Content-Type"] for answer in answers} == {"image/webp"}
    assert {answer.headers["Cache-Control"] for answer in answers} == {"public, max-age=31536000, immutable"}
    assert {answer.headers["X-Content-Type-Options"] for answer in answers} == {"nosniff"}
    assert [site.ask(path).status for path in ("/media/", "/media/none.webp")] == [403, 404]
    assert site.heard == []


def test_with_a_certificate_plain_requests_are_sent_to_https() -> None:
    port = processes.free_port()
    with opened(tls_port=port) as site:
        plain, encrypted = site.ask("/s/1?order=top"), site.ask_encrypted(port)

        assert (plain.status, plain.headers["Location"]) == (301, "https://127.0.0.1/s/1?order=top")
        assert encrypted.status == 200
        assert site.heard[0].headers["X-Forwarded-Proto"] == "https"


def test_file_for_production_is_printed_and_valid(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = f"--server-name news.example.org --gunicorn 127.0.0.1:8000 --gunicorn unix:{tmp_path}/socket"
    options += f" --static-root {tmp_path} --media-root {tmp_path} --directory {tmp_path}"
    options += " --trusted-proxy 10.0.0.0/8 --trusted-proxy 2001:db8::/32"
    render.main([*options.split(), "--listen", str(processes.free_port())])

    config = tmp_path / "nginx.conf"
    config.write_text(capsys.readouterr().out, encoding="utf-8")
    check = subprocess.run(["/usr/sbin/nginx", "-t", "-c", config], capture_output=True, text=True, check=False)

    assert check.returncode == 0, check.stderr
    assert "limit_req " in config.read_text(encoding="utf-8")
