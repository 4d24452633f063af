"""How gunicorn serves the live service, beside the site: `gunicorn -c live.conf.py`."""

import signal
from typing import Any

from project import counters, env

env.read_file()
counters.share()

from prometheus_client.multiprocess import mark_process_dead  # noqa: E402 (it looks for what was just set)

wsgi_app = "project.asgi"
bind = f"127.0.0.1:{env.port('LIVE_PORT', 8100)}"
worker_class = "asgi"
# One process serves LIVE_STREAMS pages; for more, start another one on another port.
workers = 1
asgi_lifespan = "on"
# When a process ends, all its pages come back within seconds.
backlog = 4096
graceful_timeout = 10
loglevel = "warning"
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """Let all pages go at SIGTERM: gunicorn by itself would wait for them to go."""

    def end() -> None:
        worker.asgi.drain()
        worker.handle_exit_signal()

    worker.loop.add_signal_handler(signal.SIGTERM, end)


def child_exit(server: Any, worker: Any) -> None:
    """Drop a dead worker's gauges."""
    mark_process_dead(worker.pid)
