"""What moderators see beside stories, comments and people."""

from collections.abc import Sequence

from django.http import HttpRequest
from django.template.loader import get_template

from apps.accounts.permissions import is_moderator
from apps.communities.permissions import moderated_among
from apps.pagecache.slots import loader, macro


@loader("moderate_story")
def moderate_story(request: HttpRequest, keys: Sequence[tuple[object, ...]]) -> list[str]:
    """Links to remove and lock. Arguments: story id, community id, is removed, is locked. At most 1 query."""
    template = get_template("moderation/_story.html")
    places = moderated_among(request.user, {int(str(key[1])) for key in keys})
    return [
        template.render({"id": pk, "is_removed": removed, "is_locked": locked}) if place in places else ""
        for pk, place, removed, locked in keys
    ]


@loader("moderate_comment")
def moderate_comment(request: HttpRequest, keys: Sequence[tuple[object, ...]]) -> list[str]:
    """The link to remove or restore. Arguments: comment id, community id, is removed. At most 1 query."""
    removal = macro("moderation/_comment.html", "removal")
    places = moderated_among(request.user, {int(str(key[1])) for key in keys})
    return [removal(pk, removed) if place in places else "" for pk, place, removed in keys]


@loader("moderate_person")
def moderate_person(request: HttpRequest, keys: Sequence[tuple[object, ...]]) -> list[str]:
    """The link to ban. Arguments: name. No query."""
    template = get_template("moderation/_person.html")
    return [template.render({"name": name}) if is_moderator(request.user) else "" for (name,) in keys]
