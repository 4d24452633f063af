"""The log of moderation, which is only ever added to. Not here: the actions' effects (on their targets)."""

from typing import Any, Never

from django.conf import settings
from django.db import models

from apps.comments.models import Comment
from apps.communities.models import Community
from apps.stories.models import Story

REASON_LENGTH = 500


STAYS = "An entry of the moderation log stays as it is."


class LogQuerySet(models.QuerySet["LogEntry"]):
    """Only ever added to. What is erased elsewhere still leaves its entries' references (SET_NULL)."""

    def update(self, **changes: object) -> Never:
        """Refuse."""
        raise TypeError(STAYS)

    def delete(self) -> Never:
        """Refuse."""
        raise TypeError(STAYS)


class LogEntry(models.Model):
    """One act of a moderator: who, what, on whom, why."""

    class Act(models.TextChoices):
        """What was done; the value is stable, the label is shown."""

        REMOVE_STORY = "remove-story", "removed the story"
        RESTORE_STORY = "restore-story", "restored the story"
        LOCK_STORY = "lock-story", "locked the thread"
        UNLOCK_STORY = "unlock-story", "unlocked the thread"
        REMOVE_COMMENT = "remove-comment", "removed the comment"
        RESTORE_COMMENT = "restore-comment", "restored the comment"
        BAN_PERSON = "ban-person", "banned"
        UNBAN_PERSON = "unban-person", "lifted the ban of"

    moderator = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    act = models.CharField(max_length=20, choices=Act.choices)
    reason = models.CharField(max_length=REASON_LENGTH)
    community = models.ForeignKey(Community, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    story = models.ForeignKey(Story, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    comment = models.ForeignKey(Comment, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    objects = LogQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "log entries"
        constraints = [models.CheckConstraint(condition=~models.Q(reason=""), name="moderation_reason_given")]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="moderation_newest"),
            models.Index(fields=["story"], name="moderation_by_story"),
            models.Index(fields=["comment"], name="moderation_by_comment"),
            models.Index(fields=["person", "-created_at"], name="moderation_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.moderator} {self.get_act_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the entry; refuse to change one."""
        if not self._state.adding:
            raise TypeError(STAYS)
        super().save(*args, **kwargs)

    def delete(self, *args: object, **kwargs: object) -> Never:
        """Refuse."""
        raise TypeError(STAYS)
