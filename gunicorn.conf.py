"""How gunicorn serves the site. It reads this file by itself when started here: `gunicorn`."""

import os
import runpy
from pathlib import Path
from typing import Any

from django.utils.module_loading import import_string

from project import counters, env

env.read_file()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
counters.share("web")

from apps.core import counting  # noqa: E402
from apps.observability import logs  # noqa: E402
from apps.replicas import checks, links  # noqa: E402 (what is counted)

wsgi_app = "project.wsgi"
# Settings give requests pooled connections and short timeouts, commands neither.
raw_env = ["PROCESS=web"]
bind = f"127.0.0.1:{env.port('PORT', 8000)}"
worker_class = "project.worker.Worker"
workers = env.integer("WEB_WORKERS", 2, minimum=1, maximum=256)
threads = env.integer("WEB_THREADS", 4, minimum=1, maximum=256)
# Longer than Nginx keeps an idle connection (deploy/nginx): it hangs up first, and loses no request.
keepalive = 65
# By default a proxy on this machine may say where the site begins (SCRIPT_NAME), and not every proxy drops what its
# clients say: one page would stand at the address of another, for all.
forwarder_headers = ""
# Workers share the memory of what is loaded before they fork. Not with SQLite: nothing of it may cross a fork.
preload_app = not env.text("DATABASE_URL", "sqlite:").startswith("sqlite:")
loglevel = "warning"
logconfig_dict = logs.config("WARNING", is_readable=env.boolean("DEBUG", default=False))
control_socket_disable = True
pre_fork, child_exit = counters.pre_fork, counters.child_exit


def on_starting(server: Any) -> None:
    """End with the sentence for a malformed variable, before workers start, which would die and be replaced for ever.

    The settings are run, not imported, so that a reload still reads them anew.
    """
    settings = runpy.run_path(str(Path(__file__).parent / "project" / "settings.py"))
    if problems := checks.problems(settings["DATABASES"]):
        raise SystemExit("\n".join(problems))


def post_fork(server: Any, worker: Any) -> None:
    """Leave the parent's connections and its counts to the parent."""
    links.forget_all()
    counting.take_slot(worker.slot)


def post_worker_init(worker: Any) -> None:
    """Watch the database servers from each worker, and tell Prometheus how it does."""
    import_string("apps.replicas.prober.start")()
    counters.tell(worker.cfg.threads)
