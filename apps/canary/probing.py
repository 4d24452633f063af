"""One trial of the two promises about writes: who writes sees it on the next page, others within two seconds.

By SITE_URL, so that all that stands before the site takes part. The page was looked at a moment before, as busy pages
are: so every cache on the way holds a copy that must go.
"""

import logging
import time
from collections.abc import Callable
from functools import partial

import httpx
from django.conf import settings
from django.urls import reverse

from apps.canary import metrics
from apps.canary.signing import sign

PATIENCE_SECONDS = 5.0
# Others have not seen it after so long.
GIVE_UP_SECONDS = 10.0
LOOK_AGAIN_SECONDS = 0.05

logger = logging.getLogger(__name__)

Connect = Callable[[], httpx.Client]
connect: Connect = partial(httpx.Client, timeout=PATIENCE_SECONDS)


def probe(connect: Connect = connect) -> None:
    """Write, look, and count what was seen. Up to 10 s; no query of its own."""
    number = time.time_ns() // 1_000_000
    with connect() as writer, connect() as reader:
        try:
            _read(reader)
            writer.post(_address("songs"), data={"number": sign(number)}).raise_for_status()
            began = time.monotonic()
            is_seen = _read(writer) >= number
        except (httpx.HTTPError, ValueError) as error:
            metrics.WRITES.labels("refused").inc()
            logger.warning("The canary could not sing: %r", error)
            return
        metrics.WRITES.labels("seen" if is_seen else "missed").inc()
        metrics.OTHERS.observe(_wait(reader, number, began))


def _wait(reader: httpx.Client, number: int, began: float) -> float:
    """Look as others do until they see it; the seconds since `began`."""
    while (seconds := time.monotonic() - began) < GIVE_UP_SECONDS:
        try:
            if _read(reader) >= number:
                return seconds
        except (httpx.HTTPError, ValueError):
            pass  # the next page will do
        time.sleep(LOOK_AGAIN_SECONDS)
    return seconds


def _read(client: httpx.Client) -> int:
    return int(client.get(_address("canary")).raise_for_status().text)


def _address(name: str) -> str:
    return settings.SITE_URL + reverse(f"canary:{name}")
