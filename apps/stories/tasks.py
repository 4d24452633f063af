"""The jobs of stories."""

import logging
from datetime import timedelta
from urllib.request import urlopen

from django.conf import settings
from django.urls import reverse

from apps.jobs.handlers import scheduled

MOST_SEEN = (
    ("stories:front",),
    ("stories:front_ordered", "newest"),
    ("stories:front_ordered", "active"),
    ("communities:communities",),
)
PATIENCE_SECONDS = 5

logger = logging.getLogger(__name__)


def look_at_lists() -> None:
    """Open the lists that most people see, as a visitor does, so that each cache on the way has them. Best effort."""
    for name, *arguments in MOST_SEEN:
        try:
            # Our own address, from our own settings.
            urlopen(settings.SITE_URL + reverse(name, args=arguments), timeout=PATIENCE_SECONDS).close()  # noqa: S310
        except OSError as error:
            logger.info("A list could not be kept warm: %s", error)


@scheduled("stories.warm_up", every=timedelta(minutes=1), queue="fast", outside=look_at_lists)
def warm_up(_: None) -> None:
    """Have nobody wait for a list to be rendered after a start, a purge of everything, or a quiet night."""
