"""HAProxy in the place of Nginx: pages, writes and live updates through it, and gunicorns that go."""

import json
from collections.abc import Iterator

import pytest

from deploy.local.fleet import Fleet
from tests.cluster.browsing import Browser, reading
from tests.cluster.conftest import Member
from tests.deploy.balancer import Balancer, balancing
from tests.live.listening import listening
from tests.replicas.servers import until

pytestmark = pytest.mark.cluster

UP = "Server gunicorns/app1 is UP"
KEPT = "pages; hit; detail=hit"


@pytest.fixture
def balancer(here: Fleet) -> Iterator[Balancer]:
    gunicorns = [f"127.0.0.1:{gunicorn.port}" for gunicorn in here.gunicorns]
    with balancing(gunicorns, f"127.0.0.1:{here.live.port}") as balancer:
        yield balancer


@pytest.fixture
def visitor(balancer: Balancer) -> Browser:
    return at(balancer)


@pytest.fixture
def devices(balancer: Balancer, members: list[Member]) -> list[Browser]:
    """Both of one member's."""
    return [at(balancer, device.cookies["sessionid"]) for device in members[0].devices]


def at(balancer: Balancer, session: str = "") -> Browser:
    return Browser(f"http://127.0.0.1:{balancer.port}", session)


def test_visitors_get_kept_pages_and_their_files_from_the_gunicorns(
    here: Fleet, visitor: Browser, pages: list[str]
) -> None:
    manifest = json.loads((here.static_root / "staticfiles.json").read_text(encoding="utf-8"))

    answers = [visitor.get(page) for page in pages * 2]
    # Workers may still purge what a test before has changed.
    until(lambda: {visitor.get(page).headers["Cache-Status"] for page in pages} == {KEPT})
    style = visitor.get(f"/static/{manifest['paths']['css/tokens.css']}")

    assert {answer.status for answer in answers} == {200}
    assert len({answer.headers["X-Request-ID"] for answer in answers}) == len(answers)
    assert (style.status, style.headers["Cache-Control"]) == (200, "max-age=315360000, public, immutable")


def test_a_member_sees_at_once_what_they_have_written_on_any_device(
    here: Fleet, devices: list[Browser], stories: list[str]
) -> None:
    for replica in here.replicas:
        here.pause_replay(replica)

    for number in range(6):
        words = f"Number {number} through HAProxy."
        assert devices[0].post(f"{stories[0].rpartition('/')[0]}/comments/", text=words).status == 302
        assert all(words in device.get(f"{stories[0]}?order=newest").text for device in devices)


def test_an_open_page_hears_of_a_comment(balancer: Balancer, devices: list[Browser], stories: list[str]) -> None:
    story = stories[1].rpartition("/")[0]
    with listening(balancer.port, f"story:{story.removeprefix('/s/')}") as ear:
        written = devices[0].post(f"{story}/comments/", text="Heard through HAProxy.").target

        assert ear.hear_of("comment").data["id"] == written


def test_no_page_fails_while_a_gunicorn_is_killed_and_then_the_other_one_ends(
    here: Fleet, balancer: Balancer, visitor: Browser, devices: list[Browser], pages: list[str]
) -> None:
    killed, ended = here.gunicorns
    with reading([visitor, *devices], pages) as statuses:

        def read_on() -> None:
            told = statuses.total()
            until(lambda: statuses.total() > told + 5 * len(pages))

        read_on()
        here.kill(killed)
        read_on()
        here.restart(killed)
        until(lambda: balancer.num_told(UP) > 0)
        here.stop(ended)
        read_on()

    assert set(statuses) == {200}
