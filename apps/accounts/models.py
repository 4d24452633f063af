"""People and the people they mute. Not here: what people wrote."""

from datetime import datetime

from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse

# `username__lower=…` uses the index of the constraint below, `__iexact` would not.
models.CharField.register_lookup(Lower)

USERNAME_LENGTH = 30
ABOUT_LENGTH = 4000
USERNAME_VALIDATORS = [
    RegexValidator(
        r"\A[A-Za-z0-9][A-Za-z0-9_.-]*\Z",
        "Use letters, digits, dots, dashes and underscores, and begin with a letter or a digit.",
    )
]

# Nobody can choose a name that begins so.
ERASED = "[erased"


def erased_name(pk: int) -> str:
    """The name of somebody whose account is erased."""
    return f"{ERASED} {pk}]"


def shown_name(username: str | None) -> str:
    """A name as pages show it, "" when there is none any more."""
    return "" if username is None or username.startswith(ERASED) else username


def name_of(person: "User | None") -> str:
    """Their name as pages show it; "" for nobody, and for who is erased, whose row stays."""
    return person.shown_name if person else ""


class User(AbstractUser):
    """A person. `karma` is changed by votes: one for each point from somebody else.

    `num_unread` and `read_until` are changed by notifications: how many are unread, and the id up to which they are
    read. They stand here since every page of a member shows the number, and loads this row anyway.
    """

    first_name = None  # type: ignore[assignment]  # Django's own way of dropping an inherited field
    last_name = None  # type: ignore[assignment]  # the same

    username = models.CharField(max_length=USERNAME_LENGTH, unique=True, validators=USERNAME_VALIDATORS)
    about = models.TextField(max_length=ABOUT_LENGTH, blank=True)
    about_html = models.TextField(blank=True, editable=False)
    karma = models.IntegerField(default=0, editable=False)
    is_moderator = models.BooleanField("moderator", default=False, help_text="May moderate everywhere on the site.")
    banned_until = models.DateTimeField(null=True, blank=True, editable=False)
    num_unread = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    read_until = models.PositiveBigIntegerField(default=0, db_default=0, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("username"), name="accounts_username_any_case"),
        ]
        indexes = [
            models.Index(fields=["-karma", "id"], name="accounts_by_karma"),
            # The few among the many, for the admin's filters.
            models.Index(fields=["-id"], name="accounts_moderators", condition=models.Q(is_moderator=True)),
            models.Index(fields=["-id"], name="accounts_staff", condition=models.Q(is_staff=True)),
            models.Index(fields=["-id"], name="accounts_inactive", condition=models.Q(is_active=False)),
        ]

    def __str__(self) -> str:
        return self.username

    def get_absolute_url(self) -> str:
        """The profile."""
        return reverse("accounts:profile", args=[self.username])

    @property
    def shown_name(self) -> str:
        """The name, "" when the account is erased."""
        return shown_name(self.username)

    def is_banned(self, now: datetime) -> bool:
        """Whether a moderator keeps this person from writing at `now`."""
        return self.banned_until is not None and self.banned_until > now


class PersonMute(models.Model):
    """`user` does not want to read what `person` writes."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="person_mutes")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "person"], name="accounts_one_mute_per_person"),
            models.CheckConstraint(condition=~models.Q(user=models.F("person")), name="accounts_nobody_mutes_oneself"),
        ]

    def __str__(self) -> str:
        return f"{self.user} mutes {self.person}"
