"""Jobs about comments and what is counted below stories."""

from datetime import timedelta

from apps.comments import backlog, folding
from apps.jobs.handlers import scheduled


@scheduled("comments.fold", every=timedelta(seconds=1), queue="fast", when=backlog.is_any)
def fold() -> None:
    """Bring tallies up to date."""
    folding.fold_pending()
