"""What Prometheus sees of the fleet."""

from prometheus_client import Counter, Gauge

# Of two processes the one that has looked last is right: a highest number would hold what is not one.
LAG = Gauge(
    "replicas_lag_seconds",
    "Age of what a replica shows, by the heartbeat; NaN while it does not answer",
    ["alias"],
    multiprocess_mode="livemostrecent",
)
BEHIND = Gauge(
    "replicas_behind_bytes",
    "WAL not yet replayed by a replica; NaN while it does not answer",
    ["alias"],
    multiprocess_mode="livemostrecent",
)
SERVING = Gauge(
    "replicas_serving", "1 while a server takes reads, 0 while it is out", ["alias"], multiprocess_mode="livemin"
)
READS = Counter("replicas_reads_total", "Reads by the database that served them", ["alias"])
FALLBACKS = Counter("replicas_fallbacks_total", "Reads that went to the primary, by reason", ["reason"])
RERUNS = Counter("replicas_reruns_total", "Requests run again elsewhere, by the server that failed them", ["alias"])
EJECTIONS = Counter("replicas_ejections_total", "Times that a process has put a server out", ["alias"])
