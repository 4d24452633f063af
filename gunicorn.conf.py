"""How gunicorn serves the site. It reads this file by itself when started here: `gunicorn`."""

import runpy
from pathlib import Path
from typing import Any

from django.utils.module_loading import import_string

from project import counters, env

env.read_file()
METRICS = counters.share()

from prometheus_client.multiprocess import mark_process_dead  # noqa: E402 (it looks for what was just set)

from apps.replicas import checks, links  # noqa: E402 (imports it too)

wsgi_app = "project.wsgi"
# Settings give requests pooled connections and short timeouts, commands neither.
raw_env = ["PROCESS=web"]
bind = f"127.0.0.1:{env.port('PORT', 8000)}"
worker_class = "project.worker.Worker"
workers = env.integer("WEB_WORKERS", 2, minimum=1, maximum=256)
threads = env.integer("WEB_THREADS", 4, minimum=1, maximum=256)
# Longer than Nginx keeps an idle connection (deploy/nginx): it hangs up first, and loses no request.
keepalive = 65
# Workers share the memory of what is loaded before they fork. Not with SQLite: nothing of it may cross a fork.
preload_app = not env.text("DATABASE_URL", "sqlite:").startswith("sqlite:")
loglevel = "warning"
control_socket_disable = True


def on_starting(server: Any) -> None:
    """Drop the counts of processes that are gone. End with the sentence for a malformed variable, before workers start,
    which would die and be replaced for ever.

    The settings are run, not imported, so that a reload still reads them anew.
    """
    for file in METRICS.glob("*.db"):
        if counters.is_gone(file):
            file.unlink(missing_ok=True)
    settings = runpy.run_path(str(Path(__file__).parent / "project" / "settings.py"))
    if problems := checks.problems(settings["DATABASES"]):
        raise SystemExit("\n".join(problems))


def child_exit(server: Any, worker: Any) -> None:
    """Keep a dead worker's counts, and drop its gauges."""
    mark_process_dead(worker.pid)


def post_fork(server: Any, worker: Any) -> None:
    """Leave the parent's connections to the parent."""
    links.forget_all()


def post_worker_init(worker: Any) -> None:
    """Watch the database servers from each worker."""
    import_string("apps.replicas.prober.start")()
