"""The site's own settings with the trial's jobs."""

from project.settings import *  # noqa: F403 (a trial of these settings)
from project.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.jobs.trial"]
ROOT_URLCONF = "tests.jobs.trial.urls"
