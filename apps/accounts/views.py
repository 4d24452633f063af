"""Pages of people: profiles, the list of people, one's own settings."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts import actions, queries, tags
from apps.accounts.forms import ProfileForm
from apps.accounts.http import MemberRequest, member_required
from apps.accounts.permissions import access_person
from apps.core.http import back, sent
from apps.pagecache.pages import cached_page


@require_safe
@cached_page(seconds=60, tags=[tags.PEOPLE])
def people(request: HttpRequest) -> HttpResponse:
    """People by karma."""
    return render(request, "accounts/people.html", {"people": queries.people_by_karma()})


@require_safe
@cached_page(seconds=60, tags=[tags.person])
def profile(request: HttpRequest, username: str) -> HttpResponse:
    """One person."""
    person = access_person(username)
    return render(request, "accounts/profile.html", {"person": person, "now": timezone.now()})


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def settings(request: MemberRequest) -> HttpResponse:
    """One's own profile text."""
    form = ProfileForm(sent(request), initial={"about": request.user.about})
    if request.method == "POST" and form.is_valid():
        about = form.cleaned_data["about"]
        return redirect(actions.edit_profile(by=request.user, about=about, now=timezone.now()))
    return render(request, "accounts/settings.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@member_required
def mute(request: MemberRequest, username: str) -> HttpResponse:
    """Leave a person's stories out of lists, or no longer."""
    person = access_person(username)
    if "undo" in request.POST:
        actions.unmute_person(by=request.user, person=person)
    else:
        actions.mute_person(by=request.user, person=person, now=timezone.now())
    return back(request)
