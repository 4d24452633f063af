"""The log of moderation, which is only ever added to, and flags. Not here: the acts' effects (on their targets)."""

from typing import Any, Never, Self, cast

from django.conf import settings
from django.db import models

from apps.comments.models import Comment
from apps.communities.models import Community
from apps.stories.models import Story

REASON_LENGTH = 500
NOTE_LENGTH = 200

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


def story_of(item: Story | Comment) -> Story:
    """The story itself, or the one that is commented on."""
    return item if isinstance(item, Story) else item.story


class FlagQuerySet(models.QuerySet["Flag"]):
    """Filters that say which flags a moderator or a member sees."""

    def open(self) -> Self:
        """No moderator has seen to them yet."""
        return self.filter(settled_at=None)

    def on(self, item: Story | Comment) -> Self:
        """About this story or comment."""
        return self.filter(story=item) if isinstance(item, Story) else self.filter(comment=item)

    def within(self, places: models.QuerySet[Community]) -> Self:
        """About what stands in these communities."""
        in_places = models.Q(story__community__in=places) | models.Q(comment__story__community__in=places)
        return self.filter(in_places)


class Flag(models.Model):
    """`user` tells the moderators what is wrong with `story`, or with `comment`. It changes no score.

    It is settled by the moderator who dismissed it or removed what it is about; by nobody when its author deleted that.
    """

    class Reason(models.TextChoices):
        """What is wrong; the value is stable, the label is shown."""

        SPAM = "spam", "Spam"
        OFF_TOPIC = "off-topic", "Off topic"
        UNKIND = "unkind", "Unkind"
        RULES = "rules", "Against the rules of the community"
        DUPLICATE = "duplicate", "Posted before"
        OTHER = "other", "Something else"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    story = models.ForeignKey(Story, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    comment = models.ForeignKey(Comment, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    reason = models.CharField(max_length=20, choices=Reason)
    note = models.CharField(max_length=NOTE_LENGTH, blank=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    objects = FlagQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(story=None, comment__isnull=False) | models.Q(story__isnull=False, comment=None),
                name="moderation_flag_is_of_one",
            ),
            models.UniqueConstraint(
                fields=["story", "user"],
                condition=models.Q(story__isnull=False),
                name="moderation_one_flag_per_story",
            ),
            models.UniqueConstraint(
                fields=["comment", "user"],
                condition=models.Q(comment__isnull=False),
                name="moderation_one_flag_per_comment",
            ),
        ]
        indexes = [
            models.Index(
                fields=["story", "comment"], condition=models.Q(settled_at=None), name="moderation_open_flags"
            ),
            models.Index(fields=["user", "-created_at"], name="moderation_flags_by_user"),
        ]

    def __str__(self) -> str:
        about = f"story {self.story_id}" if self.story_id else f"comment {self.comment_id}"
        return f"{self.get_reason_display()}: {about}"

    @property
    def item(self) -> Story | Comment:
        """What it is about."""
        return self.story or cast("Comment", self.comment)
