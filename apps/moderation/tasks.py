"""What jobs of moderation do."""

from django.utils import timezone

from apps.comments.models import Comment
from apps.jobs.handlers import handler
from apps.moderation.actions import flags
from apps.stories.models import Story


@handler("moderation.settle")
def settle(*, kind: str, pk: int) -> None:
    """Nobody has to look any more at what its author has deleted."""
    item = Story.objects.get(pk=pk) if kind == "story" else Comment.objects.get(pk=pk)
    flags.settle(item, by=None, now=timezone.now())
