"""What Prometheus sees of counters."""

from prometheus_client import Counter

DRIFT = Counter("votes_drift_total", "Counters that a recount found wrong, and has set right", ["counter"])
