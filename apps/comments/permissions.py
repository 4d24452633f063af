"""Who may write, change and read comments, and their loader."""

from datetime import datetime

from apps.accounts.permissions import Viewer
from apps.comments.models import Comment
from apps.core.errors import NotAllowed, NotFound
from apps.stories.models import Story
from apps.stories.permissions import can_read_held


class ThreadClosed(NotAllowed):
    """Locked by a moderator, gone, or older than COMMENT_WINDOW."""

    code = "thread-closed"
    message = "This thread takes no new comments."


class EditingClosed(NotAllowed):
    """Only the author may change a comment, and only for EDIT_WINDOW."""

    code = "editing-closed"
    message = "Only its author can change a comment, and only in its first six hours."


def access_comment(user: Viewer, pk: int) -> Comment:
    """The comment with its author, text, story and the story's author and community.

    Raises NotFound. 1 query, one more below a held story.
    """
    related = ("author", "body", "story__author", "story__community")
    comment = Comment.objects.select_related(*related).filter(pk=pk).first()
    if comment is None or (comment.story.held_at and not can_read_held(user, comment.story)):
        raise NotFound("There is no such comment.")
    return comment


def check_thread_open(story: Story, parent: Comment | None, now: datetime) -> None:
    """Raises ThreadClosed, or NotAllowed when the comment to answer is gone."""
    if not story.is_open(now):
        raise ThreadClosed
    if parent is not None and parent.is_gone:
        raise NotAllowed("The comment you answer is gone.")


def is_author(user: Viewer, comment: Comment) -> bool:
    """Whether this person wrote the comment."""
    return user.pk is not None and user.pk == comment.author_id


def can_edit(user: Viewer, comment: Comment, now: datetime) -> bool:
    """Whether this person may change the comment at `now`."""
    return is_author(user, comment) and comment.is_editable(now)


def can_delete(user: Viewer, comment: Comment) -> bool:
    """Whether this person may delete the comment; its replies stay."""
    return is_author(user, comment) and not comment.is_gone


def check_can_delete(user: Viewer, comment: Comment) -> None:
    """Raises NotAllowed."""
    if not can_delete(user, comment):
        raise NotAllowed("Only its author can delete a comment.")
