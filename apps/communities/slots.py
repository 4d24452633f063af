"""What differs by viewer on pages of communities and tags."""

from collections.abc import Sequence

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import get_template

from apps.accounts.models import User
from apps.communities.queries import joined_slugs, muted_tag_names
from apps.core.http import page_path
from apps.pagecache.slots import loader


@loader("membership")
def membership(request: HttpRequest, keys: Sequence[tuple[object, ...]]) -> list[str]:
    """The button to join or leave; nothing for visitors. Arguments: slug. 1 query."""
    if not isinstance(request.user, User):
        return [""] * len(keys)
    joined = joined_slugs(request.user)
    template = get_template("communities/_membership.html")
    csrf_token = get_token(request)
    return [template.render({"csrf_token": csrf_token, "slug": slug, "is_member": slug in joined}) for (slug,) in keys]


@loader("mute_tag")
def mute_tag(request: HttpRequest, keys: Sequence[tuple[object, ...]]) -> list[str]:
    """The button that mutes a tag; nothing for visitors. Arguments: name. 1 query."""
    if not isinstance(request.user, User):
        return [""] * len(keys)
    muted = set(muted_tag_names(request.user))
    template = get_template("communities/_mute.html")
    context = {"csrf_token": get_token(request), "path": page_path(request)}
    return [template.render(context | {"name": name, "is_muted": name in muted}) for (name,) in keys]
