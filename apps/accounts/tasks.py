"""The job of sessions."""

from apps.accounts import sessions
from apps.jobs.handlers import handler


# Redis may be away for a day.
@handler("accounts.forget_session", queue="fast", attempts=40)
def forget_session(*, session: str) -> None:
    """Somebody has logged out while Redis was away."""
    sessions.forget(session)
