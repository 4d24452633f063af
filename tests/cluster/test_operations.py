"""The operations page of a whole fleet: all services, whichever gunicorn answers, also while servers are gone."""

from collections.abc import Iterator

import pytest

from deploy.local.fleet import Fleet
from tests.cluster.browsing import Browser
from tests.cluster.conftest import NAMES
from tests.replicas.servers import until

pytestmark = pytest.mark.cluster

NAME = NAMES[1]
SERVICES = {"web-0", "web-1", "worker-0", "worker-1", "worker-2", "scheduler-0", "scheduler-1"}
RIGHTS = "UPDATE accounts_user SET is_staff = %s, is_superuser = %s WHERE username = %s"


@pytest.fixture(scope="module")
def operator(whole: Fleet, sessions: dict[str, list[str]]) -> Iterator[Browser]:
    whole.primary.query(RIGHTS, [True, True, NAME])
    whole.wait_for_replay()
    yield Browser(whole.address, sessions[NAME][0])
    whole.primary.query(RIGHTS, [False, False, NAME])


def all_show(operator: Browser, words: str) -> bool:
    """Whether the words stand on the page, whichever gunicorn answers."""
    return all(words in operator.get("/admin/operations/").text for _ in range(6))


def test_every_service_tells_of_itself_and_of_its_jobs(here: Fleet, operator: Browser) -> None:
    until(lambda: all(all_show(operator, f"/{service}</th>") for service in SERVICES))
    # One that is due each minute.
    until(lambda: all_show(operator, ">stories.warm_up</th>"))


def test_replica_that_is_gone_is_shown(here: Fleet, operator: Browser) -> None:
    here.kill(here.replicas[0])

    until(lambda: all_show(operator, "<b>! replica1</b> takes no reads"))


def test_page_says_that_the_primary_is_gone(here: Fleet, operator: Browser) -> None:
    here.kill(here.primary)

    until(lambda: all_show(operator, "The site is <b>read-only</b>"))
