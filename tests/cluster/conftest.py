"""One fleet for all tests here, mended after each, and people before it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from deploy.local import fleet, replication, scratch
from deploy.local.fleet import Fleet
from deploy.local.members import Gunicorn
from tests.cluster.browsing import Browser
from tests.cluster.people import PASSWORD
from tests.replicas.servers import until

NAMES = ("ada", "bo", "cleo", "dan")
VERDICT = re.compile(r'"event": "(\w+) is (put out|taken in)')


@dataclass
class Member:
    """A person with two devices: what one has done, the other must show."""

    name: str
    devices: list[Browser]


@pytest.fixture(scope="session")
def whole() -> Iterator[Fleet]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEB_WORKERS", "1")
        with fleet.running() as running:
            yield running


@pytest.fixture(scope="session")
def sessions(whole: Fleet) -> dict[str, list[str]]:
    command = [sys.executable, "-m", "tests.cluster.people", *NAMES]
    environment = {**os.environ, **whole.environment}
    said = subprocess.run(command, cwd=scratch.ROOT, env=environment, check=True, capture_output=True, text=True)
    whole.wait_for_replay()
    return dict(json.loads(said.stdout))


@pytest.fixture(scope="session")
def resident(whole: Fleet, sessions: dict[str, list[str]]) -> Browser:
    """Somebody who has signed in once, by the form, before all faults."""
    browser = Browser(whole.address)
    browser.post("/account/login/", login=NAMES[0], password=PASSWORD)
    assert browser.is_signed_in()
    return browser


@pytest.fixture
def here(whole: Fleet, resident: Browser) -> Iterator[Fleet]:
    yield whole
    assert resident.is_signed_in()
    mend(whole)
    assert resident.is_signed_in()


@pytest.fixture
def members(here: Fleet, sessions: dict[str, list[str]]) -> list[Member]:
    return [Member(name, [Browser(here.address, key) for key in keys]) for name, keys in sessions.items()]


@pytest.fixture
def member(members: list[Member]) -> Browser:
    return members[0].devices[0]


@pytest.fixture
def visitor(here: Fleet) -> Browser:
    return Browser(here.address)


def mend(here: Fleet) -> None:
    """Whatever was done to it: all servers run, the replicas follow, and the gunicorns know."""
    for one in here.members:
        here.thaw(one)
    here.start()
    for replica in here.replicas:
        if not replication.is_standby(replica.server):
            here.rewind(replica)
        here.resume_replay(replica)
    here.wait_for_replay()
    until(lambda: not any(put_out(gunicorn) for gunicorn in here.gunicorns))


def put_out(gunicorn: Gunicorn) -> set[str]:
    """The aliases that get no reads from it, as its log says."""
    verdicts = dict(VERDICT.findall((gunicorn.directory / "log").read_text(encoding="utf-8")))
    return {alias for alias, verdict in verdicts.items() if verdict == "put out"}


def restart_site(here: Fleet) -> None:
    """With the addresses of now, all of the site's code at once; each begins its log anew."""
    # Those that somebody waits for come last: the others start meanwhile.
    members = (*here.workers, *here.schedulers, here.live, *here.gunicorns)
    here.stop(*members)
    for member in members:
        (member.directory / "log").write_text("", encoding="utf-8")
        here.restart(member)


@pytest.fixture(scope="session")
def stories(whole: Fleet) -> list[str]:
    """Threads that take comments, one for each member, by their addresses."""
    found = whole.primary.query(
        "SELECT id, slug FROM stories_story WHERE removed_at IS NULL AND deleted_at IS NULL AND held_at IS NULL"
        " AND locked_at IS NULL ORDER BY created_at DESC LIMIT %s",
        [len(NAMES)],
    )
    return [f"/s/{pk}/{slug or '-'}" for pk, slug in found]


@pytest.fixture(scope="session")
def pages(whole: Fleet, stories: list[str]) -> list[str]:
    """One of each kind that people read."""
    [(comment,)] = whole.primary.query("SELECT max(id) FROM comments_comment")
    [(author, place)] = whole.primary.query(
        "SELECT username, place.slug FROM stories_story JOIN accounts_user ON accounts_user.id = author_id"
        " JOIN communities_community AS place ON place.id = community_id ORDER BY stories_story.id LIMIT 1"
    )
    return [
        *("/", "/newest", stories[0], f"/comments/{comment}", f"/u/{author}/"),
        *(f"/c/{place}/", "/t/performance/", "/moderation/log"),
    ]
