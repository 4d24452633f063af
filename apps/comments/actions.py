"""What people do with comments: write, edit, delete, read; and how comments enter into counts."""

from datetime import datetime, timedelta

from django.db import transaction

from apps.accounts.actions import lock_person
from apps.accounts.models import User
from apps.accounts.permissions import check_may_write
from apps.changes import actions as changes
from apps.comments import folding, tags
from apps.comments.models import MAX_DEPTH, TEXT_LENGTH, Comment, CommentDelta, CommentText, Visit
from apps.comments.permissions import EditingClosed, can_edit, check_can_delete, check_thread_open
from apps.comments.tags import appearances
from apps.core.errors import Invalid
from apps.core.ranking import wilson
from apps.core.text import clean, render_markdown
from apps.jobs import actions as jobs
from apps.live import publishing
from apps.pagecache import purging
from apps.stories.models import Story, StoryDelta

# The same text in the same place this soon is a form that was sent twice.
SENT_TWICE = timedelta(minutes=10)


@transaction.atomic
def post_comment(*, by: User, story: Story, parent: Comment | None = None, text: str, now: datetime) -> Comment:
    """Add a comment to a story, or a reply to `parent`. A form sent twice returns the first comment.

    Raises Banned, Invalid, NotAllowed, ThreadClosed. Cost: 23 queries, 17 for a root, whatever the size of the thread;
    only comments by the same person wait for each other.
    """
    by = lock_person(by.pk)
    story = Story.objects.get(pk=story.pk)
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
    count_in(comment)
    jobs.enqueue("notifications.comment", "webhooks.comment", comment=comment.pk)
    jobs.enqueue("search.index", kind="comment", pk=comment.pk)
    changes.note("comment", comment.pk, now)
    purging.purge(*appearances(comment))
    if story.held_at is None:
        publishing.publish("comment", {tags.story(story.pk): {"id": comment.pk}})
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
    jobs.enqueue("notifications.comment_edit", comment=comment.pk)
    jobs.enqueue("search.index", kind="comment", pk=comment.pk)
    changes.note("comment", comment.pk, now)
    purging.purge(*appearances(comment))
    return comment


@transaction.atomic
def delete_comment(*, by: User, comment: Comment, now: datetime) -> Comment:
    """Drop the text; a placeholder stays while replies hang below it. Idempotent. Raises NotAllowed."""
    comment = lock_comment(comment.pk)
    if comment.deleted_at and comment.author == by:
        return comment
    check_can_delete(by, comment)
    comment.deleted_at = now
    comment.save(update_fields=["deleted_at"])
    CommentText.objects.filter(comment=comment).update(markdown="", html="")
    count_out(comment)
    jobs.enqueue("moderation.settle", "search.index", kind="comment", pk=comment.pk)
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


def lock_comment(pk: int) -> Comment:
    """The comment's row, locked until the caller's transaction ends, with its author and story, which are not."""
    rows = Comment.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("author", "story").get(pk=pk)


def count_in(comment: Comment) -> None:
    """Count a comment that is new or back. The caller holds its lock. 12 queries."""
    _count(comment, +1)


def count_out(comment: Comment) -> None:
    """Take a comment that is gone out of all counts. The caller holds its lock. 12 queries."""
    _count(comment, -1)


def _count(comment: Comment, step: int) -> None:
    """Note the difference, and fold it at once where nobody else is at work."""
    story, above = comment.story, comment.ancestor_ids
    CommentDelta.objects.bulk_create(
        CommentDelta(comment_id=pk, replies=step * (pk == comment.parent_id), descendants=step) for pk in above
    )
    points = 0 if comment.author_id == story.author_id else step * (comment.score + 1)
    StoryDelta.objects.create(story=story, comments=step, comment_points=points)
    folding.fold(comments=above, stories=[story.pk])


def _cleaned(text: str) -> str:
    text = clean(text)
    if not text:
        raise Invalid("Write something first.", field="text")
    if len(text) > TEXT_LENGTH:
        raise Invalid(f"A comment has at most {TEXT_LENGTH:,} characters; this one has {len(text):,}.", field="text")
    return text


def _sent_before(by: User, story: Story, parent: Comment | None, text: str, now: datetime) -> Comment | None:
    recent = Comment.objects.live().filter(author=by, story=story, parent=parent, created_at__gte=now - SENT_TWICE)
    return recent.filter(body__markdown=text).first()
