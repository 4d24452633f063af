"""Pages of communities and tags."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.http import MemberRequest, member_required
from apps.communities import actions, queries
from apps.communities.permissions import access_community, access_tag
from apps.communities.tags import COMMUNITIES, VOCABULARY, community
from apps.core.http import back
from apps.pagecache.pages import cached_page


@require_safe
@cached_page(seconds=60, tags=[COMMUNITIES])
def communities(request: HttpRequest) -> HttpResponse:
    """All communities."""
    return render(request, "communities/communities.html", {"communities": queries.all_communities()})


@require_safe
@cached_page(seconds=60, tags=[community])
def about(request: HttpRequest, slug: str) -> HttpResponse:
    """A community's rules, moderators and newest members."""
    community = access_community(slug)
    context = {
        "community": community,
        "moderators": queries.moderator_names(community),
        "members": queries.newest_member_names(community),
    }
    return render(request, "communities/about.html", context)


@require_POST
@member_required
def membership(request: MemberRequest, slug: str) -> HttpResponse:
    """Join a community, or leave it."""
    community = access_community(slug)
    if "undo" in request.POST:
        actions.leave_community(by=request.user, community=community)
    else:
        actions.join_community(by=request.user, community=community, now=timezone.now())
    return redirect("communities:about", slug)


@require_safe
@cached_page(seconds=60, tags=[VOCABULARY])
def tags(request: HttpRequest) -> HttpResponse:
    """The vocabulary."""
    return render(request, "communities/tags.html", {"vocabulary": queries.vocabulary()})


@require_POST
@member_required
def mute_tag(request: MemberRequest, name: str) -> HttpResponse:
    """Leave stories with a tag out of lists, or no longer."""
    tag = access_tag(name)
    if "undo" in request.POST:
        actions.unmute_tag(by=request.user, tag=tag)
    else:
        actions.mute_tag(by=request.user, tag=tag, now=timezone.now())
    return back(request)
