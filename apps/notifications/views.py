"""Pages of notifications: the inbox, choices about mail, links that stop mail; and the buttons to watch."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.http import MemberRequest, member_required
from apps.accounts.permissions import access_person
from apps.communities.permissions import access_tag
from apps.core import cursors
from apps.core.errors import Invalid
from apps.core.http import back, is_fragment, sent
from apps.notifications import queries, stopping
from apps.notifications.actions import reading, watching
from apps.notifications.forms import PreferencesForm
from apps.stories.models import Story
from apps.stories.permissions import access_story


@require_safe
@member_required
def inbox(request: MemberRequest) -> HttpResponse:
    """What this member was told."""
    page = queries.inbox(request.user, cursor=cursors.parse(request.GET, queries.NEWEST))
    return render(request, "notifications/inbox.html", {"page": page, "member": request.user})


@require_POST
@member_required
def mark(request: MemberRequest) -> HttpResponse:
    """Mark all as read, up to the newest one that the page showed."""
    until = request.POST.get("until", "")
    if not (until.isascii() and until.isdigit() and len(until) < 20):
        raise Invalid
    reading.mark_read(by=request.user, until=int(until))
    return redirect("notifications:inbox")


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def preferences(request: MemberRequest) -> HttpResponse:
    """How this member wants to be told."""
    own = queries.preferences_of(request.user)
    form = PreferencesForm(sent(request), own)
    if request.method == "POST" and form.is_valid():
        digest = form.cleaned_data.pop("digest")
        reading.choose(by=request.user, channels=form.cleaned_data, digest=digest)
        messages.success(request, "Saved.")
        return redirect("notifications:preferences")
    context = {
        "form": form,
        "preferences": own,
        "address": queries.confirmed_address(request.user),
        "people": queries.watched_person_names(request.user),
        "tags": [tag.name for tag in queries.watched_tags(request.user)],
    }
    return render(request, "notifications/preferences.html", context, status=422 if form.errors else 200)


@csrf_exempt  # mail programs send it by themselves (RFC 8058); the link is signed, and can do nothing but stop mail
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask once, then stop mail, whoever has the link."""
    stop = stopping.read(token)
    if request.method == "POST":
        reading.stop_mail(person_id=stop.person_id, about=stop.about)
    context = {"stop": stop, "path": request.path, "is_done": request.method == "POST"}
    return render(request, "notifications/unsubscribe.html", context)


@require_POST
@member_required
def watch_story(request: MemberRequest, pk: int) -> HttpResponse:
    """Hear of new comments on a story, or no longer."""
    story = access_story(request.user, pk)
    if "undo" in request.POST:
        watching.unwatch_story(by=request.user, story=story)
    else:
        watching.watch_story(by=request.user, story=story, now=timezone.now())
    return _chosen(request, story)


@require_POST
@member_required
def mute_thread(request: MemberRequest, pk: int) -> HttpResponse:
    """Hear nothing of a thread, or hear of it again."""
    story = access_story(request.user, pk)
    if "undo" in request.POST:
        watching.unwatch_story(by=request.user, story=story)
    else:
        watching.mute_thread(by=request.user, story=story, now=timezone.now())
    return _chosen(request, story)


@require_POST
@member_required
def watch_tag(request: MemberRequest, name: str) -> HttpResponse:
    """Hear of new stories with a tag, or no longer."""
    tag = access_tag(name)
    if "undo" in request.POST:
        watching.unwatch_tag(by=request.user, tag=tag)
    else:
        watching.watch_tag(by=request.user, tag=tag, now=timezone.now())
    return back(request)


@require_POST
@member_required
def watch_person(request: MemberRequest, username: str) -> HttpResponse:
    """Hear of what a person writes, or no longer."""
    person = access_person(username)
    if "undo" in request.POST:
        watching.unwatch_person(by=request.user, person=person)
    else:
        watching.watch_person(by=request.user, person=person, now=timezone.now())
    return back(request)


def _chosen(request: MemberRequest, story: Story) -> HttpResponse:
    if is_fragment(request):
        return render(request, "notifications/_watch_only.html", {"story_id": story.pk})
    return back(request, f"s{story.pk}")
