"""What people are told, what they watch, and how they want to hear of it. Not here: mails (mail.py)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.comments.models import Comment
from apps.communities.models import Tag
from apps.moderation.models import LogEntry
from apps.stories.models import Story


class Kind(models.TextChoices):
    """Why a person is told, the most direct first. Each names a column of Preferences."""

    MODERATION = "moderation", "What moderators do to you, your stories and comments"
    REPLY = "reply", "Comments on your stories, replies to your comments"
    MENTION = "mention", "Your name, written as @name"
    STORY = "story", "Comments on stories you watch"
    PERSON = "person", "Stories and comments by people you watch"
    TAG = "tag", "Stories with tags you watch"


class Channel(models.TextChoices):
    """Where a person is told of a kind."""

    MAIL = "mail", "Site and e-mail"
    SITE = "site", "Site"
    OFF = "off", "Off"


class Digest(models.TextChoices):
    """How often a person gets the best stories by mail."""

    OFF = "off", "Never"
    DAILY = "daily", "Daily"
    WEEKLY = "weekly", "Weekly"


class Notification(models.Model):
    """`recipient` is told of `comment`, else of `entry`, else of `story`; of each once, so by one kind.

    It is unread as long as its id is above the recipient's `read_until`. `mailed_at` says that a mail told it too.
    """

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    story = models.ForeignKey(Story, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    comment = models.ForeignKey(Comment, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    entry = models.ForeignKey(LogEntry, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "recipient"], condition=Q(comment__isnull=False), name="notifications_comment_once"
            ),
            models.UniqueConstraint(
                fields=["entry", "recipient"], condition=Q(entry__isnull=False), name="notifications_entry_once"
            ),
            models.UniqueConstraint(
                fields=["story", "recipient"], condition=Q(comment=None, entry=None), name="notifications_story_once"
            ),
            models.CheckConstraint(
                condition=Q(story__isnull=False) | Q(entry__isnull=False), name="notifications_of_something"
            ),
        ]
        indexes = [models.Index(fields=["recipient", "-id"], name="notifications_newest")]

    def __str__(self) -> str:
        return f"{self.kind} for {self.recipient}"

    @property
    def is_visible(self) -> bool:
        """Whether its recipient may still read what it is about; a moderator's act stays one. Its parts are loaded."""
        if self.entry or self.story is None:
            return True
        is_shown = self.story.removed_at is None and self.story.held_at is None
        return is_shown and not (self.comment or self.story).is_gone


class StoryWatch(models.Model):
    """`user` wants to hear of each new comment on `story`; or, if `is_mute`, of none, not even of replies."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="+", db_index=False)
    is_mute = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "story watches"
        constraints = [models.UniqueConstraint(fields=["user", "story"], name="notifications_story_watched_once")]
        indexes = [models.Index(fields=["story", "user"], name="notifications_story_watchers")]

    def __str__(self) -> str:
        return f"{self.user} {'mutes' if self.is_mute else 'watches'} {self.story_id}"


class TagWatch(models.Model):
    """`user` wants to hear of each new story with `tag`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+", db_index=False)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "tag watches"
        constraints = [models.UniqueConstraint(fields=["user", "tag"], name="notifications_tag_watched_once")]
        indexes = [models.Index(fields=["tag", "user"], name="notifications_tag_watchers")]

    def __str__(self) -> str:
        return f"{self.user} watches {self.tag}"


class PersonWatch(models.Model):
    """`user` wants to hear of what `person` writes."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "person watches"
        constraints = [
            models.UniqueConstraint(fields=["user", "person"], name="notifications_person_watched_once"),
            models.CheckConstraint(condition=~Q(user=models.F("person")), name="notifications_nobody_watches_oneself"),
        ]
        indexes = [models.Index(fields=["person", "user"], name="notifications_person_watchers")]

    def __str__(self) -> str:
        return f"{self.user} watches {self.person}"


class Preferences(models.Model):
    """Where `user` is told of each kind, and how often they get a digest; who has no row has the defaults.

    `bounced_at`: when their address refused a mail for good. Until they save their choice again, they get none.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+")
    moderation = models.CharField(max_length=4, choices=Channel, default=Channel.MAIL)
    reply = models.CharField(max_length=4, choices=Channel, default=Channel.MAIL)
    mention = models.CharField(max_length=4, choices=Channel, default=Channel.MAIL)
    story = models.CharField(max_length=4, choices=Channel, default=Channel.SITE)
    person = models.CharField(max_length=4, choices=Channel, default=Channel.SITE)
    tag = models.CharField(max_length=4, choices=Channel, default=Channel.SITE)
    digest = models.CharField(max_length=6, choices=Digest, default=Digest.OFF)
    bounced_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name_plural = "preferences"
        indexes = [models.Index(fields=["user"], name="notifications_digests", condition=~Q(digest=Digest.OFF))]

    def __str__(self) -> str:
        return f"Preferences of {self.user}"

    def channel(self, kind: str) -> str:
        """Where they are told of this kind."""
        return str(getattr(self, kind))

    @property
    def mailed_kinds(self) -> list[str]:
        """What they are told by mail."""
        return [] if self.bounced_at else [kind for kind in Kind.values if self.channel(kind) == Channel.MAIL]

    @property
    def gets_digest(self) -> bool:
        """Whether they want one, and their address takes it."""
        return self.digest != Digest.OFF and self.bounced_at is None
