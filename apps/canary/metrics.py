"""What Prometheus sees of the canary, and thereby of what the site promises about writes."""

from prometheus_client import Counter, Histogram

WRITES = Counter(
    "canary_writes_total",
    "Writes by what their writer saw on the next page: seen, missed; or refused, when there was none",
    ["outcome"],
)
OTHERS = Histogram(
    "canary_others_seconds",
    "Time from a write's answer to the first page that shows it to others",
    buckets=(0.1, 0.3, 0.5, 1, 1.5, 2, 2.5, 3, 5, 10),
)
