"""What every test needs: quick passwords, plain static files, a cache of its own, and counted queries."""

import os
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from hypothesis import settings as trials

from apps.live import publishing
from apps.pagecache import memory, purging, renewing
from apps.search.engines import opensearch, postgresql, sqlite
from apps.stories.models import Story
from apps.votes import actions as votes
from tests.folding import fold
from tests.patience import PATIENCE

# Without one of these fixtures, or pytest-django's mark, a test finds every database shut.
OPENING = {"db", "transactional_db", "django_db_reset_sequences", "live_server"}
# Inside the block nothing is in the list yet; after it, the SQL of all queries, which a failed assert then shows.
CountQueries = Callable[[], AbstractContextManager[list[str]]]


def pytest_configure() -> None:
    """Change settings for the whole run, before the first test."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    memory_cache = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 10_000}}
    settings.CACHES = {"default": memory_cache}
    # Served from their sources, so that a test never sees yesterday's collectstatic.
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    # Limits have tests of their own.
    settings.API_READS_PER_MINUTE = settings.API_WRITES_PER_MINUTE = 1_000_000
    # Tests clean up in a folder of their own.
    settings.EXPORTS_DIR = Path(tempfile.gettempdir()) / f"groundswell-test-{os.getpid()}-exports"
    # Nor is one run told that the other one's site is being looked after.
    settings.MAINTENANCE_FILE = Path(tempfile.gettempdir()) / f"groundswell-test-{os.getpid()}-maintenance"
    # Nobody outside of this machine is asked: tests of previews have a world of their own.
    settings.LINK_PREVIEWS = False
    # A change is seen by others at once, so that no test waits for it.
    settings.PAGECACHE_BEHIND_SECONDS = 0.0
    # No limit of time fails a test because the machine is busy; those that are about one set their own.
    for engine in (opensearch, postgresql, sqlite):
        engine.TIME_LIMIT_SECONDS = PATIENCE  # type: ignore[attr-defined]  # it is another module's constant
    trials.register_profile("patient", deadline=None)
    trials.load_profile("patient")
    if connection.vendor == "postgresql":
        connection.settings_dict["OPTIONS"]["connect_timeout"] = PATIENCE
    if connection.vendor == "sqlite":
        # A file, as in real life: in memory, threads share one database without waiting for each other.
        name = f"groundswell-test-{os.getpid()}.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(Path(tempfile.gettempdir()) / name)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Mark the tests that ask the database, before `-m` chooses; begin with the long ones, whatever the order."""
    for item in items:
        if item.get_closest_marker("django_db") or OPENING & {*getattr(item, "fixturenames", ())}:
            item.add_marker("database")
    yield
    items.sort(key=lambda item: not item.get_closest_marker("long"))


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()
    memory.clear()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """A test that is rolled back never commits: what waits for the commit happens at once, and in this thread, since
    no other one sees what the test has made.
    """
    marker = request.node.get_closest_marker("django_db")
    is_committing = "transactional_db" in request.fixturenames or (marker and marker.kwargs.get("transaction"))
    if not is_committing:
        for module in (purging, publishing):
            monkeypatch.setattr(module, "on_commit", lambda run, **_: run())
        monkeypatch.setattr(renewing, "submit", lambda render: render())


@pytest.fixture
def count_queries() -> CountQueries:
    """`with count_queries() as queries:` collects the SQL on all databases; then `assert len(queries) == 3`."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        queries: list[str] = []
        with ExitStack() as stack:
            captures = [stack.enter_context(CaptureQueriesContext(connection)) for connection in connections.all()]
            yield queries
        queries += [str(query["sql"]) for capture in captures for query in capture.captured_queries]

    return counting


@pytest.fixture(autouse=True)
def no_drift(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test with a database all counters say what the rows say, unless it is marked `drifts`."""
    if not request.node.get_closest_marker("database"):
        yield
        return
    # Taken first, so that it is given back last.
    request.getfixturevalue("db")
    yield
    if not request.node.get_closest_marker("drifts") and Story.objects.exists():
        fold()
        assert list(votes.recount(repair=False)) == []
