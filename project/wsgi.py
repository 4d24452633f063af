"""The WSGI entry point that gunicorn loads."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup(set_prefix=False)

# They read settings.
from apps.jobs import transport  # noqa: E402
from apps.observability.health import Probes  # noqa: E402
from apps.observability.metering import Meter  # noqa: E402
from apps.observability.profiling import Profiler  # noqa: E402
from apps.pagecache.door import DoorHandler  # noqa: E402

transport.load()
application = Probes(Meter(Profiler(DoorHandler())))
