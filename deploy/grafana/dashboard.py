"""The dashboard of Grafana, as code: `make dashboard UPDATE=1` writes dashboard.json."""

import json
import sys
from dataclasses import dataclass
from typing import Any

COLUMNS, WIDTH, HEIGHT = 24, 8, 7


@dataclass(frozen=True, slots=True)
class Panel:
    """A chart of one query; `legend` names its lines. `may_be_empty`: nothing has ever happened that it shows."""

    title: str
    query: str
    legend: str = ""
    unit: str = "short"
    may_be_empty: bool = False


def _p99(metric: str, by: str, window: str = "5m") -> str:
    return f"histogram_quantile(0.99, sum by (le, {by}) (rate({metric}_bucket[{window}])))"


READY = 'outcome=~"hit|own|stale|waited|shed|error"'
ROWS = {
    "Promises": [
        Panel("Budget burnt, times as fast as it may (1 h)", "slo:burn:1h", "{{slo}}"),
        Panel("Others see a write after (99 of 100)", _p99("canary_others_seconds", "job", "15m"), "others", "s"),
        Panel("Writes of the canary, by what came of them", "sum by (outcome) (canary_writes_total)", "{{outcome}}"),
    ],
    "Requests": [
        Panel("Requests", "sum by (status) (rate(requests_seconds_count[1m]))", "{{status}}", "reqps"),
        Panel("Time (99 of 100)", _p99("requests_seconds", "audience"), "{{audience}}", "s"),
        Panel("Where answers come from", "sum by (cache) (rate(requests_seconds_count[1m]))", "{{cache}}", "reqps"),
        Panel(
            "Views by the time that they take of a second",
            "topk(10, sum by (view) (rate(requests_seconds_sum[5m])))",
            "{{view}}",
            "s",
        ),
        Panel("Slowest views (99 of 100)", f"topk(10, {_p99('requests_seconds', 'view')})", "{{view}}", "s"),
        Panel(
            "Queries of a request past the cache",
            "topk(10, sum by (view) (rate(requests_queries_sum[5m]))"
            " / sum by (view) (rate(requests_queries_count[5m])))",
            "{{view}}",
        ),
        Panel(
            "Busy threads",
            "sum by (service) (requests_in_progress) / sum by (service) (requests_threads > 0)",
            "{{service}}",
            "percentunit",
        ),
        Panel("Memory", "sum by (service) (process_memory_bytes)", "{{service}}", "bytes"),
        Panel("Who answers Prometheus", "up", "{{service}}"),
    ],
    "Page cache": [
        Panel(
            "Answers that needed no render",
            f"sum by (view) (rate(pagecache_answers_total{{{READY}}}[5m]))"
            " / sum by (view) (rate(pagecache_answers_total[5m]))",
            "{{view}}",
            "percentunit",
        ),
        Panel(
            "Renders by the time that they take of a second",
            "topk(10, sum by (view) (rate(pagecache_fill_seconds_sum[5m])))",
            "{{view}}",
            "s",
        ),
        Panel("Tags purged", "sum(rate(pagecache_purges_total[5m]))", "purges", "ops"),
        Panel(
            "Waits for another one's render",
            "sum by (view) (rate(pagecache_lease_waits_total[5m]))",
            "{{view}}",
            "ops",
            may_be_empty=True,
        ),
        Panel("Sessions and tokens asked of Redis", "sum(rate(django_cache_get_total[5m]))", "asked", "ops"),
        Panel(
            "Of those, Redis failed",
            "sum(rate(django_cache_get_fail_total[5m]))",
            "failed",
            "ops",
            may_be_empty=True,
        ),
    ],
    "Databases": [
        Panel("Queries", "sum by (alias) (rate(queries_seconds_count[1m]))", "{{alias}}", "ops"),
        Panel("Time of a query (99 of 100)", _p99("queries_seconds", "alias"), "{{alias}}", "s"),
        Panel("Reads by database", "sum by (alias) (rate(replicas_reads_total[1m]))", "{{alias}}", "ops"),
        Panel("Lag", "max by (alias) (replicas_lag_seconds)", "{{alias}}", "s"),
        Panel("Who serves", "min by (alias) (replicas_serving)", "{{alias}}"),
        Panel(
            "Put out",
            "sum by (alias) (increase(replicas_ejections_total[1h]))",
            "{{alias}}",
            "short",
            may_be_empty=True,
        ),
        Panel("Reads that went to the primary", "sum by (reason) (rate(replicas_fallbacks_total[5m]))", "{{reason}}"),
        Panel("Connections in use", "sum by (alias) (pool_connections_used)", "{{alias}}"),
        Panel("Requests that wait for a connection", "sum by (alias) (pool_waiting)", "{{alias}}"),
    ],
    "Live": [
        Panel("Listeners", "sum(live_listeners)", "listeners"),
        Panel("Events sent", "sum(rate(live_sent_total[1m]))", "events", "ops"),
        Panel(
            "Listeners who were too slow, or turned away",
            "sum(rate(live_overflows_total[5m])) + sum(rate(live_refused_total[5m]))",
            "lost",
            "ops",
            may_be_empty=True,
        ),
    ],
    "Jobs": [
        Panel("Age of the oldest job that is due", "max by (queue) (jobs_oldest_due_seconds)", "{{queue}}", "s"),
        Panel("Waiting", "max by (queue) (jobs_waiting)", "{{queue}}"),
        Panel("Dead letters", "max by (queue) (jobs_dead)", "{{queue}}"),
        Panel("Attempts", "sum by (outcome) (rate(jobs_run_seconds_count[5m]))", "{{outcome}}", "ops"),
        Panel("Slowest jobs (99 of 100)", f"topk(10, {_p99('jobs_run_seconds', 'name')})", "{{name}}", "s"),
        Panel("Votes and comments are counted after", "max(comments_fold_lag_seconds)", "lag", "s"),
        Panel("Mails in an hour", "sum by (outcome) (increase(mails_total[1h]))", "{{outcome}}", may_be_empty=True),
        Panel("Wrong counters", "sum by (counter) (increase(votes_drift_total[1d]))", "{{counter}}", may_be_empty=True),
    ],
}


def panels() -> list[Panel]:
    """All charts."""
    return [panel for row in ROWS.values() for panel in row]


def dashboard() -> dict[str, Any]:
    """What Grafana reads."""
    drawn: list[dict[str, Any]] = []
    top = 0
    for title, row in ROWS.items():
        drawn.append({"type": "row", "title": title, "gridPos": {"x": 0, "y": top, "w": COLUMNS, "h": 1}, "panels": []})
        for number, panel in enumerate(row):
            down, across = divmod(number, COLUMNS // WIDTH)
            drawn.append(_drawn(panel, across * WIDTH, top + 1 + down * HEIGHT))
        top = drawn[-1]["gridPos"]["y"] + HEIGHT
    for number, part in enumerate(drawn, start=1):
        part["id"] = number
    return {
        **{"title": "Groundswell", "uid": "groundswell", "tags": ["groundswell"], "schemaVersion": 39},
        **{"editable": False, "refresh": "30s", "time": {"from": "now-3h", "to": "now"}, "panels": drawn},
    }


def _drawn(panel: Panel, x: int, y: int) -> dict[str, Any]:
    source = {"type": "prometheus", "uid": "prometheus"}
    return {
        **{"type": "timeseries", "title": panel.title, "datasource": source},
        "gridPos": {"x": x, "y": y, "w": WIDTH, "h": HEIGHT},
        "targets": [{"refId": "A", "datasource": source, "expr": panel.query, "legendFormat": panel.legend}],
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(dashboard(), indent=1) + "\n")
