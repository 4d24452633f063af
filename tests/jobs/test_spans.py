"""Spans of jobs, and what is told of any span."""

from collections.abc import Callable, Iterator, Sequence

import pytest
from django.db import IntegrityError
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode, Tracer

from apps.core import tracing
from apps.jobs import actions as jobs
from apps.jobs.handlers import handler
from apps.jobs.models import Job
from apps.observability.spans import Discreet, Told
from tests.core import internet
from tests.jobs.names import enqueued, run
from tests.jobs.trial import tasks

pytestmark = pytest.mark.django_db
assert tasks  # registers the trial's jobs

# What a collector would have been told, oldest first.
Collected = Callable[[], Sequence[ReadableSpan]]


@pytest.fixture
def provider() -> Iterator[TracerProvider]:
    provider = TracerProvider()
    yield provider
    provider.shutdown()


@pytest.fixture
def tracer(provider: TracerProvider, monkeypatch: pytest.MonkeyPatch) -> Tracer:
    """Hears of the site's spans, and makes some for a test."""
    tracer = provider.get_tracer("trial")
    monkeypatch.setattr(tracing, "spans", Told(tracer))
    return tracer


@pytest.fixture
def collected(provider: TracerProvider, tracer: Tracer) -> Collected:
    exporter = InMemorySpanExporter()
    provider.add_span_processor(Discreet(exporter))

    def collected() -> Sequence[ReadableSpan]:
        provider.force_flush()
        return sorted(exporter.get_finished_spans(), key=lambda span: span.start_time or 0)

    return collected


def test_job_is_a_span_below_what_enqueued_it_and_above_what_it_enqueues(tracer: Tracer, collected: Collected) -> None:
    @handler("test.enqueue")
    def enqueue() -> None:
        jobs.enqueue("trial.note", word="one")

    with tracer.start_as_current_span("request", kind=SpanKind.SERVER):
        job = enqueued("test.enqueue")
    run(job)
    run(Job.objects.get(name="trial.note"))

    request, first, second = collected()
    assert [span.name for span in (first, second)] == ["test.enqueue", "trial.note"]
    assert [first.parent and first.parent.span_id, second.parent and second.parent.span_id] == [
        request.context.span_id,
        first.context.span_id,
    ]
    assert {span.context.trace_id for span in (first, second)} == {request.context.trace_id}
    assert first.attributes == {
        **{"request_id": f"job-{job.pk}", "job.id": job.pk, "job.queue": "default"},
        **{"job.attempt": 1, "job.outcome": "done"},
    }


def test_each_attempt_is_a_span_that_says_how_it_ended_but_not_what_the_error_said(collected: Collected) -> None:
    @handler("test.fail", attempts=2)
    def fail() -> None:
        raise IntegrityError("Key (email)=(mia@example.org) already exists.")

    job = enqueued("test.fail")
    run(job)
    run(job)

    first, second = collected()
    outcomes = [(span.attributes or {})["job.outcome"] for span in (first, second)]
    assert outcomes == ["failed", "dead"]
    assert [(span.status.status_code, span.parent) for span in (first, second)] == [(StatusCode.ERROR, None)] * 2
    assert first.context.trace_id != second.context.trace_id
    assert "mia" not in first.to_json() + second.to_json()


def test_job_of_a_trace_that_is_not_sampled_is_not_told_either(tracer: Tracer, collected: Collected) -> None:
    cause = f"00-{'1' * 32}-{'2' * 16}-00"
    with tracing.spans.job("cause", cause, {}):
        job = enqueued("trial.note", word="one")

    run(job)

    assert (job.traceparent[:36], job.traceparent[-3:]) == (cause[:36], "-00")
    assert collected() == []


@pytest.mark.parametrize("traceparent", ["", "00", f"00-{'0' * 32}-{'0' * 16}-01", "x" * 55])
def test_job_without_a_sound_cause_begins_a_trace(collected: Collected, traceparent: str) -> None:
    job = enqueued("trial.note", word="one")
    Job.objects.update(traceparent=traceparent)

    run(job)

    [span] = collected()
    assert span.parent is None


def test_what_a_span_says_is_neither_an_address_nor_an_error_nor_a_value(tracer: Tracer, collected: Collected) -> None:
    said = {
        **{"http.method": "GET", "http.route": "u/<str:username>/", "db.statement": "SELECT %s"},
        **{"http.target": "/u/mia/", "http.url": "/u/mia/", "url.full": "/u/mia/", "net.peer.ip": "192.0.2.1"},
        **{"http.user_agent": "mia's", "db.user": "mia", "db.statement.parameters": "('mia',)"},
    }

    with pytest.raises(LookupError), tracer.start_as_current_span("GET", kind=SpanKind.SERVER, attributes=said):
        raise LookupError("mia")

    [span] = collected()
    assert sorted(span.attributes or {}) == ["db.statement", "http.method", "http.route"]
    assert (span.status.status_code, span.events) == (StatusCode.ERROR, ())
    assert "mia" not in span.to_json()


def test_what_is_asked_for_nobody_is_not_told(tracer: Tracer, collected: Collected) -> None:
    with tracer.start_as_current_span("SELECT", kind=SpanKind.CLIENT):
        pass
    with tracer.start_as_current_span("job", kind=SpanKind.CONSUMER), tracer.start_as_current_span("SELECT"):
        pass

    assert [span.name for span in collected()] == ["job", "SELECT"]


def test_strangers_are_not_told_for_which_request_they_are_asked(tracer: Tracer) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    with internet.opened() as world, tracing.tracing(trace), tracing.spans.job("job", f"00-{trace}-{'2' * 16}-01", {}):
        world.says("example.org/a")
        world.fetcher().fetch("http://example.org/a", ["text/html"])
        world.fetcher().post("http://example.org/a", b"{}", {})

    heard = b"".join(world.asked).lower()
    assert heard.count(b"host: example.org") == 2
    assert b"trace" not in heard
    assert trace.encode() not in heard
