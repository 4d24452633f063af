"""The id of a request."""

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


def test_what_is_begun_within_a_request_has_its_id_too() -> None:
    with tracing.tracing("0123456789abcdef"):
        assert id_within(**{"X-Request-ID": "fedcba9876543210"}) == "0123456789abcdef"


TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def test_request_of_a_trace_has_the_id_of_the_trace() -> None:
    parent = f"00-{TRACE}-00f067aa0ba902b7-01"

    assert id_within(traceparent=parent) == TRACE
    assert id_within(**{"traceparent": parent, "X-Request-ID": "0123456789abcdef"}) == "0123456789abcdef"


@pytest.mark.parametrize(
    "parent",
    [
        *("", "00", f"00-{TRACE}", f"ff-{TRACE}-00f067aa0ba902b7-01", f"00-{'0' * 32}-00f067aa0ba902b7-01"),
        *(f"00-{TRACE.upper()}-00f067aa0ba902b7-01", f"00-{TRACE}-00f067aa0ba902b7-01\n", "x" * 100_000),
    ],
)
def test_unsound_trace_is_none(parent: str) -> None:
    assert id_within(traceparent=parent) != TRACE
