"""How gunicorn serves the live service, beside the site: `gunicorn -c live.conf.py`."""

import os
import signal
from typing import Any

from project import counters, env

env.read_file()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
counters.share("live")

from apps.core import counting  # noqa: E402
from apps.observability import logs  # noqa: E402 (what is counted)

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
logconfig_dict = logs.config("WARNING", is_readable=env.boolean("DEBUG", default=False))
control_socket_disable = True
pre_fork, child_exit = counters.pre_fork, counters.child_exit


def post_fork(server: Any, worker: Any) -> None:
    """Leave the parent's counts to the parent."""
    counting.take_slot(worker.slot)


def post_worker_init(worker: Any) -> None:
    """Tell Prometheus how it does. Let all pages go at SIGTERM: gunicorn alone would wait for them to go."""

    def end() -> None:
        worker.asgi.drain()
        worker.handle_exit_signal()

    worker.loop.add_signal_handler(signal.SIGTERM, end)
    counters.answer()
