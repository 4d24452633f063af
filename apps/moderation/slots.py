"""What moderators see beside stories, comments and people."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.template.loader import get_template

from apps.accounts.permissions import is_moderator
from apps.communities.permissions import moderated_among
from apps.core.pieces import piece
from apps.moderation.queries import removal_of_story
from apps.pagecache.slots import loader


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
