"""The jobs of imports."""

from datetime import timedelta

from apps.importing import actions, previewing
from apps.jobs.handlers import handler


@handler("importing.preview", queue="slow", attempts=3, time_limit=timedelta(hours=1), outside=previewing.look)
def preview(report: str, *, preview_id: int) -> None:
    """Write down what an import would bring."""
    actions.finish_preview(preview_id=preview_id, report=report)
