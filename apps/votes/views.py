"""Votes as people cast them."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.accounts.http import MemberRequest, member_required
from apps.comments.models import Comment
from apps.comments.permissions import access_comment
from apps.core.http import back, is_fragment
from apps.stories.models import Story
from apps.stories.permissions import access_story
from apps.votes import actions


@require_POST
@member_required
def story_vote(request: MemberRequest, pk: int) -> HttpResponse:
    """Cast or retract a vote on a story."""
    story = access_story(request.user, pk)
    change = actions.retract_story_vote if "undo" in request.POST else actions.cast_story_vote
    change(by=request.user, story=story, now=timezone.now())
    return _voted(request, "story", story, f"s{pk}")


@require_POST
@member_required
def comment_vote(request: MemberRequest, pk: int) -> HttpResponse:
    """Cast or retract a vote on a comment."""
    comment = access_comment(request.user, pk)
    change = actions.retract_comment_vote if "undo" in request.POST else actions.cast_comment_vote
    change(by=request.user, comment=comment, now=timezone.now())
    return _voted(request, "comment", comment, f"c{pk}")


def _voted(request: MemberRequest, target: str, item: Story | Comment, anchor: str) -> HttpResponse:
    if is_fragment(request):
        return render(request, "votes/_vote_only.html", {"target": target, "item": item})
    return back(request, anchor)
