"""What Prometheus and the operators' page see of the page cache."""

from prometheus_client import Counter, Histogram

ANSWERS = Counter("pagecache_answers_total", "Answers of cached views, by where they came from", ["view", "outcome"])
FILLS = Histogram(
    "pagecache_fill_seconds",
    "Time to render a page once for all",
    ["view"],
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
WAITS = Counter("pagecache_lease_waits_total", "Requests that waited for another one's render", ["view"])
PURGES = Counter("pagecache_purges_total", "Tags purged")
