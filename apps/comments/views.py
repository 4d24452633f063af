"""Pages of comments: a story's thread, one comment in its place, writing and deleting."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.http import MemberRequest, member_required
from apps.accounts.permissions import access_person, check_may_write
from apps.comments import actions, tags
from apps.comments.branches import nested
from apps.comments.forms import CommentForm
from apps.comments.models import Comment
from apps.comments.permissions import (
    EditingClosed,
    access_comment,
    can_edit,
    check_can_delete,
    check_thread_open,
)
from apps.comments.queries import around, lists, pages
from apps.comments.queries.rows import ORDERS, CommentRow
from apps.core import cursors
from apps.core.errors import DomainError, Invalid
from apps.core.http import back, is_fragment, sent
from apps.pagecache.pages import cached_page
from apps.previews.queries import card_of
from apps.stories.models import Story
from apps.stories.permissions import access_story
from apps.stories.queries.rows import story_row
from apps.stories.queries.single import num_comments, tag_names, text_of

# Whoever has left a page open for longer reads the thread anew.
ARRIVALS_SHOWN = 100
ID = re.compile(r"[0-9]{1,18}")


@require_safe
@cached_page(seconds=60, tags=[tags.story])
def thread(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """A story with its thread."""
    now = timezone.now()
    story = access_story(request.user, pk)
    if slug != (story.slug or "-"):
        return redirect(story, permanent=True)
    order = _order(request)
    page = pages.thread(story, order=order, cursor=cursors.parse(request.GET, ORDERS[order]))
    if is_fragment(request):
        return render(request, "comments/_branches.html", _branches(story, page, order))
    context = {"row": story_row(story, tag_names(story)), "text": text_of(story), "card": card_of(story), "now": now}
    return render(request, "comments/thread.html", _branches(story, page, order) | context)


@require_safe
@cached_page(seconds=60, tags=[tags.comment])
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """One comment with what it answers, other answers, and its replies."""
    comment = access_comment(request.user, pk)
    order = _order(request)
    page = pages.replies(comment, order=order, cursor=cursors.parse(request.GET, ORDERS[order]))
    if is_fragment(request):
        return render(request, "comments/_branches.html", _branches(comment.story, page, order))
    context = {
        "comment": around.row_of(comment),
        "ancestors": around.ancestors(comment),
        "siblings": around.siblings(comment),
    }
    return render(request, "comments/comment.html", _branches(comment.story, page, order) | context)


@require_safe
@cached_page(seconds=60, tags=[tags.story])
def arrivals(request: HttpRequest, pk: int) -> HttpResponse:
    """Comments on a story by their ids, which an open page has heard of."""
    story = access_story(request.user, pk)
    rows = lists.arrivals(story, _ids(request))
    if is_fragment(request):
        context = {"story": story, "rows": rows, "is_open": story.is_open(timezone.now())}
        return render(request, "comments/_arrivals.html", context)
    return render(request, "comments/list.html", {"page": cursors.Page(rows, "", ""), "person": None, "story": story})


@require_safe
@cached_page(seconds=60, tags=[tags.NEWEST_COMMENTS, tags.STORY_TITLES])
def newest(request: HttpRequest) -> HttpResponse:
    """The newest comments of the whole site."""
    page = lists.newest(cursor=cursors.parse(request.GET, lists.NEWEST))
    return render(request, "comments/list.html", {"page": page, "person": None, "story": None})


@require_safe
@cached_page(seconds=60, tags=[tags.person, tags.STORY_TITLES])
def person(request: HttpRequest, username: str) -> HttpResponse:
    """What one person wrote."""
    author = access_person(username)
    page = lists.by_person(author, cursor=cursors.parse(request.GET, lists.NEWEST))
    return render(request, "comments/list.html", {"page": page, "person": author, "story": None})


@require_POST
@member_required
def post(request: MemberRequest, pk: int) -> HttpResponse:
    """Comment on a story."""
    return _post(request, access_story(request.user, pk), None)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def reply(request: MemberRequest, pk: int) -> HttpResponse:
    """Answer a comment."""
    parent = access_comment(request.user, pk)
    if request.method == "POST":
        return _post(request, parent.story, parent)
    now = timezone.now()
    check_may_write(request.user, now)
    check_thread_open(parent.story, parent, now)
    return _form(request, CommentForm(), parent.story, parent)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def edit(request: MemberRequest, pk: int) -> HttpResponse:
    """Change a comment in its first hours."""
    comment = access_comment(request.user, pk)
    if not can_edit(request.user, comment, timezone.now()):
        raise EditingClosed
    form = CommentForm(sent(request), initial={"text": comment.body.markdown})
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        return redirect(actions.edit_comment(by=request.user, comment=comment, text=text, now=timezone.now()))
    context = {"form": form, "comment": comment}
    return render(request, "comments/edit.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def deletion(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask once, then delete."""
    comment = access_comment(request.user, pk)
    if request.method == "POST":
        return redirect(actions.delete_comment(by=request.user, comment=comment, now=timezone.now()))
    # What is gone is shown to nobody, not even to be deleted.
    check_can_delete(request.user, comment)
    return render(request, "comments/deletion.html", {"comment": comment})


@require_POST
@member_required
def visit(request: MemberRequest, pk: int) -> HttpResponse:
    """Mark a thread as read up to the moment the page was made."""
    story = access_story(request.user, pk)
    try:
        until = parse_datetime(request.POST.get("until", ""))
    except ValueError as error:
        raise Invalid from error
    if until is None or until.tzinfo is None:
        raise Invalid
    actions.record_visit(by=request.user, story=story, until=until, now=timezone.now())
    return HttpResponse(status=204) if is_fragment(request) else back(request)


def _post(request: MemberRequest, story: Story, parent: Comment | None) -> HttpResponse:
    form = CommentForm(request.POST)
    if form.is_valid():
        text = form.cleaned_data["text"]
        try:
            comment = actions.post_comment(by=request.user, story=story, parent=parent, text=text, now=timezone.now())
        except DomainError as error:
            form.add_error(None, error.detail)
        else:
            return _posted(request, story, comment)
    return _form(request, form, story, parent)


def _posted(request: MemberRequest, story: Story, comment: Comment) -> HttpResponse:
    if not is_fragment(request):
        return redirect(comment)
    context = {"story": story, "comment": around.row_of(comment), "num_comments": num_comments(story.pk)}
    return render(request, "comments/_posted.html", context)


def _form(request: MemberRequest, form: CommentForm, story: Story, parent: Comment | None) -> HttpResponse:
    template = "comments/_form.html" if is_fragment(request) else "comments/reply.html"
    status = 422 if form.errors else 200
    return render(request, template, {"form": form, "story": story, "parent": parent}, status=status)


def _order(request: HttpRequest) -> str:
    order = request.GET.get("order", "best")
    return order if order in ORDERS else "best"


def _ids(request: HttpRequest) -> list[int]:
    words = request.GET.get("ids", "").split(",")
    if len(words) > ARRIVALS_SHOWN or not all(ID.fullmatch(word) for word in words):
        raise Invalid
    return [int(word) for word in words]


def _branches(story: Story, page: cursors.Page[CommentRow], order: str) -> dict[str, object]:
    return {
        "story": story,
        "is_open": story.is_open(timezone.now()),
        "page": page,
        "branches": list(nested(page.rows)),
        "order": order,
        "orders": list(ORDERS),
    }
