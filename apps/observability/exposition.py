"""`/metrics` at METRICS_ADDRESS, which is for Prometheus alone: no door of the site leads there."""

import os
import threading
import time
from socketserver import TCPServer

from django.conf import settings
from prometheus_client import CollectorRegistry, MetricsHandler
from prometheus_client.multiprocess import MultiProcessCollector

from apps.core import counting

# Whoever has the address may be a brother that is about to end.
RETRY_SECONDS = 1.0


class Handler(MetricsHandler):
    """Shows what all processes of this service have counted; of who says nothing for a while it is rid again."""

    timeout = 5


class Server(TCPServer):
    """Takes the address over from a process that has just ended."""

    allow_reuse_address = True


def start() -> None:
    """Answer at METRICS_ADDRESS from now on, in a thread; while another process does, wait for its end."""
    if settings.METRICS_ADDRESS:
        threading.Thread(target=_serve, args=settings.METRICS_ADDRESS, name="metrics", daemon=True).start()


def _serve(host: str, port: int) -> None:
    if counting.VARIABLE in os.environ:
        Handler.registry = CollectorRegistry()
        MultiProcessCollector(Handler.registry)  # type: ignore[no-untyped-call]  # the library's own
    while True:
        try:
            Server((host, port), Handler).serve_forever()
        except OSError:
            time.sleep(RETRY_SECONDS)
