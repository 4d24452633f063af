"""Who is told what, and every message with what became of it. Not here: how it is signed (signing.py)."""

from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from apps.communities.models import Community
from apps.core.connections import PORTS
from apps.stories.links import BadLink, parse_url
from apps.webhooks.signing import new_secret

ERROR_LENGTH = 200


class Event(models.TextChoices):
    """What can be told; the value is what receivers read."""

    STORY = "story.submitted", "a story was submitted"
    COMMENT = "comment.posted", "a comment was posted"
    MILESTONE = "story.milestone", "a story has reached a round number of points"
    MODERATION = "moderation.acted", "a moderator acted"
    FLAG = "flag.raised", "a member flagged a story or comment"


def check_address(value: str) -> None:
    """Raises ValidationError for what no request can be sent to."""
    try:
        link = parse_url(value)
    except BadLink as error:
        raise ValidationError(error.detail) from error
    if urlsplit(link.url).port not in {None, *PORTS}:
        raise ValidationError("Requests are sent to ports 80 and 443 only.")


class Endpoint(models.Model):
    """An address that wants to know of `events`, all over the site or in one community.

    `failing_since` is when the first of its messages failed, of those that failed in a row; until `rests_until` it is
    asked for none.
    """

    name = models.CharField(max_length=100, help_text="Whose it is, and what it is for.")
    url = models.CharField(
        "address", max_length=500, validators=[check_address], help_text="Reached at port 80 or 443 only."
    )
    secret = models.CharField(max_length=100, default=new_secret, editable=False)
    community = models.ForeignKey(
        Community, null=True, blank=True, on_delete=models.CASCADE, related_name="+", help_text="Empty: the whole site."
    )
    events = models.JSONField(default=list)
    is_active = models.BooleanField("active", default=True)
    failing_since = models.DateTimeField(null=True, editable=False)
    rests_until = models.DateTimeField(null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created_at = models.DateTimeField(editable=False)

    def __str__(self) -> str:
        return self.name

    def is_resting(self, now: datetime) -> bool:
        """Whether it shall be left alone at `now`, since it has just failed again."""
        return self.rests_until is not None and now < self.rests_until


class Delivery(models.Model):
    """One message: `body` is what is sent, to the byte. `status` is the last answer's, `error` why there was none.

    It is erased with the account of whoever it names or quotes: `person`, or the `moderator` who acted.
    """

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    moderator = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    event = models.CharField(max_length=30, choices=Event.choices)
    body = models.TextField()
    attempts = models.PositiveIntegerField(default=0)
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=ERROR_LENGTH, blank=True)
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [models.Index(fields=["created_at"], name="webhooks_by_age")]

    def __str__(self) -> str:
        return f"{self.event} {self.pk}"

    @property
    def key(self) -> str:
        """The same at each attempt, so that a receiver knows what it has seen before."""
        return f"msg_{self.pk}"
