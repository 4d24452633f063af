"""What Prometheus sees of live updates."""

from prometheus_client import Counter, Gauge

PUBLISHED = Counter("live_published_total", "Entries for the live services: sent, or lost without Redis", ["outcome"])
LISTENERS = Gauge("live_listeners", "Open streams", multiprocess_mode="livesum")
SENT = Counter("live_sent_total", "Events for listeners, counted for each")
OVERFLOWS = Counter("live_overflows_total", "Listeners who were too slow, and have to look anew")
REPLAYS = Counter("live_replays_total", "Listeners who came back, told all they missed or to look anew", ["outcome"])
REFUSED = Counter("live_refused_total", "Listeners who were turned away", ["status"])
