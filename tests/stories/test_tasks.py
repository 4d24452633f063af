"""Lists that are kept warm: opened as visitors open them, by a job that nothing can fail."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from pytest_django import Settings

from apps.jobs.models import State
from tests.jobs.names import enqueued, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(settings: Settings) -> Iterator[list[str]]:
    """The paths that a site at SITE_URL is asked for; it answers one of them."""
    paths: list[str] = []

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(200 if self.path == "/" else 503)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Site) as server:
        settings.SITE_URL = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield paths
        server.shutdown()
        thread.join()


def test_each_list_is_opened_whatever_becomes_of_the_others(asked: list[str]) -> None:
    job = run(enqueued("stories.warm_up"))

    assert job.state == State.DONE
    assert asked == ["/", "/newest", "/active", "/c/"]


def test_site_that_does_not_answer_fails_no_job(settings: Settings) -> None:
    settings.SITE_URL = "http://127.0.0.1:1"

    assert run(enqueued("stories.warm_up")).state == State.DONE
