"""Replicas that lag, die, freeze, turn into primaries or cancel queries: pages go on, own writes are seen."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from deploy.local import replication, statements
from deploy.local.fleet import Fleet
from deploy.local.members import Database
from tests.cluster.browsing import Browser
from tests.cluster.conftest import Member, put_out
from tests.replicas.servers import until

pytestmark = pytest.mark.cluster


def write(browser: Browser, story: str) -> str:
    """Comment on a story; the words."""
    words = f"Written at {time.monotonic_ns()}."
    assert browser.post(f"{story.rpartition('/')[0]}/comments/", text=words).status == 302
    return words


def all_see(member: Member, story: str, words: str) -> bool:
    """Whether both devices show it, each on either gunicorn."""
    return all(words in device.get(f"{story}?order=newest").text for device in member.devices * 3)


def is_out(here: Fleet, replica: Database) -> bool:
    alias = f"replica{here.replicas.index(replica) + 1}"
    return all(alias in put_out(gunicorn) for gunicorn in here.gunicorns)


def statuses(browser: Browser, pages: list[str]) -> set[int]:
    return {browser.get(page).status for page in pages}


def test_writer_sees_it_while_one_replica_stands_still(here: Fleet, members: list[Member], stories: list[str]) -> None:
    here.pause_replay(here.replicas[0])

    words = write(members[0].devices[0], stories[0])

    assert all_see(members[0], stories[0], words)


def test_writer_reads_the_primary_while_both_replicas_stand_still_and_replicas_afterwards(
    here: Fleet, members: list[Member], visitor: Browser, stories: list[str]
) -> None:
    for replica in here.replicas:
        here.pause_replay(replica)

    words = write(members[0].devices[0], stories[0])

    assert all_see(members[0], stories[0], words)
    # Whatever shows the change must have reached it, and for all, once Nginx asks again.
    until(lambda: words in visitor.get(f"{stories[0]}?order=newest").text)
    for replica in here.replicas:
        here.resume_replay(replica)
    # What a comment gives the workers to do, they ask the primary for.
    for other in (*here.workers, *here.schedulers):
        here.freeze(other)
    here.wait_for_replay()
    before = statements.counts(here.primary)
    assert all_see(members[0], stories[0], words)
    assert statements.counts(here.primary) - before == Counter()


def test_pages_go_on_without_a_replica_until_it_is_back(
    here: Fleet, member: Browser, visitor: Browser, pages: list[str]
) -> None:
    here.kill(here.replicas[0])

    assert statuses(visitor, pages) == statuses(member, pages) == {200}
    until(lambda: is_out(here, here.replicas[0]))
    here.restart(here.replicas[0])
    until(lambda: not is_out(here, here.replicas[0]))
    assert statuses(member, pages) == {200}


def test_pages_come_from_the_primary_without_any_replica(
    here: Fleet, member: Browser, visitor: Browser, pages: list[str], stories: list[str]
) -> None:
    for replica in here.replicas:
        here.kill(replica)

    words = write(member, stories[0])

    assert statuses(visitor, pages) == statuses(member, pages) == {200}
    # Nginx may show visitors what it has for two seconds more.
    until(lambda: words in visitor.get(f"{stories[0]}?order=newest").text)


def test_pages_go_on_with_a_frozen_replica(here: Fleet, member: Browser, visitor: Browser, pages: list[str]) -> None:
    here.freeze(here.replicas[0])

    with ThreadPoolExecutor(8) as many:
        found = set(many.map(lambda page: visitor.get(page).status, pages * 2))

    assert found == statuses(member, pages) == {200}
    until(lambda: is_out(here, here.replicas[0]))
    here.thaw(here.replicas[0])
    until(lambda: not is_out(here, here.replicas[0]))


def test_replica_that_became_a_primary_serves_nobody(
    here: Fleet, members: list[Member], visitor: Browser, pages: list[str], stories: list[str]
) -> None:
    stray = here.replicas[0]
    replication.promote(stray.server)

    words = write(members[0].devices[0], stories[0])

    assert all_see(members[0], stories[0], words)
    assert statuses(visitor, pages) == {200}
    until(lambda: is_out(here, stray))


def test_page_whose_query_replay_cancels_comes_from_another_server(here: Fleet, visitor: Browser) -> None:
    replica, other = here.replicas
    here.stop(other)
    until(lambda: is_out(here, other))
    replica.query("ALTER SYSTEM SET max_standby_streaming_delay = 0")
    replica.query("SELECT pg_reload_conf()")
    slow = "CREATE POLICY slow ON communities_tag USING (NOT pg_is_in_recovery() OR (SELECT pg_sleep(5)) IS NOT NULL)"
    here.primary.query(slow)
    here.primary.query("ALTER TABLE communities_tag ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    here.primary.query("CREATE TABLE dust AS SELECT generate_series(1, 1000) AS grain")
    here.wait_for_replay(replica)

    with ThreadPoolExecutor(1) as aside:
        reading = aside.submit(visitor.get, "/t/")
        until(lambda: bool(replica.query("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'")))
        here.primary.query("DELETE FROM dust")
        here.primary.query("VACUUM dust")
        page = reading.result()

    canceled = "SELECT confl_snapshot FROM pg_stat_database_conflicts WHERE datname = current_database()"
    here.primary.query("ALTER TABLE communities_tag DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY")
    here.primary.query("DROP POLICY slow ON communities_tag")
    here.primary.query("DROP TABLE dust")
    replica.query("ALTER SYSTEM RESET max_standby_streaming_delay")
    replica.query("SELECT pg_reload_conf()")
    assert page.status == 200
    assert "performance" in page.text
    until(lambda: replica.query(canceled)[0][0] > 0)
    assert not is_out(here, replica)
