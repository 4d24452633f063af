"""Spans of requests, of what they ask the servers, and of jobs, told to a tracing system (OpenTelemetry).

Imported only where there is a collector to tell (apps.py), since it needs what requirements-otel.txt lists.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.conf import settings
from django.http import HttpRequest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
from opentelemetry.instrumentation.redis import RedisInstrumentor
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from apps.core import tracing

# All that a span says besides its name and times. Like the log it holds neither the addresses that people asked for
# nor theirs, no values of queries, and nothing that an error says of itself: these may name people or hold keys.
TOLD = {
    *("request_id", "http.method", "http.route", "http.status_code"),
    *("db.system", "db.statement", "net.peer.name"),
    *("job.id", "job.queue", "job.attempt", "job.outcome"),
}

propagator = TraceContextTextMapPropagator()


class Discreet(BatchSpanProcessor):
    """Sends spans from a thread of its own, a batch at a time, and of each what is TOLD.

    What is asked of a server for no request and no job is left out: runners and probers do that all day.
    """

    def on_end(self, span: ReadableSpan) -> None:
        """Have it sent."""
        if span.parent or span.kind is not SpanKind.CLIENT:
            super().on_end(_discreet(span))


class Told(tracing.Spans):
    """Spans that `tracer` hears of."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def traceparent(self) -> str:
        """What names the present span."""
        carrier: dict[str, str] = {}
        propagator.inject(carrier)
        return carrier.get("traceparent", "")

    @contextmanager
    def job(self, name: str, traceparent: str, facts: Mapping[str, str | int]) -> Iterator[None]:
        """Make the block a span below the one that caused it."""
        cause = propagator.extract({"traceparent": traceparent})
        with self._tracer.start_as_current_span(name, cause, SpanKind.CONSUMER) as span:
            _identify(span)
            try:
                yield
            finally:
                span.set_attributes(facts)
                if facts.get("job.outcome") != "done":
                    span.set_status(StatusCode.ERROR)


def start() -> None:
    """Tell the collector what this process does, and those that it forks.

    Before Django's middleware is loaded, where requests are met, and before anything is asked of a server.
    """
    provider = TracerProvider()
    provider.add_span_processor(Discreet(OTLPSpanExporter(f"{settings.SPANS_URL}/v1/traces")))
    # After RequestIdMiddleware, so that there is an id.
    DjangoInstrumentor().instrument(tracer_provider=provider, middleware_position=1, request_hook=_identify)
    PsycopgInstrumentor().instrument(tracer_provider=provider)
    RedisInstrumentor().instrument(tracer_provider=provider)
    tracing.spans = Told(provider.get_tracer("groundswell"))


def _identify(span: Span, _: HttpRequest | None = None) -> None:
    """Let the span be found by what the log says; the trace may have another id when no Nginx has given one."""
    span.set_attribute("request_id", tracing.current())


def _discreet(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        span.name,
        span.context,
        span.parent,
        span.resource,
        {name: value for name, value in (span.attributes or {}).items() if name in TOLD},
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )
