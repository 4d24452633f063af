"""The vote buttons: what differs by viewer is whether it is pressed, and whether it is there at all."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest

from apps.accounts.models import User
from apps.core.http import page_path
from apps.core.pieces import piece
from apps.pagecache.slots import loader
from apps.votes.queries import voted_comments, voted_stories


@loader("story_vote")
def story_vote(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """The vote buttons of stories. Arguments: id, score, author id. 1 query, none for visitors."""
    return _buttons(request, "story", keys, voted_stories)


@loader("comment_vote")
def comment_vote(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """The vote buttons of comments. Arguments: id, score, author id. 1 query, none for visitors."""
    return _buttons(request, "comment", keys, voted_comments)


def _buttons(
    request: HttpRequest,
    target: str,
    keys: Sequence[tuple[Any, ...]],
    voted_among: Callable[[User, Sequence[int]], set[int]],
) -> list[str]:
    if not isinstance(request.user, User):
        path = page_path(request)
        return [_button(target, pk, score, is_member=False, path=path) for pk, score, _ in keys]
    voted, own_id = voted_among(request.user, [key[0] for key in keys]), request.user.pk
    return [
        _button(target, pk, score, is_member=True, is_voted=pk in voted, is_own=author_id == own_id)
        for pk, score, author_id in keys
    ]


def _button(target: str, pk: int, score: int, **state: bool | str) -> str:
    return piece("votes/_vote.html", {"id": pk, "score": score}, target=target, **state)
