"""Sessions on a site with Redis: read from there, kept in the database too, and ended in both."""

from typing import Any, cast

from django.contrib.sessions.backends import cached_db, db
from django.core.cache import cache
from redis.exceptions import RedisError

from apps.jobs import actions as jobs


class SessionStore(cached_db.SessionStore):
    """As Django has it, but for log-outs that Redis does not hear of: it would let in whoever has the old cookie."""

    def delete(self, session_key: str | None = None) -> None:
        """End the session, or the one of that key; in Redis by a job if need be."""
        key = session_key or self.session_key
        if not key:
            return
        db.SessionStore.delete(self, key)
        try:
            forget(key)
        except RedisError:
            jobs.enqueue("accounts.forget_session", session=key)


def forget(key: str) -> None:
    """Have Redis forget the session of this key. Raises RedisError."""
    cast("Any", cache).client.get_client().delete(cache.make_key(cached_db.KEY_PREFIX + key))
