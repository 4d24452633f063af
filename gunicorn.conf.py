"""How gunicorn serves the site. It reads this file by itself when started here: `gunicorn`."""

import runpy
from pathlib import Path
from typing import Any

from project import env

env.read_file()

wsgi_app = "project.wsgi"
bind = f"127.0.0.1:{env.port('PORT', 8000)}"
worker_class = "gthread"
workers = env.integer("WEB_WORKERS", 2, minimum=1, maximum=256)
threads = env.integer("WEB_THREADS", 4, minimum=1, maximum=256)
# Longer than Nginx keeps an idle connection (deploy/nginx): it hangs up first, and loses no request.
keepalive = 65
# Each worker opens its own SQLite connections: they must not cross a fork.
preload_app = False
loglevel = "warning"
control_socket_disable = True


def on_starting(server: Any) -> None:
    """End with the sentence for a malformed variable before workers start, which would die and be replaced for ever.

    The settings are run, not imported, so that a reload still reads them anew.
    """
    runpy.run_path(str(Path(__file__).parent / "project" / "settings.py"))
