"""Telling pages that what they show has changed."""

from functools import partial

from django.db import transaction


def purge(*tags: str) -> None:
    """Have every page that carries one of `tags` rendered anew, once the caller's transaction is committed."""
    transaction.on_commit(partial(_stamp, frozenset(tags)))


def _stamp(tags: frozenset[str]) -> None:
    """Note the commit's freshness token on each tag."""
