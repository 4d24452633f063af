"""Votes that lose their owners while their points stay."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Model, QuerySet

from apps.accounts.actions import change_karma
from apps.comments.models import Comment
from apps.stories.models import Story
from apps.votes.models import VOTING_PERIOD, CommentVote, StoryVote

# From the end of voting on something to the end of its votes' owners.
GRACE = timedelta(days=30)
FOLDED = 500


# What each kind of vote is on, and by which names: of the target, and of its story.
TARGETS: dict[type[Model], tuple[type[Story | Comment], str, str]] = {
    StoryVote: (Story, "story_id", "story_id"),
    CommentVote: (Comment, "comment_id", "comment__story_id"),
}


@transaction.atomic
def forget_owners(*, now: datetime) -> bool:
    """Fold votes that are older than VOTING_PERIOD and GRACE; whether there may be more of them. Idempotent.

    Looks at those that were cast first: for an index by time, each vote would pay.
    """
    is_any = False
    for model in TARGETS:
        first = model._default_manager.order_by("pk").values_list("pk", "created_at")[:FOLDED]
        if old := [pk for pk, created_at in first if created_at < now - VOTING_PERIOD - GRACE]:
            is_any = bool(fold_votes(model._default_manager.filter(pk__in=old))) or is_any
    return is_any


@transaction.atomic
def fold_votes(votes: QuerySet[Any]) -> int:
    """Make FOLDED of `votes` points without a vote's row, so that all counters stay right; how many they were.

    Locks the stories, as everything does that changes points. Cost: a few queries for any number of votes.
    """
    target, name, story_name = TARGETS[votes.model]
    chosen = votes.order_by("pk")[:FOLDED]
    stories = Story.objects.select_for_update(no_key=True).order_by("pk")
    list(stories.filter(pk__in=set(chosen.values_list(story_name, flat=True))).values_list("pk"))
    # Locked too: who retracts one of them needs no lock of the story.
    found = dict(chosen.select_for_update().values_list("pk", name))
    _add_points(target, Counter(found.values()))
    votes.model._default_manager.filter(pk__in=found).delete()
    return len(found)


def _add_points(target: type[Story | Comment], points: Counter[int]) -> None:
    # The first point of an import that came without one passes for the author's own, which is not in their karma.
    for item in target._default_manager.filter(pk__in=points, base_ups=0).select_related("author"):
        change_karma(person=item.author, delta=-1)
    for number in set(points.values()):
        items = target._default_manager.filter(pk__in=[pk for pk in points if points[pk] == number])
        items.update(base_ups=F("base_ups") + number)
