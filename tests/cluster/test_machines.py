"""The fleet on machines of their own: each can be cut off, and the rest goes on."""

import time
from collections.abc import Iterator

import pytest

from deploy.local import fleet, machines, roster
from deploy.local.fleet import Fleet
from deploy.local.machines import Network
from tests.cluster.browsing import Browser
from tests.replicas.servers import until

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(not machines.are_allowed(), reason="only root may make network namespaces"),
]

PAGES = ["/", "/newest", "/t/", "/comments/"]
# A connection that nobody answers is given up after a second or two, and another server is asked.
PATIENCE = 20


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with machines.connected() as network:
        yield network
    assert network.machines["app1"].network not in machines.ip("netns", "list")


@pytest.fixture(scope="module")
def apart(network: Network) -> Iterator[Fleet]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEB_WORKERS", "1")
        with fleet.running(network.places(roster.KINDS)) as running:
            yield running


def slowest(visitor: Browser) -> float:
    """Seconds, of the pages as the gunicorns render them."""
    seconds = []
    for number in range(3):
        for page in PAGES:
            began = time.monotonic()
            assert visitor.get(f"{page}?{number}").status == 200
            seconds.append(time.monotonic() - began)
    return max(seconds)


@pytest.mark.parametrize("name", ["app1", "replica1", "cache", "worker"])
def test_pages_go_on_without_a_machine(apart: Fleet, network: Network, name: str) -> None:
    # Past the cache of visitors, as somebody who has chosen a theme.
    visitor = Browser(apart.address)
    visitor.cookies["theme"] = "dark"
    assert slowest(visitor) < PATIENCE

    network.cut_off(name)
    found = slowest(visitor)
    network.join(name)

    assert found < PATIENCE
    until(lambda: slowest(visitor) < PATIENCE)


def test_each_machine_has_its_servers_and_no_other_hears_for_them(apart: Fleet, network: Network) -> None:
    addresses = {member.host for member in apart.members if member.state == "running"}

    assert addresses == {machine.address for machine in network.machines.values()}
    listening = machines.ip("netns", "pids", network.machines["app1"].network).split()
    assert str(apart.gunicorns[0].pid) in listening
    assert str(apart.gunicorns[1].pid) not in listening
