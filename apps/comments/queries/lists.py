"""Comments out of their threads: what somebody wrote, the newest ones, some by their ids."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q

from apps.accounts.models import User
from apps.comments.models import Comment, CommentQuerySet
from apps.comments.queries.rows import COLUMNS, ORDERS, STORY_COLUMNS, CommentRow, as_row, as_rows
from apps.core.cursors import Cursor, Page, paginate
from apps.stories.models import Story

PAGE_SIZE = 25
NEWEST = ORDERS["newest"]


def by_person(person: User, *, cursor: Cursor | None) -> Page[CommentRow]:
    """What a person wrote, newest first, with the stories' titles. 1 query."""
    return _listed(Q(author=person), cursor)


def of_story(story: Story, *, cursor: Cursor | None) -> Page[CommentRow]:
    """The newest comments on one story. 1 query."""
    return _listed(Q(story=story), cursor)


def newest(*, cursor: Cursor | None) -> Page[CommentRow]:
    """The newest comments of the whole site, with the stories' titles. 1 query."""
    return _listed(Q(), cursor)


def listed_rows(ids: Sequence[int]) -> list[CommentRow]:
    """Those of these comments that lists show, with the stories' titles, in no order. 1 query."""
    return as_rows(_listable().filter(pk__in=ids).values(*COLUMNS, *STORY_COLUMNS))


def arrivals(story: Story, ids: Sequence[int]) -> list[CommentRow]:
    """Those of these comments that are live and on the story, oldest first. 1 query."""
    return sorted((row for row in listed_rows(ids) if row.story_id == story.pk), key=lambda row: row.id)


def _listed(condition: Q, cursor: Cursor | None) -> Page[CommentRow]:
    found = _listable().filter(condition)
    page = paginate(found.values(*COLUMNS, *STORY_COLUMNS), order=NEWEST, cursor=cursor, size=PAGE_SIZE)
    return page.of([as_row(row) for row in page.rows])


def _listable() -> CommentQuerySet:
    # A question for each comment that is looked at: for a join SQLite would first read all stories.
    return Comment.objects.live().filter(
        Exists(Story.objects.filter(pk=OuterRef("story"), removed_at=None, held_at=None))
    )
