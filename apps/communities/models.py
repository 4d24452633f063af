"""Communities, their members, and the closed vocabulary of tags. Not here: stories."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse

SLUG_VALIDATORS = [RegexValidator(r"\A[a-z0-9][a-z0-9_-]*\Z", "Use small letters, digits and dashes.")]
TAG_VALIDATORS = [RegexValidator(r"\A[a-z0-9][a-z0-9_.+-]*\Z", "Use small letters, digits, dots, plus and dashes.")]


class Community(models.Model):
    """A place for stories. `num_members` is changed by joining and leaving."""

    slug = models.CharField(max_length=40, unique=True, validators=SLUG_VALIDATORS)
    name = models.CharField(max_length=80)
    summary = models.CharField(max_length=200, blank=True)
    rules = models.TextField(max_length=8000, blank=True)
    rules_html = models.TextField(blank=True, editable=False)
    num_members = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "communities"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Its front page."""
        return reverse("stories:community", args=[self.slug])


class Membership(models.Model):
    """A person's place in a community."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    is_moderator = models.BooleanField("moderator", default=False)
    joined_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["community", "user"], name="communities_one_membership")]

    def __str__(self) -> str:
        return f"{self.user} in {self.community}"


class TagCategory(models.Model):
    """A heading in the list of tags."""

    name = models.CharField(max_length=40, unique=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "tag categories"

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    """A word of the vocabulary. People choose from it; only operators add to it."""

    name = models.CharField(max_length=40, unique=True, validators=TAG_VALIDATORS)
    category = models.ForeignKey(TagCategory, on_delete=models.PROTECT, related_name="tags")
    summary = models.CharField(max_length=200, blank=True)
    hotness_mod = models.FloatField(
        "rank modifier",
        default=0.0,
        help_text="Added to the hotness of its stories; 1 is worth 22 hours, below 0 comments no longer lift.",
    )
    is_active = models.BooleanField("active", default=True, help_text="Inactive tags stay on old stories only.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(hotness_mod__gte=-10, hotness_mod__lte=10), name="communities_modifier_is_bounded"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The stories with this tag."""
        return reverse("stories:tag", args=[self.name])


class TagMute(models.Model):
    """`user` does not want to read stories with `tag`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tag_mutes")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "tag"], name="communities_one_mute_per_tag")]

    def __str__(self) -> str:
        return f"{self.user} mutes {self.tag}"
