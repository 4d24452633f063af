"""What Prometheus sees of folding."""

from prometheus_client import Gauge

LAG = Gauge(
    "comments_fold_lag_seconds",
    "For how long the oldest change of a tally has waited, at least",
    multiprocess_mode="livemostrecent",
)
