"""What Prometheus sees of jobs. The gauges are set by whoever sweeps; all of them see the same table."""

from prometheus_client import Gauge, Histogram

# The one to alert on.
OLDEST = Gauge(
    "jobs_oldest_due_seconds", "Age of the oldest job that is due", ["queue"], multiprocess_mode="livemostrecent"
)
WAITING = Gauge("jobs_waiting", "Jobs that wait", ["queue"], multiprocess_mode="livemostrecent")
DEAD = Gauge("jobs_dead", "Dead letters", ["queue"], multiprocess_mode="livemostrecent")
RUNS = Histogram(
    "jobs_run_seconds",
    "Time of an attempt, by what came of it: done, failed (there will be another) or dead",
    ["name", "outcome"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000),
)
