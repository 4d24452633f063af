"""The site's own settings with the herd's page in the site's place."""

from project.settings import *  # noqa: F403 (a trial of these settings)

ROOT_URLCONF = "tests.pagecache.herd_site"
