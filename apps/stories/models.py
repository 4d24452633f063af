"""Stories, their texts, tags and deltas, and what members keep or hide. Not here: comments and votes."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.text import slugify

from apps.accounts.models import PersonMute
from apps.communities.models import Community, Tag, TagMute

TITLE_LENGTH = 150
URL_LENGTH = 2000
DOMAIN_LENGTH = 253
TEXT_LENGTH = 40_000
MAX_TAGS = 5
# Last words of other addresses below a story's own.
TAKEN_SLUGS = {"edit", "deletion", "rank", "saved", "hidden", "vote", "removal", "lock", "watch", "mute", "flag"}
EDIT_WINDOW = timedelta(hours=6)
COMMENT_WINDOW = timedelta(days=90)

LISTED = models.Q(removed_at=None, deleted_at=None, held_at=None)


class StoryQuerySet(models.QuerySet["Story"]):
    """Filters that say what a list holds."""

    def listed(self) -> Self:
        """Neither removed by a moderator, nor deleted by the author, nor held back."""
        return self.filter(LISTED)

    def tagged(self, tags: Iterable[Tag]) -> Self:
        """With any of these tags."""
        return self.filter(models.Exists(StoryTag.objects.filter(story=models.OuterRef("pk"), tag__in=tags)))

    def wanted_by(self, user_id: int) -> Self:
        """Without what this member has hidden or muted: stories, people, domains, tags."""
        muted_tags = TagMute.objects.filter(user=user_id).values("tag")
        return self.filter(
            ~models.Exists(HiddenStory.objects.filter(user=user_id, story=models.OuterRef("pk"))),
            ~models.Exists(PersonMute.objects.filter(user=user_id, person=models.OuterRef("author"))),
            ~models.Exists(DomainMute.objects.filter(user=user_id, domain=models.OuterRef("domain"))),
            ~models.Exists(StoryTag.objects.filter(story=models.OuterRef("pk"), tag__in=muted_tags)),
        )


class Story(models.Model):
    """A submitted link or text: the narrow row that lists touch (the text is a StoryText).

    `ups`, `flags`, `score`, `controversy` are changed by votes; `num_comments`, `active_at` by comments;
    `comment_points` by both; `hotness` follows from them (ranking.py). `base_ups` and `base_flags` are points
    without a vote's row: the author's own, or those that came with an import.
    """

    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="stories", db_index=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="stories", db_index=False
    )
    title = models.CharField(max_length=TITLE_LENGTH)
    slug = models.CharField(max_length=60, editable=False)
    url = models.CharField(max_length=URL_LENGTH, blank=True)
    normalized_url = models.CharField(max_length=URL_LENGTH, blank=True, editable=False)
    domain = models.CharField(max_length=DOMAIN_LENGTH, blank=True, editable=False)
    is_own_work = models.BooleanField(default=False)
    tags = models.ManyToManyField(Tag, through="StoryTag", related_name="stories")

    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    removed_at = models.DateTimeField(null=True, editable=False)
    held_at = models.DateTimeField(null=True, editable=False)
    locked_at = models.DateTimeField(null=True, editable=False)

    base_ups = models.IntegerField(default=1, editable=False)
    base_flags = models.IntegerField(default=0, editable=False)
    ups = models.IntegerField(default=1, editable=False)
    flags = models.IntegerField(default=0, editable=False)
    score = models.IntegerField(default=1, editable=False)
    controversy = models.FloatField(default=0.0, editable=False)
    num_comments = models.IntegerField(default=0, editable=False)
    comment_points = models.IntegerField(default=0, editable=False)
    hotness = models.FloatField(default=0.0, editable=False)
    active_at = models.DateTimeField(editable=False)

    objects = StoryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "stories"
        constraints = [
            models.CheckConstraint(condition=models.Q(score=models.F("ups") - models.F("flags")), name="stories_score"),
        ]
        indexes = [
            models.Index(fields=["-hotness", "-id"], name="stories_hottest", condition=LISTED),
            models.Index(fields=["-created_at", "-id"], name="stories_newest", condition=LISTED),
            models.Index(fields=["-active_at", "-id"], name="stories_active", condition=LISTED),
            # created_at ends the "top" indexes so that a window is checked without a look at the rows.
            models.Index(fields=["-score", "-id", "created_at"], name="stories_top", condition=LISTED),
            models.Index(fields=["-controversy", "-id"], name="stories_controversial", condition=LISTED),
            models.Index(fields=["-num_comments", "-id"], name="stories_most_commented", condition=LISTED),
            models.Index(fields=["community", "-hotness", "-id"], name="stories_community_hottest", condition=LISTED),
            models.Index(fields=["community", "-created_at", "-id"], name="stories_community_newest", condition=LISTED),
            models.Index(fields=["community", "-active_at", "-id"], name="stories_community_active", condition=LISTED),
            models.Index(
                fields=["community", "-score", "-id", "created_at"], name="stories_community_top", condition=LISTED
            ),
            models.Index(
                fields=["community", "-controversy", "-id"], name="stories_community_divisive", condition=LISTED
            ),
            models.Index(fields=["community", "-num_comments", "-id"], name="stories_community_most", condition=LISTED),
            models.Index(fields=["author", "-created_at", "-id"], name="stories_author_newest"),
            models.Index(fields=["domain", "-created_at", "-id"], name="stories_domain_newest", condition=LISTED),
            models.Index(fields=["normalized_url", "-created_at"], name="stories_same_url"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The story with its thread."""
        return reverse("comments:thread", args=[self.pk, self.slug or "-"])

    def set_slug(self) -> None:
        """Set the words of the address from the title."""
        slug = slugify(self.title)[:60].strip("-")
        self.slug = "" if slug in TAKEN_SLUGS else slug

    @property
    def is_gone(self) -> bool:
        """Whether only its place is left: deleted by the author or removed by a moderator."""
        return self.deleted_at is not None or self.removed_at is not None

    def is_editable(self, now: datetime) -> bool:
        """Whether the author may still change it at `now`."""
        return not self.is_gone and now < self.created_at + EDIT_WINDOW

    def is_open(self, now: datetime) -> bool:
        """Whether comments are taken at `now`."""
        return not self.is_gone and self.locked_at is None and now < self.created_at + COMMENT_WINDOW


class StoryDelta(models.Model):
    """What a story's tallies have still to be changed by; `user` is whose vote it was.

    Rows are added without a look at the story, and folded into it within a second (apps/comments/folding.py). No
    constraint refers to it, since checking one locks the row that all are voting on.
    """

    story = models.ForeignKey(
        Story, on_delete=models.CASCADE, related_name="deltas", db_index=False, db_constraint=False
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
    comments = models.IntegerField(db_default=0)
    comment_points = models.IntegerField(db_default=0)

    class Meta:
        indexes = [models.Index(fields=["story", "user"], name="stories_deltas")]

    def __str__(self) -> str:
        return f"Delta of {self.story_id}"


class StoryText(models.Model):
    """The wide part of a story: what was typed, and its safe HTML."""

    story = models.OneToOneField(Story, primary_key=True, on_delete=models.CASCADE, related_name="body")
    markdown = models.TextField(max_length=TEXT_LENGTH, blank=True)
    html = models.TextField(blank=True, editable=False)

    def __str__(self) -> str:
        return f"Text of {self.story_id}"


class StoryTag(models.Model):
    """A tag on a story."""

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="story_tags", db_index=False)
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["story", "tag"], name="stories_tag_once")]
        indexes = [models.Index(fields=["tag", "-story"], name="stories_by_tag")]

    def __str__(self) -> str:
        return f"{self.tag} on {self.story_id}"


class SavedStory(models.Model):
    """A story that `user` keeps for later."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "saved stories"
        constraints = [models.UniqueConstraint(fields=["user", "story"], name="stories_saved_once")]
        indexes = [models.Index(fields=["user", "-created_at", "-id"], name="stories_saved_newest")]

    def __str__(self) -> str:
        return f"{self.user} saved {self.story_id}"


class HiddenStory(models.Model):
    """A story that `user` does not want to see in lists."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "hidden stories"
        constraints = [models.UniqueConstraint(fields=["user", "story"], name="stories_hidden_once")]
        indexes = [models.Index(fields=["user", "-created_at", "-id"], name="stories_hidden_newest")]

    def __str__(self) -> str:
        return f"{self.user} hides {self.story_id}"


class DomainMute(models.Model):
    """`user` does not want to read stories from `domain`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="domain_mutes")
    domain = models.CharField(max_length=DOMAIN_LENGTH)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "domain"], name="stories_one_mute_per_domain")]

    def __str__(self) -> str:
        return f"{self.user} mutes {self.domain}"
