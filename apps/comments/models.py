"""Comments, their texts and deltas, and how far each member has read a thread. Not here: votes."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.urls import reverse

from apps.stories.models import Story

TEXT_LENGTH = 20_000
EDIT_WINDOW = timedelta(hours=6)
# Levels below a story. A reply to a comment on the last level becomes its sibling.
MAX_DEPTH = 18

LIVE = models.Q(removed_at=None, deleted_at=None)
ROOT = models.Q(parent=None)
REPLY = models.Q(parent__isnull=False)


class CommentQuerySet(models.QuerySet["Comment"]):
    """Filters that say what a thread or list shows."""

    def live(self) -> Self:
        """Neither removed by a moderator nor deleted by the author."""
        return self.filter(LIVE)

    def shown(self) -> Self:
        """Live, or a placeholder that still holds live replies."""
        return self.filter(LIVE | models.Q(num_descendants__gt=0))


class Comment(models.Model):
    """A comment: the narrow row that threads are ordered by (the text is a CommentText).

    `path` holds the ids of its ancestors from the root down, joined by dots; `root` is null on a root.
    `num_replies` and `num_descendants` count live comments only. `ups`, `flags`, `score`, `confidence`,
    `controversy` are changed by votes; `base_ups` and `base_flags` are points without a vote's row.
    """

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="comments", db_index=False)
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="replies", db_index=False)
    root = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    path = models.CharField(max_length=400, blank=True)
    depth = models.PositiveSmallIntegerField(default=0)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="comments", db_index=False
    )

    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    removed_at = models.DateTimeField(null=True, editable=False)

    base_ups = models.IntegerField(default=1, editable=False)
    base_flags = models.IntegerField(default=0, editable=False)
    ups = models.IntegerField(default=1, editable=False)
    flags = models.IntegerField(default=0, editable=False)
    score = models.IntegerField(default=1, editable=False)
    confidence = models.FloatField(default=0.0, editable=False)
    controversy = models.FloatField(default=0.0, editable=False)
    num_replies = models.IntegerField(default=0, editable=False)
    num_descendants = models.IntegerField(default=0, editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(depth__lt=MAX_DEPTH), name="comments_depth"),
            models.CheckConstraint(
                condition=models.Q(score=models.F("ups") - models.F("flags")), name="comments_score"
            ),
            models.CheckConstraint(
                condition=models.Q(depth=0, parent=None, root=None, path="")
                | models.Q(depth__gt=0, parent__isnull=False, root__isnull=False),
                name="comments_place",
            ),
        ]
        indexes = [
            # Roots of a story and replies to a comment, in each order that is asked for often. They are apart, since
            # PostgreSQL does not see that "parent is null" leaves an index on (story, parent, …) in order.
            models.Index(fields=["story", "-confidence", "-id"], name="comments_roots_best", condition=ROOT),
            models.Index(fields=["story", "-created_at", "-id"], name="comments_roots_newest", condition=ROOT),
            models.Index(fields=["parent", "-confidence", "-id"], name="comments_replies_best", condition=REPLY),
            models.Index(fields=["parent", "-created_at", "-id"], name="comments_replies_newest", condition=REPLY),
            models.Index(fields=["story", "-created_at"], name="comments_by_story"),
            models.Index(fields=["root"], name="comments_by_root", condition=models.Q(root__isnull=False)),
            models.Index(fields=["author", "-created_at", "-id"], name="comments_by_author"),
            models.Index(fields=["-created_at", "-id"], name="comments_all_newest", condition=LIVE),
        ]

    def __str__(self) -> str:
        return f"Comment {self.pk}"

    def get_absolute_url(self) -> str:
        """The comment with its ancestors, siblings and replies."""
        return reverse("comments:comment", args=[self.pk])

    @property
    def ancestor_ids(self) -> list[int]:
        """Ids from the root down to the parent."""
        return [int(step) for step in self.path.split(".")] if self.path else []

    @property
    def is_gone(self) -> bool:
        """Whether only its place is left: deleted by the author or removed by a moderator."""
        return self.deleted_at is not None or self.removed_at is not None

    def is_editable(self, now: datetime) -> bool:
        """Whether the author may still change it at `now`."""
        return not self.is_gone and now < self.created_at + EDIT_WINDOW


class CommentDelta(models.Model):
    """What a comment's tallies have still to be changed by, as a StoryDelta says it of a story."""

    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, related_name="deltas", db_index=False, db_constraint=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    ups = models.IntegerField(db_default=0)
    replies = models.IntegerField(db_default=0)
    descendants = models.IntegerField(db_default=0)

    class Meta:
        indexes = [models.Index(fields=["comment", "user"], name="comments_deltas")]

    def __str__(self) -> str:
        return f"Delta of {self.comment_id}"


class CommentText(models.Model):
    """The wide part of a comment: what was typed, and its safe HTML."""

    comment = models.OneToOneField(Comment, primary_key=True, on_delete=models.CASCADE, related_name="body")
    markdown = models.TextField(max_length=TEXT_LENGTH)
    html = models.TextField(editable=False)

    def __str__(self) -> str:
        return f"Text of {self.comment_id}"


class Visit(models.Model):
    """When `user` last read the thread of `story`: comments since then are unread."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="+")
    visited_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "story"], name="comments_one_visit")]

    def __str__(self) -> str:
        return f"{self.user} read {self.story_id}"
