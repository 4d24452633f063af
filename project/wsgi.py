"""The WSGI entry point that gunicorn loads."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup(set_prefix=False)

# The page cache's handler reads settings.
from apps.pagecache.door import DoorHandler  # noqa: E402

application = DoorHandler()
