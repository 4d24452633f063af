"""The id of a request: in the log, and in the jobs that the request causes."""

import logging

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from apps.core import tracing
from apps.core.middleware import RequestIdMiddleware


def id_within(**headers: str) -> str:
    seen = []

    def answer(request: HttpRequest) -> HttpResponse:
        seen.append(tracing.current())
        return HttpResponse()

    RequestIdMiddleware(answer)(RequestFactory().get("/", headers=headers))
    return seen[0]


def test_request_has_the_id_that_nginx_has_given_it_and_nobody_has_it_after() -> None:
    assert id_within(**{"X-Request-ID": "0123456789abcdef"}) == "0123456789abcdef"
    assert tracing.current() == ""


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, "two words", "line\nbreak-and-more", "ümlaute-sind-auch-keine"]
)
def test_request_without_a_sound_id_gets_one_of_its_own(given: str) -> None:
    headers = {"X-Request-ID": given} if given else {}

    first, second = id_within(**headers), id_within(**headers)

    assert given not in {first, second}
    assert len(first) == 32
    assert first != second


def test_each_line_of_the_log_has_the_id() -> None:
    record = logging.makeLogRecord({"msg": "words"})

    with tracing.tracing("0123456789abcdef"):
        within = tracing.RequestIdFilter().filter(record), record.__dict__["request_id"]
    outside = tracing.RequestIdFilter().filter(record), record.__dict__["request_id"]

    assert (within, outside) == ((True, "0123456789abcdef"), (True, "-"))
