"""Pages of moderation: the public log, and one page for each act that asks for its reason."""

from collections.abc import Callable
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.http import MemberRequest, member_required
from apps.accounts.permissions import access_person
from apps.comments.models import Comment
from apps.comments.permissions import access_comment
from apps.core import cursors
from apps.moderation import actions, queries, tags
from apps.moderation.forms import BanForm, ReasonForm
from apps.moderation.models import LogEntry
from apps.moderation.permissions import check_can_ban, check_can_moderate
from apps.pagecache.pages import cached_page
from apps.stories.models import Story
from apps.stories.permissions import access_story


@require_safe
@cached_page(seconds=60, tags=[tags.LOG, tags.STORY_TITLES])
def log(request: HttpRequest) -> HttpResponse:
    """What moderators did, with their reasons."""
    page = queries.log(cursor=cursors.parse(request.GET, queries.NEWEST))
    return render(request, "moderation/log.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def story_removal(request: MemberRequest, pk: int) -> HttpResponse:
    """Remove a story, or restore it."""
    story = access_story(request.user, pk)
    check_can_moderate(request.user, story.community_id, timezone.now())
    act = actions.restore_story if story.removed_at else actions.remove_story
    title = "Restore the story" if story.removed_at else "Remove the story"
    return _ask(request, partial(act, by=request.user, story=story), title, story)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def story_lock(request: MemberRequest, pk: int) -> HttpResponse:
    """Lock a thread, or unlock it."""
    story = access_story(request.user, pk)
    check_can_moderate(request.user, story.community_id, timezone.now())
    act = actions.unlock_thread if story.locked_at else actions.lock_thread
    title = "Unlock the thread" if story.locked_at else "Lock the thread"
    return _ask(request, partial(act, by=request.user, story=story), title, story)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def comment_removal(request: MemberRequest, pk: int) -> HttpResponse:
    """Remove a comment, or restore it."""
    comment = access_comment(request.user, pk)
    check_can_moderate(request.user, comment.story.community_id, timezone.now())
    act = actions.restore_comment if comment.removed_at else actions.remove_comment
    title = "Restore the comment" if comment.removed_at else "Remove the comment"
    return _ask(request, partial(act, by=request.user, comment=comment), title, comment)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def ban(request: MemberRequest, username: str) -> HttpResponse:
    """Ban a person for a time, or lift the ban."""
    person = access_person(username)
    now = timezone.now()
    check_can_ban(request.user, person, now)
    is_banned = person.is_banned(now)
    form = (ReasonForm if is_banned else BanForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if is_banned:
            actions.unban_person(by=request.user, person=person, reason=reason, now=now)
        else:
            days = form.cleaned_data["days"]
            actions.ban_person(by=request.user, person=person, days=days, reason=reason, now=now)
        return redirect(person)
    return _page(request, form, f"Lift the ban of {person}" if is_banned else f"Ban {person}", person)


def _ask(request: MemberRequest, act: Callable[..., LogEntry], title: str, target: Story | Comment) -> HttpResponse:
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        act(reason=form.cleaned_data["reason"], now=timezone.now())
        return redirect(target)
    return _page(request, form, title, target)


def _page(request: MemberRequest, form: ReasonForm, title: str, target: object) -> HttpResponse:
    context = {"form": form, "title": title, "target": target}
    return render(request, "moderation/act.html", context, status=422 if form.errors else 200)
