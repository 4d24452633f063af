"""A page that is open while others write."""

from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from apps.comments.actions import delete_comment, post_comment
from apps.comments.models import Comment
from tests.factories import CommentFactory
from tests.journeys.conftest import PATIENCE_MILLISECONDS, LogIn
from tests.live.conftest import is_live, redis, redis_server
from tests.live.servers import serving
from tests.notifications.working import num_unread, work
from tests.pagecache.servers import RedisServer
from tests.scene import Scene

__all__ = ["is_live", "redis", "redis_server"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("is_live"),
]
PLACES = """[...document.querySelectorAll("h1, h2, .comment, textarea")].map((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [element.id, x, y, width, height];
})"""


@pytest.fixture
def live_server(is_live: None, transactional_db: None) -> Iterator[LiveServer]:
    """One that has begun with these settings."""
    server = LiveServer("localhost")
    yield server
    server.stop()


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, redis: RedisServer) -> Iterator[Page]:
    """A browser that finds a live service at the site's address, as Nginx has it."""
    with serving(redis.url) as live:
        context = browser.new_context(base_url=live_server.url, viewport={"width": 390, "height": 600})
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        context.route(
            "**/live/**",
            lambda route: route.continue_(
                url=route.request.url.replace(live_server.url, f"http://127.0.0.1:{live.port}")
            ),
        )
        yield context.new_page()
        context.close()


def write(scene: Scene, parent: Comment | None = None) -> Comment:
    return post_comment(by=scene.stranger, story=scene.story, parent=parent, text="Just now.", now=timezone.now())


def open_thread(page: Page, scene: Scene) -> None:
    """And listen."""
    with page.expect_response("**/live/stream**"):
        page.goto(scene.story.get_absolute_url())


def test_a_reader_is_told_of_new_comments_and_nothing_moves(page: Page, scene: Scene) -> None:
    for _ in range(5):
        CommentFactory.create(story=scene.story)
    open_thread(page, scene)
    page.evaluate("scrollTo({top: 500, behavior: 'instant'})")
    before = page.evaluate(PLACES)

    written = write(scene), write(scene, parent=scene.comment)
    notice = page.get_by_role("status").get_by_role("link", name="2 new comments")
    expect(notice).to_be_in_viewport()
    scene.story.refresh_from_db()
    expect(page.get_by_role("heading", name=f"{scene.story.num_comments} comments")).to_be_attached()
    assert page.evaluate(PLACES) == before

    notice.click()
    expect(page.locator(f"#c{written[0].pk}")).to_be_focused()
    expect(page.locator(f"#c{scene.comment.pk}").locator(f"#c{written[1].pk}")).to_contain_text("Just now.")
    expect(notice).to_be_hidden()


def test_a_reply_that_is_being_typed_stays(page: Page, scene: Scene, log_in: LogIn) -> None:
    log_in(scene.member)
    open_thread(page, scene)
    page.locator(f"#c{scene.comment.pk} > details > .comment-foot").get_by_role("link", name="reply").click()
    page.get_by_label("Your reply").fill("Half a thought")

    write(scene, parent=scene.comment)
    page.get_by_role("link", name="1 new comment").press("Enter")

    expect(page.get_by_text("Just now.")).to_be_visible()
    expect(page.get_by_label("Your reply")).to_have_value("Half a thought")


def test_ones_own_comment_is_no_news(page: Page, scene: Scene, log_in: LogIn) -> None:
    log_in(scene.member)
    open_thread(page, scene)
    page.get_by_label("Your comment").fill("My own.")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.get_by_text("My own.")).to_be_visible()

    write(scene)

    expect(page.get_by_role("link", name="1 new comment")).to_be_visible()


def test_what_is_gone_again_is_not_shown(page: Page, scene: Scene) -> None:
    open_thread(page, scene)
    comment = write(scene)
    notice = page.get_by_role("link", name="1 new comment")
    expect(notice).to_be_visible()
    delete_comment(by=scene.stranger, comment=comment, now=timezone.now())

    notice.click()

    expect(page.get_by_role("status").get_by_role("link")).to_have_count(0)
    expect(page.locator(f"#c{comment.pk}")).to_have_count(0)


def test_what_has_no_place_on_the_page_is_shown_by_itself(page: Page, scene: Scene) -> None:
    open_thread(page, scene)
    page.locator(f"#c{scene.comment.pk}").evaluate("comment => comment.remove()")
    write(scene, parent=scene.comment)

    page.get_by_role("link", name="1 new comment").click()

    expect(page.get_by_role("heading", name="New comments")).to_be_visible()
    expect(page.get_by_text("Just now.")).to_be_visible()


def test_a_page_that_was_out_of_sight_hears_what_it_has_missed(page: Page, scene: Scene) -> None:
    open_thread(page, scene)
    look(page, is_hidden=True)
    write(scene)

    with page.expect_response("**/live/stream**"):
        look(page, is_hidden=False)

    expect(page.get_by_role("link", name="1 new comment")).to_be_visible()


def test_the_number_of_what_is_unread_follows(page: Page, scene: Scene, log_in: LogIn) -> None:
    work()
    before = num_unread(scene.member)
    log_in(scene.member)
    with page.expect_response("**/live/stream**"):
        page.goto("/newest")
    expect(page.get_by_role("link", name=f"Inbox {before} unread")).to_be_visible()

    write(scene)
    work()

    expect(page.get_by_role("link", name=f"Inbox {before + 1} unread")).to_be_visible()


def test_visitors_listen_only_where_there_is_something_to_hear(page: Page, scene: Scene) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto("/newest")
    page.goto("/u/mia/")

    assert [url for url in asked if "/live/" in url] == []


def test_a_service_that_is_away_is_asked_again_later_and_nothing_else_happens(
    browser: Browser, live_server: LiveServer, scene: Scene
) -> None:
    context = browser.new_context(base_url=live_server.url)
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    page = context.new_page()
    page.clock.install()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/live/" in request.url else None)
    with page.expect_response("**/live/stream**"):
        page.goto(scene.story.get_absolute_url())

    page.clock.run_for(3600_000)

    assert len(asked) <= 12
    expect(page.locator("[data-failure]")).to_be_hidden()
    expect(page.get_by_role("status").get_by_role("link")).to_have_count(0)
    context.close()


def look(page: Page, *, is_hidden: bool) -> None:
    """Another tab comes before the page, or goes away again."""
    page.evaluate(
        """(isHidden) => {
            Object.defineProperty(document, "hidden", { value: isHidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        is_hidden,
    )
