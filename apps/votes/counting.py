"""What every counter of the site must say, counted from the rows themselves, less what has still to be folded in. Not
here: repairing (actions.py).

What is counted and what is pending are read by one statement, so that they are of one moment: nobody who votes or
comments meanwhile has to wait. The caller has locked the rows that hold the counters.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Greatest

from apps.accounts.models import User
from apps.comments.models import Comment, CommentDelta
from apps.communities.models import Community, Membership
from apps.core.ranking import controversy, wilson
from apps.stories import ranking
from apps.stories.models import Story, StoryDelta, StoryTag
from apps.votes.models import CommentVote, StoryVote

# By the name of the field, by the row's primary key.
Counted = dict[int, dict[str, Any]]
CountPeople = Callable[[Sequence[User]], Counted]

_above: list[CountPeople] = []


def counter_of_people(count: CountPeople) -> CountPeople:
    """Register what an app above this one counts of people, in its counters.py."""
    _above.append(count)
    return count


def communities(rows: Sequence[Community]) -> Counted:
    """`num_members`. 1 query."""
    members = Membership.objects.filter(community__in=rows).values_list("community").annotate(Count("pk"))
    counted = dict(members)
    return {row.pk: {"num_members": counted.get(row.pk, 0)} for row in rows}


def people(rows: Sequence[User]) -> Counted:
    """`karma`: all points but the author's own, with and without a vote's row, as they are folded in; and what others
    count. 2 queries, and theirs.
    """
    karma: Counter[int] = Counter()
    points = F("ups") - F("base_ups") + Greatest(F("base_ups") - 1, 0)
    for model in (Story, Comment):
        for pk, number in model.objects.filter(author__in=rows).values_list("author").annotate(points=Sum(points)):
            karma[pk] += number
    others = [count(rows) for count in _above]
    return {row.pk: reduce(or_, (counted[row.pk] for counted in others), {"karma": karma[row.pk]}) for row in rows}


def comments(rows: Sequence[Story]) -> Counted:
    """Points and replies of all comments of these threads. 1 query."""
    votes = CommentVote.objects.filter(comment=OuterRef("pk")).values("comment")
    pending = CommentDelta.objects.filter(comment=OuterRef("pk")).values("comment")
    columns = ("pk", "parent_id", "deleted_at", "removed_at", "base_ups", "base_flags")
    found = Comment.objects.filter(story__in=rows).values(
        *columns,
        num_votes=_number(votes, Count("pk")),
        **{f"pending_{name}": _number(pending, Sum(name)) for name in ("ups", "replies", "descendants")},
    )
    threads = list(found)
    replies, descendants = _below(threads)
    counted: Counted = {}
    for row in threads:
        pk, ups, flags = row["pk"], row["base_ups"] + row["num_votes"] - row["pending_ups"], row["base_flags"]
        counted[pk] = {
            **_points(ups, flags),
            "confidence": wilson(ups, flags),
            "num_replies": replies[pk] - row["pending_replies"],
            "num_descendants": descendants[pk] - row["pending_descendants"],
        }
    return counted


def stories(rows: Sequence[Story]) -> Counted:
    """Points, comments and ranks of stories, as the points of their comments are. 2 queries."""
    modifiers: dict[int, list[float]] = {row.pk: [] for row in rows}
    for story_id, modifier in StoryTag.objects.filter(story__in=rows).values_list("story", "tag__hotness_mod"):
        modifiers[story_id].append(modifier)
    pending = StoryDelta.objects.filter(story=OuterRef("pk"))
    live = Comment.objects.live().filter(story=OuterRef("pk")).values("story")
    # An erased author is nobody in particular.
    by_others = live.alias(who=Coalesce("author_id", 0)).exclude(who=Coalesce(OuterRef("author_id"), 0))
    found = Story.objects.filter(pk__in=[row.pk for row in rows]).values(
        "pk",
        num_votes=_number(StoryVote.objects.filter(story=OuterRef("pk")).values("story"), Count("pk")),
        num_live=_number(live, Count("pk")),
        by_others=_number(by_others, Sum(F("score") + 1)),
        last_at=Subquery(live.values(at=Max("created_at"))),
        is_moving=Exists(pending.exclude(comments=0)),
        **{
            f"pending_{name}": _number(pending.values("story"), Sum(name))
            for name in ("ups", "comments", "comment_points")
        },
    )
    numbers: dict[int, Any] = {row["pk"]: row for row in found}
    return {row.pk: _story(row, numbers[row.pk], modifiers[row.pk]) for row in rows}


def _story(row: Story, numbers: dict[str, Any], modifiers: list[float]) -> dict[str, Any]:
    ups = row.base_ups + numbers["num_votes"] - numbers["pending_ups"]
    by_others = numbers["by_others"] - numbers["pending_comment_points"]
    active_at = max(row.created_at, numbers["last_at"] or row.created_at)
    rank = ranking.rank(
        score=ups - row.base_flags,
        comment_points=by_others,
        base=ranking.base_of(row, modifiers),
        created_at=row.created_at,
    )
    return {
        **_points(ups, row.base_flags),
        "num_comments": numbers["num_live"] - numbers["pending_comments"],
        "comment_points": by_others,
        "active_at": row.active_at if numbers["is_moving"] else active_at,
        "hotness": rank.hotness,
    }


def _points(ups: int, flags: int) -> dict[str, Any]:
    return {"ups": ups, "flags": flags, "score": ups - flags, "controversy": controversy(ups, flags)}


def _below(threads: Sequence[dict[str, Any]]) -> tuple[Counter[int], Counter[int]]:
    """Live replies and live descendants of each comment, found by the parents alone."""
    parents = {row["pk"]: row["parent_id"] for row in threads}
    replies: Counter[int] = Counter()
    descendants: Counter[int] = Counter()
    for row in threads:
        is_gone = row["deleted_at"] or row["removed_at"]
        above = None if is_gone else row["parent_id"]
        if above:
            replies[above] += 1
        while above:
            descendants[above] += 1
            above = parents[above]
    return replies, descendants


def _number(grouped: QuerySet[Any, Any], aggregate: Count | Sum) -> Coalesce:
    return Coalesce(Subquery(grouped.values(number=aggregate)), 0)
