"""A real primary and standby behind gunicorn: own writes are seen while replay stands still, reading never ends."""

import time
from collections.abc import Iterator

import pytest

from apps.replicas import tokens
from deploy.local import postgres, processes
from tests.replicas.servers import SETTINGS, Pair, Visitor, pair, serving, until

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def servers() -> Iterator[Pair]:
    with pair() as servers:
        yield servers


@pytest.fixture(scope="module")
def address(servers: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    # A standby that stands still is asked on, however long a test of it takes.
    with serving(servers, tmp_path_factory.mktemp("var"), REPLICA_LAG_LIMIT="3600") as address:
        yield address


@pytest.fixture(scope="module")
def restarted(servers: Pair) -> Iterator[list[processes.Process]]:
    """What takes the place of killed servers, for the tests that come after."""
    started: list[processes.Process] = []
    yield started
    for process in started:
        processes.stop(process, postgres.ENDING)


@pytest.fixture
def member(address: str) -> Visitor:
    visitor = Visitor(address)
    visitor.send("/sign-in", "ada")
    return visitor


@pytest.fixture
def paused(servers: Pair, member: Visitor) -> Iterator[None]:
    """The standby knows the member and stands still."""
    servers.wait_for_replay()
    servers.standby.query("SELECT pg_wal_replay_pause()")
    yield
    servers.standby.query("SELECT pg_wal_replay_resume()")
    servers.wait_for_replay()


def test_writer_reads_the_primary_until_the_standby_has_replayed(
    servers: Pair, address: str, member: Visitor, paused: None
) -> None:
    member.send("/add", "mine")

    seen = [member.read() for _ in range(6)]  # by both workers
    stranger = Visitor(address).read()
    servers.standby.query("SELECT pg_wal_replay_resume()")
    servers.wait_for_replay()
    # One that was slow to answer may be put out until it has done well for some rounds.
    until(lambda: member.read()["database"] == "replica1")
    later = member.read()

    assert all("mine" in page["names"] and page["database"] == "default" for page in seen)
    assert "mine" not in stranger["names"]
    assert stranger["database"] == "replica1"
    assert "mine" in later["names"]
    assert later["database"] == "replica1"
    assert later["person"] == "ada"


def test_changed_password_on_a_late_standby_logs_nobody_out(member: Visitor, paused: None) -> None:
    member.send("/change-password")

    assert {member.read()["person"] for _ in range(4)} == {"ada"}


def test_standby_reaches_a_position_that_ends_on_a_page(bare: Pair) -> None:
    segment = 16 * 1024 * 1024
    found: list[tuple[int, int]] = []

    def is_found() -> bool:
        """Unless the server wrote something of its own meanwhile, as it does from time to time."""
        position = fill_page(bare.primary)
        until(lambda: replayed(bare.standby) >= tokens.normalized(position, segment))
        found.append((position, replayed(bare.standby)))
        return inserted(bare.primary) == position

    until(is_found)

    position, reached = found[-1]
    assert position % tokens.PAGE == tokens.PAGE_HEADER
    assert reached == tokens.normalized(position, segment)


def test_killed_primary_leaves_the_site_readable_and_its_return_is_noticed(
    servers: Pair, member: Visitor, restarted: list[processes.Process]
) -> None:
    servers.wait_for_replay()
    processes.kill(servers.primary.process)
    began = time.monotonic()

    pages = [member.read() for _ in range(6)]
    reading = time.monotonic() - began
    status, text = member.send("/add", "typed")
    program = postgres.program_on(servers.primary.data, servers.primary.password, SETTINGS, servers.primary.port)
    restarted.append(processes.start(program))
    until(lambda: member.send("/add", "after all")[0] == 200)
    page = member.read()

    assert {(page["database"], page["person"], bool(page["notice"])) for page in pages} == {("replica1", "ada", True)}
    assert reading < 20
    assert status == 503
    assert "typed" in text
    assert "after all" in page["names"]
    assert not page["notice"]


def fill_page(primary: postgres.Server) -> int:
    """Write until a record ends exactly on a page; the insert position after it."""
    for _ in range(200):
        before = inserted(primary)
        length = emit(primary, 0) - before
        emit(primary, max(0, left(primary) - 150))
        # What is left holds one record; its length grows with the text in steps of 8 bytes.
        if (position := emit(primary, left(primary) - length)) % tokens.PAGE == tokens.PAGE_HEADER:
            return position
    raise AssertionError("No record ended on a page.")


def emit(primary: postgres.Server, size: int) -> int:
    primary.query("SELECT pg_logical_emit_message(false, 'fill', repeat('x', %s))", [max(0, size)])
    return inserted(primary)


def left(primary: postgres.Server) -> int:
    return tokens.PAGE - inserted(primary) % tokens.PAGE


def inserted(primary: postgres.Server) -> int:
    return int(primary.query("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')")[0][0])


def replayed(standby: postgres.Server) -> int:
    return int(standby.query("SELECT pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')")[0][0])
