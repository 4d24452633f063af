"""What differs by viewer on pages with comments."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import get_template
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.permissions import Banned, check_may_write
from apps.comments.forms import CommentForm
from apps.comments.models import EDIT_WINDOW
from apps.comments.queries.times import last_visit
from apps.core.http import page_path
from apps.core.pieces import piece
from apps.pagecache.slots import loader


@loader("comment_form")
def comment_form(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """The form for a comment on the story, or a way to log in, or why not. Arguments: story id. No query."""
    template = get_template("comments/_story_form.html")
    context = {"form": CommentForm(), "is_member": False, "refusal": "", "path": page_path(request)}
    if isinstance(request.user, User):
        context |= {"is_member": True, "refusal": _refusal(request.user), "token": get_token(request)}
    return [template.render(context | {"story_id": story_id}) for (story_id,) in keys]


@loader("visit")
def visit(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """The button that marks a thread as read; nothing for visitors. No query.

    Arguments: story id, the ISO time up to which the page holds all comments.
    """
    if not isinstance(request.user, User):
        return [""] * len(keys)
    template = get_template("comments/_visit.html")
    return [template.render({"story_id": story_id, "until": until}) for story_id, until in keys]


@loader("unread")
def unread(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """A mark on comments since the last visit, which leads to the next one on the page.

    Arguments: story id, comment id, author id, Unix time; in the page's order. 1 query, none for visitors.
    """
    if not isinstance(request.user, User):
        return [""] * len(keys)
    visited_at = last_visit(request.user, keys[0][0])
    if visited_at is None:
        return [""] * len(keys)
    own_id, since = request.user.pk, visited_at.timestamp()
    fresh = [pk for _, pk, author_id, written_at in keys if author_id != own_id and written_at > since]
    following = dict(zip_longest(fresh, fresh[1:]))
    return [_unread(following[pk]) if pk in following else "" for _, pk, _, _ in keys]


@loader("comment_tools")
def comment_tools(request: HttpRequest, keys: Sequence[tuple[Any, ...]]) -> list[str]:
    """What the author may do. Arguments: comment id, author id, Unix time. No query."""
    own_id, closes_before = request.user.pk, (timezone.now() - EDIT_WINDOW).timestamp()
    return [
        piece("comments/_tools.html", {"id": pk}, is_editable=written_at > closes_before)
        if author_id == own_id and author_id is not None
        else ""
        for pk, author_id, written_at in keys
    ]


def _refusal(member: User) -> str:
    try:
        check_may_write(member, timezone.now())
    except Banned as ban:
        return ban.detail
    return ""


def _unread(next_pk: int | None) -> str:
    template = "comments/_unread.html"
    return piece(template, {"next": next_pk}) if next_pk else piece(template, {}, next=None)
