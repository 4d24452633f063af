"""Votes: one row for each person and target; and what recounts have found. Not here: tallies (stories, comments)."""

from datetime import timedelta

from django.conf import settings
from django.db import models

from apps.comments.models import Comment
from apps.stories.models import Story

VOTING_PERIOD = timedelta(days=90)


class StoryVote(models.Model):
    """`user` finds `story` worth reading."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    # Without a constraint: checking it locks the row that all vote on, slower and slower as that is changed.
    story = models.ForeignKey(
        Story, on_delete=models.CASCADE, related_name="votes", db_index=False, db_constraint=False
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["story", "user"], name="votes_one_per_story")]
        indexes = [models.Index(fields=["user", "-created_at"], name="votes_story_by_user")]

    def __str__(self) -> str:
        return f"{self.user} on story {self.story_id}"


class CommentVote(models.Model):
    """`user` finds `comment` worth reading."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    # As above.
    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, related_name="votes", db_index=False, db_constraint=False
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "user"], name="votes_one_per_comment")]
        indexes = [models.Index(fields=["user", "-created_at"], name="votes_comment_by_user")]

    def __str__(self) -> str:
        return f"{self.user} on comment {self.comment_id}"


class Recount(models.Model):
    """One look at all counters of the site: how many rows it has seen, how many counters it has set right, by name."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    num_rows = models.PositiveIntegerField(default=0)
    drift = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"Recount of {self.started_at:%Y-%m-%d %H:%M}"
