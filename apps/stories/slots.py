"""What differs by viewer on pages with stories."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.models import User
from apps.core.pieces import piece
from apps.pagecache.slots import loader
from apps.stories.models import EDIT_WINDOW
from apps.stories.queries.own import marks, muted_domains, unwanted


@loader("unwanted")
def unwanted_stories(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """The attribute that hides a row its reader does not want. Arguments: story id. 1 query, none for visitors."""
    if not isinstance(request.user, User):
        return [""] * len(keys)
    hidden = unwanted(request.user, [pk for (pk,) in keys])
    return [" hidden" if pk in hidden else "" for (pk,) in keys]


@loader("story_marks")
def story_marks(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """The buttons to save and hide; nothing for visitors. Arguments: story id. 1 query."""
    if not isinstance(request.user, User):
        return [""] * len(keys)
    saved, hidden = marks(request.user, [pk for (pk,) in keys])
    return [piece("stories/_marks.html", {"id": pk}, is_saved=pk in saved, is_hidden=pk in hidden) for (pk,) in keys]


@loader("story_tools")
def story_tools(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """What the author may do. Arguments: story id, author id, Unix time. No query."""
    own_id, closes_before = request.user.pk, (timezone.now() - EDIT_WINDOW).timestamp()
    return [
        piece("stories/_tools.html", {"id": pk}, is_editable=written_at > closes_before)
        if author_id == own_id and author_id is not None
        else ""
        for pk, author_id, written_at in keys
    ]


@loader("mute_domain")
def mute_domain(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """The button that mutes a web site; nothing for visitors. Arguments: domain. 1 query."""
    if not isinstance(request.user, User):
        return [""] * len(keys)
    muted = set(muted_domains(request.user))
    return [piece("stories/_mute_domain.html", {}, domain=domain, is_muted=domain in muted) for (domain,) in keys]
