"""The primary dies, freezes, comes back, or gives way to a replica: reading goes on, no acknowledged write is lost."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from deploy.local.fleet import Fleet
from tests.cluster.browsing import Browser
from tests.cluster.conftest import Member, mend, put_out, restart_site
from tests.cluster.writing import acknowledged, comments, kept, writing
from tests.replicas.servers import until

pytestmark = pytest.mark.cluster
NOTICE = "The site is read-only for the moment"


def test_without_the_primary_every_page_is_there_within_a_second(
    here: Fleet, member: Browser, visitor: Browser, pages: list[str]
) -> None:
    def read_all() -> tuple[set[int], float]:
        """The statuses of all pages, and the seconds until the last was there."""
        began = time.monotonic()
        return set(threads.map(lambda page: visitor.get(page).status, pages)), time.monotonic() - began

    with ThreadPoolExecutor(len(pages)) as threads:
        read_all()
        _, usual = read_all()
        here.kill(here.primary)
        statuses, seconds = read_all()

    assert statuses == {200}
    # On a machine that is busy with something else they take their time before, too.
    assert seconds < usual + 1
    assert {member.get(page).status for page in pages} == {200}
    until(lambda: all("default" in put_out(gunicorn) for gunicorn in here.gunicorns))
    assert all(NOTICE in member.get(page).text for page in pages)
    # Nginx may show visitors what it has for two seconds more.
    until(lambda: all(NOTICE in visitor.get(page).text for page in pages))


def test_write_without_the_primary_is_refused_with_what_was_typed(
    here: Fleet, member: Browser, stories: list[str]
) -> None:
    here.kill(here.primary)

    refused = [member.post(comments(stories[0]), text="Long thoughts, typed slowly.") for _ in range(4)]

    assert {page.status for page in refused} == {503}
    assert all(int(page.headers["Retry-After"]) > 0 for page in refused)
    assert all("Long thoughts, typed slowly." in page.text for page in refused)
    assert member.is_signed_in()


def test_no_acknowledged_write_is_lost_with_the_primary(here: Fleet, members: list[Member], stories: list[str]) -> None:
    with writing(members, stories) as answers:
        until(lambda: len(acknowledged(answers)) > 10)
        here.kill(here.primary)
        until(lambda: any(page.status == 503 for page in answers.copy().values()))
        here.restart(here.primary)
        before = len(acknowledged(answers.copy()))
        until(lambda: len(acknowledged(answers.copy())) > before + 10)

    assert {page.status for page in answers.values()} == {302, 503}
    assert acknowledged(answers) <= kept(here)


def test_frozen_primary_leaves_the_pages_and_takes_writes_again_when_thawed(
    here: Fleet, member: Browser, visitor: Browser, pages: list[str], stories: list[str]
) -> None:
    here.wait_for_replay()
    here.freeze(here.primary)

    assert {reader.get(page).status for page in pages for reader in (visitor, member)} == {200}
    assert member.post(comments(stories[0]), text="Into the ice").status == 503
    here.thaw(here.primary)
    until(lambda: member.post(comments(stories[0]), text="After the ice").status == 302)
    assert "After the ice" in member.get(f"{stories[0]}?order=newest").text


def test_site_moves_to_a_promoted_replica_and_the_old_primary_rejoins(
    here: Fleet, members: list[Member], visitor: Browser, pages: list[str], stories: list[str]
) -> None:
    old, (new, other) = here.primary, here.replicas
    with writing(members, stories) as answers:
        until(lambda: len(acknowledged(answers.copy())) > 10)
    here.wait_for_replay()
    here.kill(old)

    here.promote(new)
    here.follow(other, new)
    during = {visitor.get(page).status for page in pages}
    restart_site(here)
    here.rewind(old)
    mend(here)
    with writing(members, stories) as later:
        until(lambda: len(acknowledged(later.copy())) > 10)
    here.wait_for_replay()

    assert during == {200}
    assert acknowledged(answers) | acknowledged(later) <= kept(here)
    assert all(device.is_signed_in() for one in members for device in one.devices)
    assert len({database.query("SELECT max(id) FROM comments_comment")[0] for database in here.databases}) == 1
