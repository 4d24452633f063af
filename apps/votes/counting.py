"""What every counter of the site must be, counted from the rows themselves. Not here: repairing (actions.py)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, F, Sum

from apps.accounts.models import User
from apps.comments.models import Comment
from apps.communities.models import Community, Membership
from apps.core.ranking import controversy, wilson
from apps.stories import ranking
from apps.stories.models import Story, StoryTag
from apps.votes.models import CommentVote, StoryVote

# By the name of the field, by the row's primary key.
Counted = dict[int, dict[str, Any]]


def communities(rows: Sequence[Community]) -> Counted:
    """`num_members`. 1 query."""
    members = Membership.objects.filter(community__in=rows).values_list("community").annotate(Count("pk"))
    counted = dict(members)
    return {row.pk: {"num_members": counted.get(row.pk, 0)} for row in rows}


def people(rows: Sequence[User]) -> Counted:
    """`karma`: all points but the author's own, with and without a vote's row. 4 queries."""
    karma: Counter[int] = Counter()
    for model in (Story, Comment):
        points = model.objects.filter(author__in=rows, base_ups__gt=1).values_list("author")
        _add(karma, points.annotate(points=Sum(F("base_ups") - 1)))
    _add(karma, StoryVote.objects.filter(story__author__in=rows).values_list("story__author").annotate(Count("pk")))
    votes = CommentVote.objects.filter(comment__author__in=rows)
    _add(karma, votes.values_list("comment__author").annotate(Count("pk")))
    return {row.pk: {"karma": karma[row.pk]} for row in rows}


def comments(rows: Sequence[Comment]) -> Counted:
    """Points and replies of all comments of some threads. 1 query."""
    votes: Counter[int] = Counter()
    found = CommentVote.objects.filter(comment__story__in={row.story_id for row in rows})
    _add(votes, found.values_list("comment").annotate(Count("pk")))
    replies, descendants = _below(rows)
    counted: Counted = {}
    for row in rows:
        ups = row.base_ups + votes[row.pk]
        counted[row.pk] = {
            **_points(ups, row.base_flags),
            "confidence": wilson(ups, row.base_flags),
            "num_replies": replies[row.pk],
            "num_descendants": descendants[row.pk],
        }
    return counted


def stories(rows: Sequence[Story], threads: Iterable[Comment], points: Counted) -> Counted:
    """Points, comments and ranks of stories; `points` are the counted ones of their `threads`. 2 queries."""
    votes: Counter[int] = Counter()
    _add(votes, StoryVote.objects.filter(story__in=rows).values_list("story").annotate(Count("pk")))
    modifiers: dict[int, list[float]] = defaultdict(list)
    for story_id, modifier in StoryTag.objects.filter(story__in=rows).values_list("story", "tag__hotness_mod"):
        modifiers[story_id].append(modifier)
    live: dict[int, list[Comment]] = defaultdict(list)
    for comment in threads:
        if not comment.is_gone:
            live[comment.story_id].append(comment)
    return {row.pk: _story(row, row.base_ups + votes[row.pk], live[row.pk], points, modifiers[row.pk]) for row in rows}


def _story(row: Story, ups: int, live: list[Comment], points: Counted, modifiers: list[float]) -> dict[str, Any]:
    by_others = sum(points[comment.pk]["score"] + 1 for comment in live if comment.author_id != row.author_id)
    rank = ranking.rank(
        score=ups - row.base_flags,
        comment_points=by_others,
        base=ranking.base_of(row, modifiers),
        created_at=row.created_at,
    )
    return {
        **_points(ups, row.base_flags),
        "num_comments": len(live),
        "comment_points": by_others,
        "active_at": max([row.created_at, *(comment.created_at for comment in live)]),
        "hotness": rank.hotness,
    }


def _points(ups: int, flags: int) -> dict[str, Any]:
    return {"ups": ups, "flags": flags, "score": ups - flags, "controversy": controversy(ups, flags)}


def _below(rows: Sequence[Comment]) -> tuple[Counter[int], Counter[int]]:
    """Live replies and live descendants of each comment, found by the parents alone."""
    parents = {row.pk: row.parent_id for row in rows}
    replies: Counter[int] = Counter()
    descendants: Counter[int] = Counter()
    for row in rows:
        above = None if row.is_gone else row.parent_id
        if above:
            replies[above] += 1
        while above:
            descendants[above] += 1
            above = parents[above]
    return replies, descendants


def _add(counter: Counter[int], pairs: Iterable[tuple[int, int]]) -> None:
    for key, number in pairs:
        counter[key] += number
