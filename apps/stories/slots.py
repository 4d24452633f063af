"""What differs by viewer on pages with stories."""

from collections.abc import Sequence

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import get_template
from django.utils import timezone

from apps.accounts.models import User
from apps.core.http import page_path
from apps.pagecache.slots import loader
from apps.stories.models import EDIT_WINDOW
from apps.stories.queries import marks, muted_domains


@loader("story_marks")
def story_marks(request: HttpRequest, keys: Sequence[tuple[object, ...]]) -> list[str]:
    """The buttons to save and hide; nothing for visitors. Arguments: story id. 2 queries."""
    if not isinstance(request.user, User):
        return [""] * len(keys)
    ids = [int(str(key[0])) for key in keys]
    saved, hidden = marks(request.user, ids)
    template = get_template("stories/_marks.html")
    context = {"csrf_token": get_token(request), "path": page_path(request)}
    return [
        template.render(context | {"story_id": pk, "is_saved": pk in saved, "is_hidden": pk in hidden}) for pk in ids
    ]


@loader("story_tools")
def story_tools(request: HttpRequest, keys: Sequence[tuple[object, ...]]) -> list[str]:
    """What the author may do. Arguments: story id, author id, Unix time. No query."""
    template = get_template("stories/_tools.html")
    closes_before = (timezone.now() - EDIT_WINDOW).timestamp()
    return [
        template.render({"story_id": pk, "is_editable": float(str(written_at)) > closes_before})
        if author_id == request.user.pk and author_id is not None
        else ""
        for pk, author_id, written_at in keys
    ]


@loader("mute_domain")
def mute_domain(request: HttpRequest, keys: Sequence[tuple[object, ...]]) -> list[str]:
    """The button that mutes a web site; nothing for visitors. Arguments: domain. 1 query."""
    if not isinstance(request.user, User):
        return [""] * len(keys)
    muted = set(muted_domains(request.user))
    template = get_template("stories/_mute_domain.html")
    context = {"csrf_token": get_token(request), "path": page_path(request)}
    return [template.render(context | {"domain": domain, "is_muted": domain in muted}) for (domain,) in keys]
