"""What Prometheus sees of mail."""

from prometheus_client import Counter

LETTERS = Counter(
    "notifications_letters_total",
    "Mails by what the server has said: sent, refused (for good) or failed (there will be another attempt)",
    ["template", "outcome"],
)
