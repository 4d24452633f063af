"""The site's own settings with a small site in its place: routing knows no page."""

from project.settings import *  # noqa: F403 (a trial of these settings)

ROOT_URLCONF = "tests.replicas.trial_site"
READ_ONLY_VIEW = "tests.replicas.trial_site.read_only"
ALLOWED_HOSTS = ["*"]
