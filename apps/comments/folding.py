"""Folding: what votes and comments have changed, kept as deltas, is added to the rows of stories, comments and people.

A fold waits for nobody: it takes the rows that are free, and leaves the others, with their deltas, to the next turn.
So it deadlocks with nobody, whatever locks its caller holds. All inside the caller's transaction.
"""

from collections import defaultdict
from collections.abc import Collection
from typing import TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

from apps.accounts.actions import change_karma
from apps.accounts.models import User
from apps.comments.models import Comment, CommentDelta
from apps.comments.queries.pending import pending_comments, pending_stories
from apps.comments.queries.times import last_activity
from apps.comments.tags import appearances, story
from apps.core.ranking import controversy, wilson
from apps.live import publishing
from apps.pagecache import purging
from apps.stories.actions import change_tallies
from apps.stories.models import Story, StoryDelta

# Their rows stay locked until the end, so that some act of a moderator may wait: not for long.
FOLDED_AT_ONCE = 200

Item = TypeVar("Item", Story, Comment)


def fold_pending() -> None:
    """Fold what is pending on FOLDED_AT_ONCE comments, then on as many stories.

    Cost: 10 queries, 1 more for each comment with new points, at most 4 for each story.
    """
    _fold_comments(list(pending_comments()[:FOLDED_AT_ONCE]))
    _fold_stories(list(pending_stories()[:FOLDED_AT_ONCE]))


def fold(*, comments: Collection[int] = (), stories: Collection[int] = ()) -> None:
    """Fold what is pending on these. Comments first, since the points that they get may lift their stories."""
    _fold_comments(comments)
    _fold_stories(stories)


def _fold_comments(ids: Collection[int]) -> None:
    comments = _free(Comment.objects.select_related("author", "story"), ids)
    pending = _take(CommentDelta, "comment", ("ups", "replies", "descendants"), comments)
    changed, lifted = [], []
    for comment in (comment for comment in comments if comment.pk in pending):
        ups, replies, descendants = map(sum, zip(*pending[comment.pk], strict=True))
        _add(comment, ups, replies, descendants)
        changed.append(comment)
        if ups and not comment.is_gone and comment.author_id != comment.story.author_id:
            lifted.append(StoryDelta(story_id=comment.story_id, comment_points=ups))
        change_karma(person=comment.author, delta=ups)
        # How many are below it stands in its thread alone.
        purging.purge(*(appearances(comment) if ups else [story(comment.story_id)]))
    columns = ["num_replies", "num_descendants", "ups", "score", "confidence", "controversy"]
    Comment.objects.bulk_update(changed, columns)
    StoryDelta.objects.bulk_create(lifted)


def _add(comment: Comment, ups: int, replies: int, descendants: int) -> None:
    comment.num_replies += replies
    comment.num_descendants += descendants
    comment.ups += ups
    comment.score = comment.ups - comment.flags
    comment.confidence = wilson(comment.ups, comment.flags)
    comment.controversy = controversy(comment.ups, comment.flags)


def _fold_stories(ids: Collection[int]) -> None:
    stories = _free(Story.objects.select_related("author", "community"), ids)
    pending = _take(StoryDelta, "story", ("ups", "comments", "comment_points"), stories)
    folded = [row for row in stories if row.pk in pending]
    for row in folded:
        ups, comments, points = map(sum, zip(*pending[row.pk], strict=True))
        # One more and one less are none more, but the last one may be another.
        active_at = last_activity(row) if any(delta[1] for delta in pending[row.pk]) else None
        change_tallies(row, ups=ups, comments=comments, comment_points=points, active_at=active_at)
        change_karma(person=row.author, delta=ups)
    # Everybody may listen, but not everybody knows of a held story.
    counts = {story(row.pk): {"score": row.score, "comments": row.num_comments} for row in folded if not row.held_at}
    publishing.publish("counts", counts)


def _free(rows: QuerySet[Item], ids: Collection[int]) -> list[Item]:
    """Those of the rows that nobody else has locked, nor their authors; now we have. 2 queries."""
    if not ids:
        return []
    rows = rows.select_for_update(no_key=True, skip_locked=True, of=("self",))
    found = list(rows.filter(pk__in=ids).order_by("pk"))
    people = User.objects.select_for_update(no_key=True, skip_locked=True).order_by("pk")
    authors = set(people.filter(pk__in={row.author_id for row in found}).values_list("pk", flat=True))
    return [row for row in found if row.author_id is None or row.author_id in authors]


def _take(
    deltas: type[Model], target: str, columns: Collection[str], rows: Collection[Model]
) -> dict[int, list[tuple[int, ...]]]:
    """Delete the deltas of these rows; what they said, by the row's key. 1 query."""
    taken: dict[int, list[tuple[int, ...]]] = defaultdict(list)
    if rows:
        places = ", ".join(["%s"] * len(rows))
        sql = f"DELETE FROM {deltas._meta.db_table} WHERE {target}_id IN ({places}) RETURNING {target}_id, "  # noqa: S608  # names are the models'
        with connection.cursor() as cursor:
            cursor.execute(sql + ", ".join(columns), [row.pk for row in rows])
            for pk, *values in cursor.fetchall():
                taken[pk].append(tuple(values))
    return taken
