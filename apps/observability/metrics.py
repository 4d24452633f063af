"""What Prometheus sees of requests, of what the processes of a site take, and of the promises to its readers."""

from prometheus_client import Gauge, Histogram

# 0.3 and 0.8 are what visitors and members are promised (docs/observability.md).
REQUESTS = Histogram(
    "requests_seconds",
    "Time of a request, by its view, where the page cache found its answer, who asked, and the answer's status",
    ["view", "cache", "audience", "status"],
    buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 0.8, 2, 5, 15),
)
QUERIES = Histogram(
    "requests_queries",
    "Queries of a request that no kept page has answered at the door",
    ["view", "cache"],
    buckets=(0, 1, 2, 5, 10, 20, 50, 100),
)
QUERY_SECONDS = Histogram(
    "queries_seconds",
    "Time of a query, by the database that answered it",
    ["alias"],
    buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3),
)
BUSY = Gauge("requests_in_progress", "Threads that answer a request", multiprocess_mode="livesum")
THREADS = Gauge("requests_threads", "Threads that could", multiprocess_mode="livesum")
POOL_SIZE = Gauge("pool_connections", "Connections to a server", ["alias"], multiprocess_mode="livesum")
POOL_USED = Gauge("pool_connections_used", "Those that a request has", ["alias"], multiprocess_mode="livesum")
POOL_WAITING = Gauge("pool_waiting", "Requests that wait for a connection", ["alias"], multiprocess_mode="livesum")
MEMORY = Gauge("process_memory_bytes", "Memory of a process, shared pages too", multiprocess_mode="liveall")
