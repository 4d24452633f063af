"""Jobs about comments and what is counted below stories."""

from datetime import timedelta

from apps.comments import folding, queries
from apps.jobs.handlers import scheduled


@scheduled("comments.fold", every=timedelta(seconds=1), queue="fast", when=queries.has_pending)
def fold() -> None:
    """Bring tallies up to date."""
    folding.fold_pending()
