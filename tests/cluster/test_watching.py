"""What the fleet tells of itself: to Prometheus, in figures that are right, and in the log, by one id."""

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from deploy.grafana import dashboard
from deploy.local.fleet import Fleet
from tests.cluster.browsing import Browser
from tests.cluster.conftest import NAMES, restart_site
from tests.replicas.servers import until

pytestmark = pytest.mark.cluster

SERVICES = {
    *("gunicorn1", "gunicorn2", "live", "scheduler1", "scheduler2"),
    *("worker-fast", "worker-default", "worker-slow"),
}


class Watched:
    """The fleet, and what its Prometheus says of it."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet

    def rules(self) -> list[dict[str, Any]]:
        groups = self._ask("/api/v1/rules")["groups"]
        return [rule for group in groups for rule in group["rules"]]

    def ask(self, query: str) -> dict[str, float]:
        """The values of a query, each by its labels."""
        found = self._ask(f"/api/v1/query?query={quote(query)}")["result"]
        return {",".join(sorted(one["metric"].values())): float(one["value"][1]) for one in found}

    def total(self, query: str) -> float:
        return sum(self.ask(query).values())

    def _ask(self, path: str) -> Any:
        with urlopen(self.fleet.prometheus.url + path) as answer:
            return json.load(answer)["data"]


@pytest.fixture(scope="module")
def watched(whole: Fleet, sessions: dict[str, list[str]], stories: list[str]) -> Iterator[Watched]:
    """With all services counting from zero, and people on the site."""
    whole.is_watched = True
    restart_site(whole)
    whole.start()
    here = Watched(whole)
    until(lambda: set(here.ask("sum by (service) (up) == 1")) == SERVICES)
    for _ in range(3):
        use(here, sessions, stories)
    yield here
    whole.is_watched = False
    whole.stop(whole.prometheus)
    restart_site(whole)


def use(here: Watched, sessions: dict[str, list[str]], stories: list[str]) -> None:
    """What two people do in a moment; until Prometheus has heard of it."""
    query = 'requests_seconds_count{view="comments.thread"}'
    before = here.total(query)
    visitor, member = (Browser(here.fleet.address, session) for session in ("", sessions[NAMES[0]][0]))
    for path in ("/", "/newest", *stories):
        assert visitor.get(path).status == member.get(path).status == 200
    member.post(f"{stories[0].rpartition('/')[0]}/comments/", text=f"Watched at {time.monotonic()}.")
    until(lambda: here.total(query) > before)


def test_every_chart_shows_something(watched: Watched) -> None:
    charts = [panel for panel in dashboard.panels() if not panel.may_be_empty]

    until(lambda: not empty(watched, charts))

    assert empty(watched, charts) == []


def empty(watched: Watched, charts: list[dashboard.Panel]) -> list[str]:
    return [panel.title for panel in charts if not watched.ask(panel.query)]


def test_charts_of_what_has_not_happened_are_understood(watched: Watched) -> None:
    for panel in dashboard.panels():
        watched.ask(panel.query)


def test_every_rule_is_evaluated_without_an_error(watched: Watched) -> None:
    until(lambda: all(rule["health"] == "ok" for rule in watched.rules()))

    assert {rule["name"] for rule in watched.rules() if rule["health"] != "ok"} == set()
    assert len(watched.rules()) == 31


def test_requests_are_counted_once_whichever_process_answers(watched: Watched, visitor: Browser) -> None:
    query = 'requests_seconds_count{view="accounts.profile",status="200"}'

    before = watched.total(query)
    for number in range(30):
        # Not Nginx's own copies.
        visitor.get(f"/u/{NAMES[0]}/?number={number}")

    until(lambda: watched.total(query) == before + 30)


def test_canary_finds_that_writes_are_seen(watched: Watched) -> None:
    until(lambda: watched.total('canary_writes_total{outcome="seen"}') >= 2)

    assert watched.total('canary_writes_total{outcome!="seen"}') == 0


def test_metrics_are_not_reached_by_the_door(watched: Watched, visitor: Browser) -> None:
    assert visitor.get("/metrics").status == 404


def test_every_line_of_every_service_is_json(watched: Watched) -> None:
    texts = {
        member.name: (member.directory / "log").read_text(encoding="utf-8")
        for member in watched.fleet.members
        if member.is_counting
    }

    assert set(texts) == SERVICES
    assert [
        (name, line) for name, text in texts.items() for line in text.splitlines() if not line.startswith("{")
    ] == []


def test_one_id_leads_from_nginx_through_gunicorn_to_the_job(
    watched: Watched, visitor: Browser, member: Browser, stories: list[str]
) -> None:
    here = watched.fleet

    refused = visitor.get("/u/nobody-of-this-name/").headers["X-Request-ID"]
    written = member.post(f"{stories[0].rpartition('/')[0]}/comments/", text="With an id.").headers["X-Request-ID"]
    until(lambda: any(entry.get("request_id") == refused for entry in log_of_gunicorns(here)))

    access = here.nginx.directory / "access.log"
    until(lambda: refused in access.read_text(encoding="utf-8"))
    [entry] = [entry for entry in log_of_gunicorns(here) if entry.get("request_id") == refused]
    assert (entry["event"], entry["doing"]) == ("Not Found", "accounts.profile")
    assert here.primary.query("SELECT 1 FROM jobs_job WHERE request_id = %s LIMIT 1", [written]) == [(1,)]


def log_of_gunicorns(here: Fleet) -> list[dict[str, Any]]:
    texts = [(gunicorn.directory / "log").read_text(encoding="utf-8") for gunicorn in here.gunicorns]
    # The last line may not be whole yet.
    return [json.loads(line) for text in texts for line in text.splitlines(keepends=True) if line.endswith("\n")]
