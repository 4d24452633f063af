"""When something last happened in a thread."""

from datetime import datetime

from apps.accounts.models import User
from apps.comments.models import Comment, Visit
from apps.stories.models import Story


def last_visit(user: User, story_id: int) -> datetime | None:
    """When `user` last read the thread. 1 query."""
    return Visit.objects.filter(user=user, story=story_id).values_list("visited_at", flat=True).first()


def last_activity(story: Story) -> datetime:
    """When the newest live comment was written, or the story itself. 1 query."""
    newest = Comment.objects.live().filter(story=story).order_by("-created_at").first()
    return max(newest.created_at, story.created_at) if newest else story.created_at
