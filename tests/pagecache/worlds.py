"""A small world for the state machine: a primary with two replicas, three pages before them, two processes, a Redis.

Everything that decides what is shown is the site's own: both middlewares, the router, the page cache, its Redis. Made
up are the databases (each is a position in one history), the clock, and who does what when.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.cached_db import SessionStore
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from apps.pagecache import memory, purging, slots
from apps.pagecache.middleware import PageCacheMiddleware, SlotMiddleware
from apps.pagecache.pages import cached_page
from apps.pagecache.tags import tag, viewer
from apps.replicas import servers, state
from apps.replicas.middleware import FreshnessMiddleware
from apps.replicas.router import Router
from apps.replicas.servers import PRIMARY, Fleet
from tests.pagecache.clocks import Clock
from tests.replicas.fakes import StandIn, lost

ALL = "all"
ADA = "1"
# A commit's length in the history; positions are tokens.
STEP = 8
# A replica that lags longer is put out.
LAG_SECONDS = 10.0
SHOWN = re.compile(r"<p>(\d+)</p>.*<i>(\d+)</i>")

factory = RequestFactory()


def thing(name: str) -> str:
    return tag("thing", name)


@dataclass
class Commit:
    """A thing changed, or what only one person sees. `noted_at`: when its stamp was in the store, if it ever was."""

    token: int
    at: float
    tags: frozenset[str]
    pages: frozenset[str] = frozenset()
    noted_at: float = float("inf")


@dataclass
class Process:
    """What one process remembers."""

    entries: OrderedDict[str, Any] = field(default_factory=OrderedDict)
    size: int = 0

    @contextmanager
    def inside(self) -> Iterator[None]:
        kept = memory._entries, memory._size
        memory._entries, memory._size = self.entries, self.size
        try:
            yield
        finally:
            self.entries, self.size = memory._entries, memory._size
            memory._entries, memory._size = kept


@dataclass
class Person:
    """A browser with its cookies, and what it must show.

    `own`: the last write on each page that was answered here; `own_elsewhere`: that the same member was answered on
    another device. `marks`: how often something was done by this member, or to them.
    """

    session: str = ""
    cookies: dict[str, tuple[str, float]] = field(default_factory=dict)
    own: dict[str, int] = field(default_factory=dict)
    own_elsewhere: dict[str, int] = field(default_factory=dict)
    marks: int = 0

    def header(self, now: float) -> str:
        """What the browser sends along."""
        cookies = {name: value for name, (value, until) in self.cookies.items() if now < until}
        if self.session:
            cookies[settings.SESSION_COOKIE_NAME] = self.session
        return "; ".join(f"{name}={value}" for name, value in cookies.items())

    def keep(self, response: HttpResponse, now: float) -> None:
        for name, cookie in response.cookies.items():
            self.cookies[name] = (cookie.value, now + int(cookie["max-age"]))


class Crash(Exception):
    """The process ends here."""


class World:
    """The servers, the site, and its history."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.devices = [Person(session="ada-at-home"), Person(session="ada-on-the-way")]
        # How often ada, who has both devices, did something, or something was done to her.
        self.marks = 0
        self.history: list[Commit] = []
        self.primary, self.replicas = StandIn(PRIMARY), [StandIn("replica1"), StandIn("replica2")]
        self.fleet = Fleet(self.primary, list(self.replicas))
        servers.fleet = self.fleet
        self.is_broken = False
        self.is_crashing = False
        self.is_store_up = True
        # What others do before a render reads the database, after it did, and while slots are filled.
        self.before: list[Callable[[], object]] = []
        self.after: list[Callable[[], object]] = []
        self.filling: list[Callable[[], object]] = []
        item = cached_page(seconds=60, tags=[thing])(self._show)
        shelf = cached_page(seconds=60, tags=[ALL], grace=3600)(self._show)
        self._views = {"a": item, "shelf": shelf}
        self.site = PageCacheMiddleware(Sessions(FreshnessMiddleware(SlotMiddleware(self._answer))))

    @property
    def position(self) -> int:
        """The primary's; fails like a query when it is gone."""
        self.primary.connect()
        return STEP * len(self.history)

    def get(self, person: Person, page: str, *, is_late: bool = False) -> HttpResponse:
        began = f"t={self.clock.now - 10}" if is_late else ""
        request = factory.get(f"/{page}", HTTP_COOKIE=person.header(self.clock.now), HTTP_X_REQUEST_START=began)
        return self._receive(person, request)

    def post(self, person: Person, name: str) -> None:
        """Have somebody change a thing; when the answer arrives, they know that they did."""
        response = self._receive(person, factory.post(f"/{name}", HTTP_COOKIE=person.header(self.clock.now)))
        assert response.status_code == 200
        pages = dict.fromkeys(("shelf", name), self.history[-1].token)
        person.own |= pages
        if person.session:
            person.marks = self.marks
        if person.session and self.is_store_up:
            for device in self.devices:
                device.own_elsewhere |= pages
                device.marks = self.marks

    def change(self, name: str) -> None:
        """Commit, and stamp."""
        self.commit({ALL, thing(name)}, {name, "shelf"})

    def tell(self) -> None:
        """Do something to a member that others don't see."""
        self.marks += 1
        self.commit({viewer(ADA)}, set())
        if self.is_store_up:
            for device in self.devices:
                device.marks = self.marks

    def commit(self, tags: set[str], pages: set[str]) -> None:
        token = STEP * (len(self.history) + 1)
        self.history.append(Commit(token, self.clock.now, frozenset(tags), frozenset(pages)))
        state.mark_written()
        if self.is_crashing:
            raise Crash
        self.stamp(self.history[-1])

    def stamp(self, commit: Commit) -> None:
        purging.purge(*commit.tags)
        if self.is_store_up:
            commit.noted_at = min(commit.noted_at, self.clock.now)

    def noted(self, page: str, until: float) -> int:
        """The last commit on the page whose stamp was noted by then."""
        return max((one.token for one in self.history if page in one.pages and one.noted_at <= until), default=0)

    def catch_up(self) -> None:
        """No replica lags long."""
        known = [commit.token for commit in self.history if commit.at <= self.clock.now - LAG_SECONDS]
        for replica in self.replicas:
            replica.position = max([replica.position, *known[-1:]])

    def lose_primary(self) -> None:
        self.primary.error, self.primary.is_serving = lost(), False

    def find_primary(self) -> None:
        self.primary.error, self.primary.is_serving = None, True

    def _receive(self, person: Person, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = Context().run(self.site, request)
        person.keep(response, self.clock.now)
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        """What stands inside: sessions as far as they matter here, and the view, whose failure is a 500."""
        name = request.path.strip("/")
        if request.method == "POST":
            self.marks += self._is_ada(request)
            self.change(name)
            return HttpResponse()
        try:
            return self._views[name](request, name=name)
        except DatabaseError as error:
            servers.fleet.report(PRIMARY, error, state.current())
            return HttpResponse(status=503)
        except ZeroDivisionError:
            return HttpResponse(status=500)

    def _show(self, request: HttpRequest, name: str) -> HttpResponse:
        while self.before:
            self.before.pop()()
        if self.is_broken:
            raise ZeroDivisionError
        server = self.fleet.server(Router().db_for_read(Group))
        assert isinstance(server, StandIn)
        position = self.position if server is self.primary else server.position
        while self.after:
            self.after.pop()()
        return HttpResponse(f"<p>{position}</p>{slots.slot('notice')}{slots.slot('marks')}")

    def fill(self, request: HttpRequest, keys: Sequence[tuple[object, ...]]) -> list[str]:
        """The slot's loader: what only its viewer sees."""
        marks = self.marks if self._is_ada(request) else 0
        while self.filling:
            self.filling.pop()()
        return [f"<i>{marks}</i>" for _ in keys]

    def _is_ada(self, request: HttpRequest) -> bool:
        return getattr(request, "session", {}).get(SESSION_KEY) == ADA


class Session(SessionStore):
    """A member's: in Redis, and in a database that is always there."""

    def _get_session_from_db(self) -> SimpleNamespace:
        return SimpleNamespace(
            session_data=self.encode({SESSION_KEY: ADA}),
            expire_date=timezone.now() + timedelta(days=1),
        )


class Sessions:
    """Stands where the session middleware does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.session = Session(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        return self.get_response(request)
