"""What a job does each second on PostgreSQL, and every vote itself on SQLite."""

from django.db import transaction

from apps.comments import folding


@transaction.atomic
def fold() -> None:
    """Add what is pending to the tallies."""
    folding.fold_pending()
