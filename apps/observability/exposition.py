"""`/metrics` at METRICS_ADDRESS, which is for Prometheus alone: no door of the site leads there."""

import threading
import time
from socketserver import ThreadingTCPServer

from django.conf import settings
from prometheus_client import MetricsHandler

from apps.core import counting

# Whoever has the address may be a brother that is about to end.
RETRY_SECONDS = 1.0


class Handler(MetricsHandler):
    """Shows what all processes of this service have counted."""

    timeout = 5


class Server(ThreadingTCPServer):
    """Takes the address over from a process that has just ended; who says nothing holds up nobody."""

    allow_reuse_address = True
    daemon_threads = True


def start() -> None:
    """Answer at METRICS_ADDRESS from now on, in a thread; while another process does, wait for its end."""
    if settings.METRICS_ADDRESS:
        threading.Thread(target=_serve, args=settings.METRICS_ADDRESS, name="metrics", daemon=True).start()


def _serve(host: str, port: int) -> None:
    Handler.registry = counting.registry()
    while True:
        try:
            Server((host, port), Handler).serve_forever()
        except OSError:
            time.sleep(RETRY_SECONDS)
