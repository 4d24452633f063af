"""What differs by viewer on pages of communities and tags."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest

from apps.accounts.models import User
from apps.communities.queries import joined_slugs, muted_tag_names
from apps.core.pieces import piece
from apps.pagecache.slots import loader


@loader("membership")
def membership(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """The button to join or leave; nothing for visitors. Arguments: slug. 1 query."""
    if not isinstance(request.user, User):
        return [""] * len(keys)
    joined = joined_slugs(request.user)
    return [piece("communities/_membership.html", {}, slug=slug, is_joined=slug in joined) for (slug,) in keys]


@loader("mute_tag")
def mute_tag(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """The button that mutes a tag; nothing for visitors. Arguments: name. 1 query."""
    if not isinstance(request.user, User):
        return [""] * len(keys)
    muted = set(muted_tag_names(request.user))
    return [piece("communities/_mute.html", {}, name=name, is_muted=name in muted) for (name,) in keys]
