"""Tokens of programs, and answers that are kept for those who ask twice. Not here: apps of others (OAuth's tables)."""

from datetime import datetime

from django.conf import settings
from django.db import models

NAME_LENGTH = 60


class Scope(models.TextChoices):
    """What a token is good for; the label completes "It may …"."""

    READ = "read", "read whatever you can read"
    WRITE = "write", "submit, comment, vote, save, hide, mute, join"
    MODERATE = "moderate", "moderate, where you may"
    ACCOUNT = "account", "change your profile and how you are told"


class Token(models.Model):
    """Lets a program of `person` act for them. The secret itself is known to them alone; `digest` is its SHA-256.

    `scope` holds the scopes, joined by spaces. `used_at` is an hour late at most.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=NAME_LENGTH)
    digest = models.CharField(max_length=64, unique=True)
    scope = models.CharField(max_length=100)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} of {self.person}"

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes as words."""
        return frozenset(self.scope.split())

    def is_expired(self, now: datetime) -> bool:
        """Whether it opens nothing any more at `now`."""
        return self.expires_at is not None and self.expires_at <= now


class KeptAnswer(models.Model):
    """What a POST with an Idempotency-Key was answered, for when it is sent again.

    `digest` stands for who sent it and the key, `request` for what was sent.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    request = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"Answer {self.pk}"
