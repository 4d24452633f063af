"""Slots: filled once for each kind, and only where a template put them."""

import json
from collections.abc import Iterator, Sequence

import pytest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from apps.pagecache import slots
from apps.pagecache.middleware import SlotMiddleware

Keys = Sequence[tuple[object, ...]]


class Recorder:
    """A loader that shows its arguments, and remembers what it was asked."""

    def __init__(self) -> None:
        self.calls: list[list[tuple[object, ...]]] = []

    def __call__(self, request: HttpRequest, keys: Keys) -> list[str]:
        self.calls.append(list(keys))
        return [f"<b>{json.dumps(key)}</b>" for key in keys]


@pytest.fixture
def request_() -> HttpRequest:
    return RequestFactory().get("/")


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder()
    monkeypatch.setitem(slots._loaders, "echo", recorder)
    return recorder


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder()
    monkeypatch.setitem(slots._loaders, "other", recorder)
    return recorder


def test_each_kind_is_asked_once_in_the_order_of_the_page(
    request_: HttpRequest, echo: Recorder, other: Recorder
) -> None:
    page = f"a{slots.slot('echo', 1)}b{slots.slot('other')}c{slots.slot('echo', 2)}d{slots.slot('echo', 1)}"

    filled = slots.fill(request_, page)

    assert filled == "a<b>[1]</b>b<b>[]</b>c<b>[2]</b>d<b>[1]</b>"
    assert echo.calls == [[(1,), (2,), (1,)]]
    assert other.calls == [[()]]


@given(st.lists(st.none() | st.integers() | st.text() | st.booleans(), max_size=4))
def test_any_argument_arrives_as_it_was(arguments: list[object]) -> None:
    recorder = Recorder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(slots._loaders, "echo", recorder)

        slots.fill(RequestFactory().get("/"), f"<p>{slots.slot('echo', *arguments)}</p>")

    assert recorder.calls == [[tuple(arguments)]]


@pytest.mark.parametrize(
    "text",
    # The key differs in every process, so that ids may not hold it.
    ["]\x00", '"]\x00<script>', slots.MARK.decode(), f"{slots.MARK.decode()}echo[2]\x00"],
    ids=["an end", "an end in quotes", "a beginning", "a whole mark"],
)
def test_an_argument_cannot_end_its_mark_nor_begin_another(request_: HttpRequest, echo: Recorder, text: str) -> None:
    slots.fill(request_, slots.slot("echo", text))

    assert echo.calls == [[(text,)]]


@pytest.mark.parametrize("text", ['\x00echo["x"]\x00', '\x000123456789abcdefecho["x"]\x00', "slot('echo', 1)", "\x00"])
def test_text_that_looks_like_a_mark_stays_text(request_: HttpRequest, echo: Recorder, text: str) -> None:
    assert slots.fill(request_, text) == text
    assert echo.calls == []


def test_what_a_loader_answers_is_not_filled_again(request_: HttpRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(slots._loaders, "nested", lambda request, keys: [str(slots.slot("nested"))] * len(keys))

    assert slots.fill(request_, slots.slot("nested")) == slots.slot("nested")


def test_a_loader_that_answers_too_little_is_an_error(request_: HttpRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(slots._loaders, "short", lambda request, keys: [])

    with pytest.raises(ValueError, match="shorter"):
        slots.fill(request_, slots.slot("short"))


def test_a_mark_survives_autoescape_and_text_beside_it_does_not(request_: HttpRequest, echo: Recorder) -> None:
    template = Environment(autoescape=True).from_string("{{ typed }}{{ slot('echo', typed) }}")

    page = template.render(slot=slots.slot, typed="<i>")

    assert slots.fill(request_, page) == '&lt;i&gt;<b>["<i>"]</b>'


def test_the_middleware_fills_a_page(request_: HttpRequest, echo: Recorder) -> None:
    page = HttpResponse(f"<p>é{slots.slot('echo', 'ü')}")

    response = SlotMiddleware(lambda request: page)(request_)

    assert response.content.decode() == f"<p>é<b>{json.dumps(['ü'])}</b>"


@pytest.mark.parametrize("response", [JsonResponse({"a": "\x00"}), HttpResponse(b"\x89PNG\x00\xff", "image/png")])
def test_the_middleware_leaves_what_has_no_slots_alone(request_: HttpRequest, response: HttpResponse) -> None:
    content = response.content

    assert SlotMiddleware(lambda request: response)(request_).content == content


def test_the_middleware_does_not_read_a_stream(request_: HttpRequest) -> None:
    def never() -> Iterator[bytes]:
        raise AssertionError
        yield b""

    stream: HttpResponseBase = StreamingHttpResponse(never())

    answer = SlotMiddleware(lambda request: stream)(request_)  # type: ignore[arg-type,return-value]  # as Django does

    assert answer is stream
