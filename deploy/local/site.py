"""Makes a site ready to be served: tables, static files, the sample community."""

import io
import os

import django
from django.core.management import call_command

from deploy.local.static import collect_when_changed
from project import env


def prepare() -> None:
    """Migrate, collect static files when they have changed, fill an empty site. Django must be set up."""
    call_command("migrate", verbosity=0)
    collect_when_changed()
    # Its log-ins lie in VAR_DIR; whoever starts the site shows them.
    call_command("load_sample", stdout=io.StringIO())


if __name__ == "__main__":
    env.read_file()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    django.setup()
    prepare()
