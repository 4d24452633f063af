"""A browser, a site to visit with and without JavaScript, and the scene on it."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from apps.accounts.models import User
from tests.journeys.browsers import chromium
from tests.scene import Scene, build

# A limit is only paid by what fails, but a page that is broken fails many.
PATIENCE_MILLISECONDS = 60_000

LogIn = Callable[[User], None]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as environment, chromium() as browser:
        # Playwright runs a loop in this thread; Django would take its tests for asynchronous code.
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        expect.set_options(timeout=PATIENCE_MILLISECONDS)
        yield browser


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    return build(timezone.now())


@pytest.fixture(params=[True, False], ids=["with-javascript", "without-javascript"])
def has_javascript(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, has_javascript: bool) -> Iterator[Page]:
    context = browser.new_context(base_url=live_server.url, java_script_enabled=has_javascript)
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    yield context.new_page()
    context.close()


@pytest.fixture
def log_in(page: Page, live_server: LiveServer) -> LogIn:
    """Give the browser a member's session, as the log-in page would."""

    def give_session(person: User) -> None:
        client = Client()
        client.force_login(person)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])

    return give_session
