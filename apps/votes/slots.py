"""The vote buttons: what differs by viewer is whether it is pressed, and whether it is there at all."""

from collections.abc import Callable, Iterable, Sequence

from django.http import HttpRequest
from django.middleware.csrf import get_token

from apps.accounts.models import User
from apps.core.http import page_path
from apps.pagecache.slots import loader, macro
from apps.votes.queries import voted_comments, voted_stories


@loader("story_vote")
def story_vote(request: HttpRequest, keys: Sequence[tuple[object, ...]]) -> list[str]:
    """The vote buttons of stories. Arguments: id, score, author id. 1 query, none for visitors."""
    return _buttons(request, "story", keys, voted_stories)


@loader("comment_vote")
def comment_vote(request: HttpRequest, keys: Sequence[tuple[object, ...]]) -> list[str]:
    """The vote buttons of comments. Arguments: id, score, author id. 1 query, none for visitors."""
    return _buttons(request, "comment", keys, voted_comments)


def _buttons(
    request: HttpRequest,
    target: str,
    keys: Sequence[tuple[object, ...]],
    voted_among: Callable[[User, Iterable[int]], set[int]],
) -> list[str]:
    voted: set[int] = set()
    context: dict[str, object] = {"target": target, "path": page_path(request), "is_member": False}
    if isinstance(request.user, User):
        voted = voted_among(request.user, [int(str(pk)) for pk, _, _ in keys])
        context |= {"csrf_token": get_token(request), "is_member": True}
    vote = macro("votes/_vote.html", "vote", **context)
    own_id = request.user.pk or 0
    return [vote(pk, score, pk in voted, author_id == own_id) for pk, score, author_id in keys]
