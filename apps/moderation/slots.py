"""What moderators see beside stories, comments and people, and where members flag them."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest
from django.template.loader import get_template

from apps.accounts.models import User
from apps.accounts.permissions import is_moderator
from apps.communities.permissions import moderated_among
from apps.core.pieces import piece
from apps.moderation.queries import flagged_comments, flagged_stories, num_flagged, removal_of_story
from apps.pagecache.slots import loader

MOST_COUNTED = 100


@loader("moderate_story")
def moderate_story(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """Links to remove and lock. Arguments: story id, community id, is removed, is locked. At most 1 query."""
    places = moderated_among(request.user, {key[1] for key in keys})
    return [
        piece("moderation/_story.html", {"id": pk}, is_removed=removed, is_locked=locked) if place in places else ""
        for pk, place, removed, locked in keys
    ]


@loader("removal", is_shared=True)
def removal(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """Who removed a story, and why; the same for everybody. Arguments: story id. 1 query each: a page has one."""
    template = get_template("moderation/_removal.html")
    return [template.render({"entry": removal_of_story(pk)}) for (pk,) in keys]


@loader("moderate_comment")
def moderate_comment(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """The link to remove or restore. Arguments: comment id, community id, is removed. At most 1 query."""
    places = moderated_among(request.user, {key[1] for key in keys})
    return [
        piece("moderation/_comment.html", {"id": pk}, is_removed=removed) if place in places else ""
        for pk, place, removed in keys
    ]


@loader("moderate_person")
def moderate_person(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """The link to ban. Arguments: name. No query."""
    template = get_template("moderation/_person.html")
    return [template.render({"name": name}) if is_moderator(request.user) else "" for (name,) in keys]


@loader("flag_story")
def flag_story(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """The link to flag a story; nothing for visitors and its author. Arguments: story id, author id. 1 query."""
    return _flags(request, "moderation:story_flag", keys, flagged_stories)


@loader("flag_comment")
def flag_comment(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """The link to flag a comment; nothing for visitors and its author. Arguments: comment id, author id. 1 query."""
    return _flags(request, "moderation:comment_flag", keys, flagged_comments)


@loader("flagged")
def flagged(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """How much waits for a moderator of the whole site, while something does. No arguments. 1 query for them alone."""
    number = num_flagged(limit=MOST_COUNTED) if is_moderator(request.user) else 0
    template = get_template("moderation/_flagged.html")
    return [template.render({"number": number}) if number else "" for _ in keys]


@loader("moderate_community")
def moderate_community(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """The link to what is flagged. Arguments: community id. At most 1 query."""
    places = moderated_among(request.user, {pk for (pk,) in keys})
    return [piece("moderation/_community.html", {}) if pk in places else "" for (pk,) in keys]


def _flags(
    request: HttpRequest,
    address: str,
    keys: Sequence[tuple[Any, ...]],
    flagged_by: Callable[[User, Sequence[int]], set[int]],
) -> list[str]:
    if not isinstance(request.user, User):
        return [""] * len(keys)
    own_id, flagged_ids = request.user.pk, flagged_by(request.user, [key[0] for key in keys])
    return [
        ""
        if author_id == own_id
        else piece("moderation/_flag.html", {"id": pk}, address=address, is_set=pk in flagged_ids)
        for pk, author_id in keys
    ]
