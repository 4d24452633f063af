"""What people do with comments: write, edit, delete, read; and how a comment's tallies change."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, F, Value, When

from apps.accounts.models import User
from apps.accounts.permissions import check_may_write
from apps.changes import actions as changes
from apps.comments.models import MAX_DEPTH, TEXT_LENGTH, Comment, CommentText, Visit
from apps.comments.permissions import EditingClosed, can_delete, can_edit, check_thread_open
from apps.comments.tags import appearances
from apps.core.errors import Invalid, NotAllowed
from apps.core.ranking import controversy, wilson
from apps.core.text import clean, render_markdown
from apps.pagecache import purging
from apps.stories.actions import change_tallies as change_story_tallies
from apps.stories.actions import lock_story
from apps.stories.models import Story

# The same text in the same place this soon is a form that was sent twice.
SENT_TWICE = timedelta(minutes=10)


@transaction.atomic
def post_comment(*, by: User, story: Story, parent: Comment | None = None, text: str, now: datetime) -> Comment:
    """Add a comment to a story, or a reply to `parent`. A form sent twice returns the first comment.

    Raises Banned, Invalid, NotAllowed, ThreadClosed. Cost: 9 queries, whatever the size of the thread; comments
    on one story wait for each other.
    """
    story = lock_story(story.pk)
    parent = Comment.objects.get(pk=parent.pk, story=story) if parent else None
    check_may_write(by, now)
    check_thread_open(story, parent, now)
    text = _cleaned(text)
    if parent is not None and parent.depth == MAX_DEPTH - 1:
        parent = parent.parent
    if first := _sent_before(by, story, parent, text, now):
        return first
    comment = Comment(story=story, author=by, created_at=now, confidence=wilson(1, 0))
    if parent is not None:
        comment.parent, comment.root_id = parent, parent.root_id or parent.pk
        comment.path = f"{parent.path}.{parent.pk}" if parent.path else str(parent.pk)
        comment.depth = parent.depth + 1
    comment.save()
    CommentText.objects.create(comment=comment, markdown=text, html=render_markdown(text))
    # Of two comments at once, the one that waited for the lock may bear the earlier time.
    _count(comment, story, +1, active_at=max(story.active_at, now))
    changes.note("comment", comment.pk, now)
    purging.purge(*appearances(comment))
    return comment


@transaction.atomic
def edit_comment(*, by: User, comment: Comment, text: str, now: datetime) -> Comment:
    """Replace the text and mark the comment as edited. Raises Banned, EditingClosed, Invalid."""
    comment = lock_comment(comment.pk)
    check_may_write(by, now)
    if not can_edit(by, comment, now):
        raise EditingClosed
    text = _cleaned(text)
    comment.edited_at = now
    comment.save(update_fields=["edited_at"])
    CommentText.objects.filter(comment=comment).update(markdown=text, html=render_markdown(text))
    changes.note("comment", comment.pk, now)
    purging.purge(*appearances(comment))
    return comment


@transaction.atomic
def delete_comment(*, by: User, comment: Comment, now: datetime) -> Comment:
    """Drop the text; a placeholder stays while replies hang below it. Raises NotAllowed."""
    story = lock_story(comment.story_id)
    comment = lock_comment(comment.pk)
    if not can_delete(by, comment):
        raise NotAllowed("Only its author can delete a comment.")
    comment.deleted_at = now
    comment.save(update_fields=["deleted_at"])
    CommentText.objects.filter(comment=comment).update(markdown="", html="")
    count_out(comment, story)
    changes.note("comment", comment.pk, now)
    purging.purge(*appearances(comment))
    return comment


@transaction.atomic
def record_visit(*, by: User, story: Story, until: datetime, now: datetime) -> None:
    """Remember that `by` has read the thread up to `until`, or `now` if that is earlier; an earlier time than the known
    one changes nothing.
    """
    until = min(until, now)
    visit, created = Visit.objects.get_or_create(user=by, story=story, defaults={"visited_at": until})
    if not created and visit.visited_at < until:
        Visit.objects.filter(pk=visit.pk).update(visited_at=until)


def change_tallies(comment: Comment, story: Story, *, ups: int) -> None:
    """Add votes to a comment and its story's rank, inside a transaction that holds both rows' locks. 3 queries."""
    comment.ups += ups
    comment.score = comment.ups - comment.flags
    comment.confidence = wilson(comment.ups, comment.flags)
    comment.controversy = controversy(comment.ups, comment.flags)
    comment.save(update_fields=["ups", "score", "confidence", "controversy"])
    purging.purge(*appearances(comment))
    if comment.author_id != story.author_id:
        change_story_tallies(story, comment_points=ups)


def lock_comment(pk: int) -> Comment:
    """The comment's row, locked until the caller's transaction ends, with its author, who is not."""
    return Comment.objects.select_for_update(no_key=True, of=("self",)).select_related("author").get(pk=pk)


def count_out(comment: Comment, story: Story) -> None:
    """Take a comment that is gone out of all counts. The caller holds the story's lock. 5 queries."""
    _count(comment, story, -1, active_at=_last_activity(story))


def count_in(comment: Comment, story: Story) -> None:
    """Count a comment that is back. The caller holds the story's lock. 5 queries."""
    _count(comment, story, +1, active_at=_last_activity(story))


def _count(comment: Comment, story: Story, step: int, *, active_at: datetime) -> None:
    if ancestors := comment.ancestor_ids:
        is_parent = When(pk=ancestors[-1], then=Value(step))
        Comment.objects.filter(pk__in=ancestors).update(
            num_descendants=F("num_descendants") + step,
            num_replies=F("num_replies") + Case(is_parent, default=Value(0)),
        )
    points = 0 if comment.author_id == story.author_id else step * (comment.score + 1)
    change_story_tallies(story, comments=step, comment_points=points, active_at=active_at)


def _last_activity(story: Story) -> datetime:
    newest = Comment.objects.live().filter(story=story).order_by("-created_at").first()
    return max(newest.created_at, story.created_at) if newest else story.created_at


def _cleaned(text: str) -> str:
    text = clean(text)
    if not text:
        raise Invalid("Write something first.")
    if len(text) > TEXT_LENGTH:
        raise Invalid(f"A comment has at most {TEXT_LENGTH:,} characters; this one has {len(text):,}.")
    return text


def _sent_before(by: User, story: Story, parent: Comment | None, text: str, now: datetime) -> Comment | None:
    recent = Comment.objects.live().filter(author=by, story=story, parent=parent, created_at__gte=now - SENT_TWICE)
    return recent.filter(body__markdown=text).first()
