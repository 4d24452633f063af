"""One numbering for stories and comments, as that API has it. Not here: what an item says (queries.py)."""

from apps.comments import tags as comment_tags
from apps.comments.models import Comment
from apps.core.errors import NotFound
from apps.stories.models import Story


def story_item(pk: int) -> int:
    """The number of a story: even."""
    return 2 * pk


def comment_item(pk: int) -> int:
    """The number of a comment: odd."""
    return 2 * pk + 1


def model_of(item: int) -> tuple[type[Story] | type[Comment], int]:
    """What an item's number stands for: the model, and the row's key."""
    return (Comment if item % 2 else Story), item // 2


def tag(item: int) -> str:
    """The tag of the story that the item belongs to. At most 1 query."""
    model, pk = model_of(item)
    try:
        return comment_tags.comment(pk) if model is Comment else comment_tags.story(pk)
    except NotFound:
        # It may be written any moment, and nothing but a comment has such a number.
        return comment_tags.NEWEST_COMMENTS
