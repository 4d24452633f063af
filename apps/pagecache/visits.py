"""One request at the page cache: what is kept for it, whether this viewer may see it, and who renders it anew."""

import hashlib
import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest, HttpResponse

from apps.pagecache import memory, metrics, notices, owed, own, renewing, stores
from apps.pagecache.entries import OUTAGE_SECONDS, Entry, State
from apps.pagecache.pages import Draft
from apps.pagecache.strangers import request_of_nobody
from apps.replicas import readonly
from apps.replicas.state import freshness

GetResponse = Callable[[HttpRequest], HttpResponse]

# Whoever brings one of these may see something else than the others: who signed in, or is told something once.
MEMBERS_COOKIES = {settings.SESSION_COOKIE_NAME, CookieStorage.cookie_name}
WAIT_SECONDS = 5.0
LOOK_AGAIN_SECONDS = 0.02
# Of a rendered page's headers, those that say the same to everybody.
KEPT_HEADERS = (
    *("Content-Type", "Content-Language", "Content-Security-Policy", "Cross-Origin-Opener-Policy", "Link"),
    *("Referrer-Policy", "Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options"),
)


class Visit:
    """A GET on its way in. `found` is the page it will be answered with, once that is known."""

    def __init__(self, request: HttpRequest, chain: GetResponse) -> None:
        self.request = request
        self.chain = chain
        self.query = _known_parameters(request)
        self.key = _key(request, self.query)
        self.owed = owed.owed(request)
        self.is_member = bool(MEMBERS_COOKIES & request.COOKIES.keys()) or "HTTP_AUTHORIZATION" in request.META
        self.entry: Entry | None = None
        self.state = State.USELESS
        self.found: Entry | None = None
        self.outcome = ""
        self.has_looked = False
        # A member's page as they have just seen it, and whether it still is; what a new one will be compared with.
        self.own = own.find(request, self.key) if self.is_member else None
        self.proof: own.Proof = ()
        self.proven: own.Proven | None = None

    def look(self) -> None:
        """Find what is kept, and judge it. 1 round trip while this process has a current page. Raises Unavailable."""
        self.has_looked = True
        if entry := memory.get(self.key):
            try:
                self._judge(entry)
            except stores.Unavailable:
                if not entry.is_recent(time.time()):
                    raise
                self.entry, self.state = entry, State.BEHIND
                return
            if self.state is State.CURRENT:
                return
        version, page = stores.store().page(self.key)
        if version and (entry is None or version > entry.version):
            entry = Entry.decode(page)
            memory.put(self.key, entry, entry.size)
            self._judge(entry)

    def own_page(self) -> own.OwnPage | None:
        """The page just as its viewer has seen it, while nothing on it has changed."""
        if self.own is None or self.entry is None or self.state is not State.CURRENT or self.owed:
            return None
        return self.own if self.own.holds(self.entry, self.proof) else None

    def shows(self, seen: int) -> bool:
        """Whether a viewer who has written up to the token `seen` may see what is kept."""
        if self.entry is None or self.state is State.USELESS or self.owed > self.entry.token:
            return False
        if self.state in {State.CURRENT, State.DUE}:
            return True
        return seen <= self.entry.token and (self.state is State.BEHIND or readonly.is_primary_gone())

    def take(self) -> Entry | None:
        """What is kept, as the answer; rendered anew in the background when that is due."""
        self._answer(self.entry, "hit" if self.state is State.CURRENT else "stale")
        if self.entry and self.state is not State.CURRENT:
            self._renew(self.entry)
        return self.found

    def obtain(self, seen: int) -> Entry | None:
        """The page for a viewer who has written up to `seen`: kept, awaited or rendered. None: there is none to share.

        Raises Unavailable.
        """
        if self.shows(seen):
            return self.take()
        needed = max(seen, self.owed)
        if self.entry and self.entry.token < needed and self.state is not State.USELESS:
            # Only a render from after the own write will do, so there is nobody to wait for.
            return self._rendered(self.fill(needed))
        if lease := stores.store().lease(self.key):
            return self._rendered(self.fill_leased(lease, needed))
        return self._answer(self._wait(seen), "waited")

    def fill_leased(self, lease: str, needed: int = 0) -> Entry | None:
        """Render and keep the page; nobody else does for the next second, if that succeeded. Raises Unavailable."""
        began = time.monotonic()
        entry = None
        try:
            entry = self.fill(needed)
        finally:
            rest = began + settings.PAGECACHE_BEHIND_SECONDS / 2 - time.monotonic()
            stores.store().release(self.key, lease, rest if entry and entry is not self.entry else 0)
        return entry

    def fill(self, needed: int) -> Entry | None:
        """Render the page from what has reached the token `needed`, and keep it; the kept one when that fails.

        None: there is none, or the page is not the same for all. Raises Unavailable.
        """
        began, now = time.perf_counter(), time.time()
        # Nor older than what it replaces: of two pages the store keeps the one with the higher token.
        with freshness(at_least=max(needed, self.entry.token if self.entry else 0)):
            response = self.chain(request_of_nobody(self.request, self.query))
        draft: Draft | None = getattr(response, "draft", None)
        if draft is None:
            return self._fall_back() if response.status_code >= 500 else None
        entry = Entry(
            view=draft.view,
            token=draft.token,
            tags=draft.tags,
            created_at=now,
            seconds=draft.seconds,
            grace=draft.grace,
            cost=time.perf_counter() - began,
            headers={name: response[name] for name in KEPT_HEADERS if name in response},
            segments=draft.segments,
        )
        metrics.FILLS.labels(entry.view).observe(entry.cost)
        memory.put(self.key, entry, entry.size)
        stores.store().keep(self.key, entry.version, entry.encode(), OUTAGE_SECONDS)
        return entry

    def _fall_back(self) -> Entry | None:
        if self.state is State.USELESS:
            return None
        self.request.page_notice = notices.OUTAGE  # type: ignore[attr-defined]  # read by notices.text
        return self.entry

    def _judge(self, entry: Entry) -> None:
        # The time is taken first: what is stamped after it may be missing from these stamps.
        now = time.time()
        stamps, self.proof = stores.store().stamps_and(entry.tags, self.own.keys if self.own else ())
        self.entry, self.state = entry, entry.judge(stamps, now)

    def _rendered(self, entry: Entry | None) -> Entry | None:
        return self._answer(entry, "error" if entry is self.entry else "miss")

    def _answer(self, entry: Entry | None, outcome: str) -> Entry | None:
        self.found, self.outcome = entry, outcome
        return entry

    def _renew(self, entry: Entry) -> None:
        """Ask once a second at most; whoever gets the lease renders."""
        now = time.time()
        if now - entry.asked_at < 1:
            return
        entry.asked_at = now
        with suppress(stores.Unavailable):
            if lease := stores.store().lease(self.key):
                renewing.submit(lambda: self.fill_leased(lease))

    def _wait(self, seen: int) -> Entry | None:
        """What another request renders; None when it has given up, or takes too long."""
        deadline = time.monotonic() + WAIT_SECONDS
        is_rendered = True
        while is_rendered and time.monotonic() < deadline:
            time.sleep(LOOK_AGAIN_SECONDS)
            # Asked before looking: who gives up now has kept nothing since.
            is_rendered = stores.store().is_leased(self.key)
            self.look()
            if self.shows(seen):
                metrics.WAITS.labels(self.entry.view if self.entry else "").inc()
                return self.entry
        return None


def _known_parameters(request: HttpRequest) -> str:
    """The query without what no page knows, so that no link can fill the cache with copies of one page."""
    query = request.META.get("QUERY_STRING", "")
    if not query or request.path.startswith(settings.PAGECACHE_WHOLE_QUERY_BELOW):
        return str(query)
    return urlencode([(name, request.GET[name]) for name in settings.PAGECACHE_PARAMETERS if name in request.GET])


def _key(request: HttpRequest, query: str) -> str:
    """A short name for the page. Parts of pages that htmx asks for are pages of their own."""
    # A host that is not ours is refused further in, and so leaves no page.
    host, part = request.META.get("HTTP_HOST", ""), request.META.get("HTTP_HX_REQUEST") == "true"
    parts = (settings.PAGECACHE_RELEASE, request.scheme, host, request.path, query, part)
    return hashlib.blake2b("\x00".join(map(str, parts)).encode(errors="surrogatepass"), digest_size=16).hexdigest()
