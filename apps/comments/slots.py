"""What differs by viewer on pages with comments."""

from collections.abc import Sequence
from itertools import zip_longest

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import get_template
from django.utils import timezone

from apps.accounts.models import User
from apps.comments.forms import CommentForm
from apps.comments.models import EDIT_WINDOW
from apps.comments.queries import last_visit
from apps.core.http import page_path
from apps.pagecache.slots import loader, macro


@loader("comment_form")
def comment_form(request: HttpRequest, keys: Sequence[tuple[object, ...]]) -> list[str]:
    """The form for a comment on the story, or a way to log in. Arguments: story id. No query."""
    template = get_template("comments/_story_form.html")
    context = {"form": CommentForm(), "is_member": isinstance(request.user, User), "path": page_path(request)}
    if context["is_member"]:
        context["csrf_token"] = get_token(request)
    return [template.render(context | {"story_id": story_id}) for (story_id,) in keys]


@loader("visit")
def visit(request: HttpRequest, keys: Sequence[tuple[object, ...]]) -> list[str]:
    """The button that marks a thread as read; nothing for visitors. Arguments: story id. No query."""
    if not isinstance(request.user, User):
        return [""] * len(keys)
    template = get_template("comments/_visit.html")
    context = {"csrf_token": get_token(request), "path": page_path(request), "until": timezone.now().isoformat()}
    return [template.render(context | {"story_id": story_id}) for (story_id,) in keys]


@loader("unread")
def unread(request: HttpRequest, keys: Sequence[tuple[object, ...]]) -> list[str]:
    """A mark on comments since the last visit, which leads to the next one on the page.

    Arguments: story id, comment id, author id, Unix time; in the page's order. 1 query.
    """
    if not isinstance(request.user, User):
        return [""] * len(keys)
    since = last_visit(request.user, int(str(keys[0][0])))
    if since is None:
        return [""] * len(keys)
    fresh = [key[1] for key in keys if key[2] != request.user.pk and float(str(key[3])) > since.timestamp()]
    following = dict(zip_longest(fresh, fresh[1:]))
    mark = macro("comments/_unread.html", "unread")
    return [mark(following[key[1]]) if key[1] in following else "" for key in keys]


@loader("comment_tools")
def comment_tools(request: HttpRequest, keys: Sequence[tuple[object, ...]]) -> list[str]:
    """What the author may do. Arguments: comment id, author id, Unix time. No query."""
    tools = macro("comments/_tools.html", "tools")
    closes_before = (timezone.now() - EDIT_WINDOW).timestamp()
    return [
        tools(pk, float(str(written_at)) > closes_before)
        if author_id == request.user.pk and author_id is not None
        else ""
        for pk, author_id, written_at in keys
    ]
