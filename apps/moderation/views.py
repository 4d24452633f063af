"""Pages of moderation: the public log, a page for each act that asks for its reason, and flags."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.http import MemberRequest, member_required
from apps.accounts.models import User
from apps.accounts.permissions import access_person
from apps.comments.models import Comment
from apps.comments.permissions import access_comment
from apps.core import cursors
from apps.core.errors import Invalid
from apps.core.http import back, local_path, sent
from apps.moderation import queries, tags
from apps.moderation.actions import acts, flags
from apps.moderation.forms import BanForm, FlagForm, ReasonForm
from apps.moderation.models import Flag, LogEntry
from apps.moderation.permissions import access_flags, check_can_ban, check_can_flag, check_can_moderate
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
    act = acts.restore_story if story.removed_at else acts.remove_story
    title = "Restore the story" if story.removed_at else "Remove the story"
    return _ask(request, partial(act, by=request.user, story=story), title, story)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def story_lock(request: MemberRequest, pk: int) -> HttpResponse:
    """Lock a thread, or unlock it."""
    story = access_story(request.user, pk)
    check_can_moderate(request.user, story.community_id, timezone.now())
    act = acts.unlock_thread if story.locked_at else acts.lock_thread
    title = "Unlock the thread" if story.locked_at else "Lock the thread"
    return _ask(request, partial(act, by=request.user, story=story), title, story)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def comment_removal(request: MemberRequest, pk: int) -> HttpResponse:
    """Remove a comment, or restore it."""
    comment = access_comment(request.user, pk)
    check_can_moderate(request.user, comment.story.community_id, timezone.now())
    act = acts.restore_comment if comment.removed_at else acts.remove_comment
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
    form = (ReasonForm if is_banned else BanForm)(sent(request))
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if is_banned:
            acts.unban_person(by=request.user, person=person, reason=reason, now=now)
        else:
            days = form.cleaned_data["days"]
            acts.ban_person(by=request.user, person=person, days=days, reason=reason, now=now)
        return redirect(person)
    return _page(request, form, f"Lift the ban of {person}" if is_banned else f"Ban {person}", person)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def story_flag(request: MemberRequest, pk: int) -> HttpResponse:
    """Flag a story, or take that back."""
    story = access_story(request.user, pk)
    return _flag(request, partial(flags.flag_story, by=request.user, story=story), story)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def comment_flag(request: MemberRequest, pk: int) -> HttpResponse:
    """Flag a comment, or take that back."""
    comment = access_comment(request.user, pk)
    return _flag(request, partial(flags.flag_comment, by=request.user, comment=comment), comment)


@require_safe
@member_required
def flagged(request: MemberRequest) -> HttpResponse:
    """What members have flagged, for those who moderate it."""
    places = access_flags(request.user, timezone.now())
    page = queries.flagged_items(places, cursor=cursors.parse(request.GET, queries.MOST_FLAGGED))
    return render(request, "moderation/flagged.html", {"page": page})


@require_POST
@member_required
def story_dismissal(request: MemberRequest, pk: int) -> HttpResponse:
    """Dismiss the flags of a story."""
    flags.settle_flags(by=request.user, item=access_story(request.user, pk), now=timezone.now())
    return back(request)


@require_POST
@member_required
def comment_dismissal(request: MemberRequest, pk: int) -> HttpResponse:
    """Dismiss the flags of a comment."""
    flags.settle_flags(by=request.user, item=access_comment(request.user, pk), now=timezone.now())
    return back(request)


def _flag(request: MemberRequest, act: Callable[..., Flag], item: Story | Comment) -> HttpResponse:
    is_sent, now = request.method == "POST", timezone.now()
    if is_sent and "undo" in request.POST:
        flags.unflag(by=request.user, item=item)
        return redirect(item)
    own, kind = queries.own_flag(request.user, item), item._meta.model_name
    if own is None:
        check_can_flag(request.user, item, now)
    form = FlagForm(request.POST if is_sent else None)
    if is_sent and form.is_valid():
        try:
            act(**form.cleaned_data, now=now)
        except Invalid as error:
            form.add_error("note", error.detail)
        else:
            messages.success(request, "Thank you. The moderators will look at it.")
            return redirect(item)
    context = {"form": form, "item": item, "kind": kind, "own": own}
    return render(request, "moderation/flag.html", context, status=422 if form.errors else 200)


def _ask(request: MemberRequest, act: Callable[..., LogEntry], title: str, target: Story | Comment) -> HttpResponse:
    form = ReasonForm(sent(request))
    if request.method == "POST" and form.is_valid():
        entry = act(reason=form.cleaned_data["reason"], now=timezone.now())
        messages.success(request, f"You {entry.get_act_display()}.")
        return redirect(_way_back(request, target))
    return _page(request, form, title, target)


def _way_back(request: HttpRequest, target: Story | Comment | User) -> str:
    """From what is flagged to what else is flagged, from anywhere else to what was acted on."""
    return local_path(request, request.GET.get("next", target.get_absolute_url()))


def _page(request: MemberRequest, form: ReasonForm, title: str, target: Story | Comment | User) -> HttpResponse:
    way_back = _way_back(request, target)
    context = {"form": form, "title": title, "target": target, "kind": target._meta.model_name, "way_back": way_back}
    return render(request, "moderation/act.html", context, status=422 if form.errors else 200)
