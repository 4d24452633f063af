"""The buttons to watch, which differ by viewer."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest

from apps.accounts.models import User
from apps.core.pieces import piece
from apps.notifications.queries import story_watches, watched_person_names, watched_tags
from apps.pagecache.slots import loader


@loader("watch_story")
def watch_story(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """The buttons to watch a story and to mute its thread; nothing for visitors. Arguments: story id. 1 query."""
    if not isinstance(request.user, User):
        return [""] * len(keys)
    watched, muted = story_watches(request.user, [pk for (pk,) in keys])
    template = "notifications/_watch_story.html"
    return [piece(template, {"id": pk}, is_watched=pk in watched, is_muted=pk in muted) for (pk,) in keys]


@loader("watch_tag")
def watch_tag(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """The button that watches a tag; nothing for visitors. Arguments: name. 1 query."""
    if not isinstance(request.user, User):
        return [""] * len(keys)
    watched = {tag.name for tag in watched_tags(request.user)}
    return [piece("notifications/_watch_tag.html", {}, name=name, is_watched=name in watched) for (name,) in keys]


@loader("watch_person")
def watch_person(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """The button that watches a person; nothing for visitors and on oneself. Arguments: name. 1 query."""
    if not isinstance(request.user, User):
        return [""] * len(keys)
    own_name, watched = request.user.username, set(watched_person_names(request.user))
    return [
        "" if name == own_name else piece("notifications/_watch_person.html", {}, name=name, is_watched=name in watched)
        for (name,) in keys
    ]
