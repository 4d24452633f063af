"""How often a program may ask: fixed windows of a minute, counted in the cache for all processes.

In Redis the count is exact. In files two requests at once may count as one, and without Redis nothing is counted.
"""

import time
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_network

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from apps.core.errors import RateLimited
from apps.core.http import client_address

WINDOW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Budget:
    """What is used of one kind of requests, "read" or "write", and in how many seconds it starts anew."""

    kind: str
    quota: int
    used: int
    seconds: int

    @property
    def is_overdrawn(self) -> bool:
        """Whether it is used up, and the request that it was asked for is one too many."""
        return self.used > self.quota

    def check(self) -> None:
        """Raises RateLimited."""
        if self.is_overdrawn:
            raise RateLimited(self.seconds)

    @property
    def headers(self) -> dict[str, str]:
        """RateLimit fields, as in the draft of the IETF's HTTPAPI group."""
        return {
            "RateLimit-Policy": f'"{self.kind}";q={self.quota};w={WINDOW_SECONDS}',
            "RateLimit": f'"{self.kind}";r={max(self.quota - self.used, 0)};t={self.seconds}',
        }


def spend(caller: str, *, is_write: bool) -> Budget:
    """Count one request of `caller`, also one too many. 1 round trip, 2 at the start of a window."""
    kind, quota = ("write", settings.API_WRITES_PER_MINUTE) if is_write else ("read", settings.API_READS_PER_MINUTE)
    window, passed = divmod(int(time.time()), WINDOW_SECONDS)
    used, seconds = _count(f"api:{kind}:{caller}:{window}"), WINDOW_SECONDS - passed
    return Budget(kind, quota, used, seconds)


def address(request: HttpRequest) -> str:
    """Whoever brings neither token nor session, by where they come from: a network of /64 is one of IPv6."""
    found = client_address(request)
    if isinstance(found, IPv6Address):
        return f"address:{ip_network((found, 64), strict=False)}"
    return f"address:{found or ''}"


def _count(key: str) -> int:
    try:
        return cache.incr(key) or 0
    except ValueError:
        cache.add(key, 0, 2 * WINDOW_SECONDS)
    try:
        return cache.incr(key) or 0
    except ValueError:
        return 0
