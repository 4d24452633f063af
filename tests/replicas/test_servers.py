"""What is known of servers, and which one is picked."""

import pytest

from apps.replicas import tokens
from apps.replicas.servers import BREAKER_SECONDS, Fleet, Server
from apps.replicas.state import Freshness, freshness
from tests.replicas.fakes import StandIn, conflict, lost


@pytest.fixture
def one() -> StandIn:
    return StandIn("replica1", position=10)


@pytest.fixture
def two() -> StandIn:
    return StandIn("replica2", position=20)


@pytest.fixture
def fleet(one: StandIn, two: StandIn) -> Fleet:
    return Fleet(StandIn("default"), [one, two])


def test_read_goes_to_the_replica_that_has_reached_the_token(fleet: Fleet) -> None:
    assert {fleet.pick(Freshness(needed=15)) for _ in range(20)} == {"replica2"}


def test_read_without_a_token_is_spread_over_all_replicas_without_a_question(
    fleet: Fleet, one: StandIn, two: StandIn
) -> None:
    chosen = {fleet.pick(Freshness()) for _ in range(50)}

    assert chosen == {"replica1", "replica2"}
    assert one.num_questions == two.num_questions == 0


def test_read_that_no_replica_is_fresh_enough_for_goes_to_the_primary(fleet: Fleet) -> None:
    state = Freshness(needed=21)

    assert fleet.pick(state) == "default"
    assert state.chosen == "default"


def test_standby_left_behind_by_a_failover_is_not_fresh_however_far_it_is(fleet: Fleet, two: StandIn) -> None:
    two.position = tokens.token(1, 100)

    assert fleet.pick(Freshness(needed=tokens.token(2, 95))) == "default"


def test_known_bound_saves_the_question(fleet: Fleet, two: StandIn) -> None:
    fleet.pick(Freshness(needed=15))
    asked = two.num_questions

    assert fleet.pick(Freshness(needed=20)) == "replica2"
    assert two.num_questions == asked


def test_less_busy_replica_is_picked(fleet: Fleet, one: StandIn) -> None:
    one.count(5)

    assert {fleet.pick(Freshness()) for _ in range(4)} == {"replica2"}


def test_end_of_a_block_makes_room(fleet: Fleet, two: StandIn) -> None:
    with freshness(at_least=15) as state:
        fleet.pick(state)
        assert two.num_readers == 1

    assert two.num_readers == 0


def test_server_that_is_out_is_not_picked(fleet: Fleet, one: StandIn) -> None:
    one.is_serving = False

    assert {fleet.pick(Freshness()) for _ in range(20)} == {"replica2"}


def test_server_that_cannot_be_reached_is_passed_over(fleet: Fleet, one: StandIn) -> None:
    one.error = lost()

    assert {fleet.pick(Freshness()) for _ in range(20)} == {"replica2"}


def test_without_a_primary_the_newest_replica_serves_whatever_the_token(fleet: Fleet, two: StandIn) -> None:
    two.known = 20

    assert fleet.pick(Freshness(needed=99, is_relaxed=True)) == "replica2"


def test_three_lost_connections_in_ten_seconds_are_too_many() -> None:
    server = Server("replica1")

    assert [server.lose(at) for at in (0, 1, 2)] == [False, False, True]


def test_three_lost_connections_over_a_longer_time_are_not() -> None:
    server = Server("replica1")

    assert [server.lose(at) for at in (0, 1, BREAKER_SECONDS + 1)] == [False, False, False]


def test_lost_server_is_put_out_when_a_prober_can_take_it_in(fleet: Fleet, one: StandIn) -> None:
    fleet.is_watched = True

    for _ in range(3):
        fleet.report("replica1", lost(), None)

    assert not one.is_serving


def test_lost_server_stays_where_no_prober_runs(fleet: Fleet, one: StandIn) -> None:
    for _ in range(3):
        fleet.report("replica1", lost(), None)

    assert one.is_serving


def test_conflict_with_replay_turns_the_request_elsewhere_and_puts_nobody_out(fleet: Fleet, one: StandIn) -> None:
    fleet.is_watched = True
    state = Freshness()

    for _ in range(3):
        fleet.report("replica1", conflict(), state)

    assert state.tried == {"replica1"}
    assert one.is_serving


def test_serialization_failure_on_the_primary_is_the_views_own_matter(fleet: Fleet) -> None:
    state = Freshness()

    fleet.report("default", conflict(), state)

    assert not state.failed


def test_bound_only_rises() -> None:
    server = Server("replica1")

    server.learn(20, server.epoch)
    server.learn(10, server.epoch)

    assert server.known == 20


def test_new_connection_drops_the_bound_of_a_server_that_restarted_behind() -> None:
    server = Server("replica1")
    server.learn(20, server.epoch)

    server.begin(15, server.epoch)

    assert server.known == 15


def test_measurement_from_before_a_restart_no_longer_counts() -> None:
    server = Server("replica1")
    earlier = server.epoch

    server.begin(15, server.epoch)
    server.learn(20, earlier)
    server.begin(20, earlier)

    assert server.known == 15
