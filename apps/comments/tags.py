"""What pages of comments depend on, with the tags from apps below that they carry too."""

from apps.accounts.tags import person
from apps.comments.models import Comment
from apps.core.errors import NotFound
from apps.stories.tags import STORY_TITLES, story

__all__ = ["NEWEST_COMMENTS", "STORY_TITLES", "appearances", "comment", "person", "story"]

NEWEST_COMMENTS = "newest-comments"


def comment(pk: int) -> str:
    """The tag of the comment's story, which never changes. Raises NotFound. 1 query."""
    story_id = Comment.objects.filter(pk=pk).values_list("story_id", flat=True).first()
    if story_id is None:
        raise NotFound("There is no such comment.")
    return story(story_id)


def appearances(of: Comment) -> list[str]:
    """All pages that show the comment. No query: its author is loaded."""
    tags = [NEWEST_COMMENTS, story(of.story_id)]
    if of.author:
        tags.append(person(of.author.username))
    return tags
