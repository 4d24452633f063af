"""Who may read and change stories, and their loader."""

from datetime import datetime

from apps.accounts.permissions import Viewer
from apps.communities.permissions import can_moderate
from apps.core.errors import NotAllowed, NotFound
from apps.stories.models import Story


class EditingClosed(NotAllowed):
    """Only the author may change a story, and only for EDIT_WINDOW."""

    code = "editing-closed"
    message = "Only its author can change a story, and only in its first six hours."


def access_story(user: Viewer, pk: int) -> Story:
    """The story with community and author; a held one only for its author and moderators.

    Raises NotFound. 1 query, one more for a held story.
    """
    story = Story.objects.select_related("community", "author").filter(pk=pk).first()
    if story is None or (story.held_at and not can_read_held(user, story)):
        raise NotFound("There is no such story.")
    return story


def can_read_held(user: Viewer, story: Story) -> bool:
    """Whether this person may read the story while it waits for a moderator."""
    return is_author(user, story) or can_moderate(user, story.community_id)


def is_author(user: Viewer, story: Story) -> bool:
    """Whether this person wrote the story."""
    return user.pk is not None and user.pk == story.author_id


def can_edit(user: Viewer, story: Story, now: datetime) -> bool:
    """Whether this person may change or delete the story at `now`."""
    return is_author(user, story) and story.is_editable(now)


def can_delete(user: Viewer, story: Story) -> bool:
    """Whether this person may delete the story; its thread stays."""
    return is_author(user, story) and not story.is_gone


def check_can_delete(user: Viewer, story: Story) -> None:
    """Raises NotAllowed."""
    if not can_delete(user, story):
        raise NotAllowed("Only its author can delete a story.")
