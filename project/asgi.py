"""The ASGI entry point of the live service, which gunicorn loads as live.conf.py says. The site itself is WSGI."""

import os
import resource

from django.conf import settings
from django.utils.log import configure_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
# Settings and logs are all that it needs of Django: without apps it starts at once and takes a third of the memory.
configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)

# It reads settings.
from apps.live.service import Service  # noqa: E402

# Besides streams: logs, Redis, metrics.
OTHER_FILES = 100

if not settings.LIVE:
    raise SystemExit("Pages do not ask for live updates, so this service has nothing to do. Set it like LIVE=1")
_, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
if most_files < settings.LIVE_STREAMS + OTHER_FILES:
    raise SystemExit(
        f"LIVE_STREAMS is {settings.LIVE_STREAMS}, but this process may open only {most_files} files. Raise its limit,"
        f" or set it like LIVE_STREAMS={max(1, most_files - OTHER_FILES)}"
    )
resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
application = Service()
