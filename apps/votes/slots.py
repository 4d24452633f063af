"""The vote buttons: by viewer differ the points, whether it is pressed, and whether it is there at all."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest

from apps.accounts.models import User
from apps.core.http import page_path
from apps.core.pieces import piece
from apps.pagecache.slots import loader
from apps.votes.queries import Seen, comments_seen_by, stories_seen_by


@loader("story_vote")
def story_vote(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """The vote buttons of stories. Arguments: id, score, author id. 1 query, none for visitors."""
    return _buttons(request, "story", keys, stories_seen_by)


@loader("comment_vote")
def comment_vote(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """The vote buttons of comments. Arguments: id, score, author id. 1 query, none for visitors."""
    return _buttons(request, "comment", keys, comments_seen_by)


def _buttons(
    request: HttpRequest,
    target: str,
    keys: Sequence[tuple[Any, ...]],
    seen_by: Callable[[User, Sequence[int]], Seen],
) -> list[str]:
    if not isinstance(request.user, User):
        path = page_path(request)
        return [_button(target, pk, score, is_member=False, path=path) for pk, score, _ in keys]
    own_id, seen = request.user.pk, seen_by(request.user, [key[0] for key in keys])
    buttons = []
    for pk, score, author_id in keys:
        # The page has the same points for all, and may lack theirs.
        points, is_voted = seen.get(pk, (score, False))
        buttons.append(_button(target, pk, points, is_member=True, is_voted=is_voted, is_own=author_id == own_id))
    return buttons


def _button(target: str, pk: int, score: int, **state: bool | str) -> str:
    return piece("votes/_vote.html", {"id": pk, "score": score}, target=target, **state)
