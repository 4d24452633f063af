"""What Prometheus sees of the fleet."""

from prometheus_client import Counter, Gauge

LAG = Gauge(
    "replicas_lag_seconds", "Age of what a replica shows, by the heartbeat", ["alias"], multiprocess_mode="livemax"
)
BEHIND = Gauge("replicas_behind_bytes", "WAL not yet replayed by a replica", ["alias"], multiprocess_mode="livemax")
SERVING = Gauge(
    "replicas_serving", "1 while a server takes reads, 0 while it is out", ["alias"], multiprocess_mode="livemin"
)
READS = Counter("replicas_reads_total", "Reads by the database that served them", ["alias"])
FALLBACKS = Counter("replicas_fallbacks_total", "Reads that went to the primary, by reason", ["reason"])
RERUNS = Counter("replicas_reruns_total", "Requests run again elsewhere, by the server that failed them", ["alias"])
EJECTIONS = Counter("replicas_ejections_total", "Times that a process has put a server out", ["alias"])
