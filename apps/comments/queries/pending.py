"""What waits to be folded."""

from django.db.models import QuerySet

from apps.comments.models import CommentDelta
from apps.stories.models import StoryDelta


def pending_comments() -> QuerySet[CommentDelta, int]:
    """The keys of comments whose deltas wait to be folded."""
    return CommentDelta.objects.order_by().values_list("comment_id", flat=True).distinct()


def pending_stories() -> QuerySet[StoryDelta, int]:
    """The keys of stories whose deltas wait to be folded."""
    return StoryDelta.objects.order_by().values_list("story_id", flat=True).distinct()


def has_pending() -> bool:
    """Whether anything waits to be folded. At most 2 queries."""
    return CommentDelta.objects.exists() or StoryDelta.objects.exists()


def oldest_pending() -> tuple[int, int]:
    """The keys of the oldest deltas of comments and of stories; 0 where none waits. 2 queries."""
    comment = CommentDelta.objects.order_by("pk").values_list("pk", flat=True).first()
    story = StoryDelta.objects.order_by("pk").values_list("pk", flat=True).first()
    return comment or 0, story or 0
