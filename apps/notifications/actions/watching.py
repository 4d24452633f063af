"""What people want to hear of, and what not."""

from datetime import datetime

from django.db import transaction

from apps.accounts.models import User
from apps.communities.models import Tag
from apps.core.errors import Invalid
from apps.notifications.models import PersonWatch, StoryWatch, TagWatch
from apps.stories.models import Story


@transaction.atomic
def watch_story(*, by: User, story: Story, now: datetime) -> None:
    """Tell `by` of each new comment on the story; a mute of it ends. Idempotent."""
    _choose(by, story, is_mute=False, now=now)


@transaction.atomic
def mute_thread(*, by: User, story: Story, now: datetime) -> None:
    """Tell `by` of nothing that is said below the story; a watch of it ends. Idempotent."""
    _choose(by, story, is_mute=True, now=now)


@transaction.atomic
def unwatch_story(*, by: User, story: Story) -> None:
    """End a watch or a mute of the story. Idempotent."""
    StoryWatch.objects.filter(user=by, story=story).delete()


@transaction.atomic
def watch_tag(*, by: User, tag: Tag, now: datetime) -> None:
    """Tell `by` of each new story with the tag. Idempotent."""
    TagWatch.objects.get_or_create(user=by, tag=tag, defaults={"created_at": now})


@transaction.atomic
def unwatch_tag(*, by: User, tag: Tag) -> None:
    """Tell `by` of them no longer. Idempotent."""
    TagWatch.objects.filter(user=by, tag=tag).delete()


@transaction.atomic
def watch_person(*, by: User, person: User, now: datetime) -> None:
    """Tell `by` of what `person` writes. Idempotent. Raises Invalid for oneself."""
    if by.pk == person.pk:
        raise Invalid("You cannot watch yourself.")
    PersonWatch.objects.get_or_create(user=by, person=person, defaults={"created_at": now})


@transaction.atomic
def unwatch_person(*, by: User, person: User) -> None:
    """Tell `by` of it no longer. Idempotent."""
    PersonWatch.objects.filter(user=by, person=person).delete()


def _choose(by: User, story: Story, *, is_mute: bool, now: datetime) -> None:
    StoryWatch.objects.update_or_create(
        user=by, story=story, defaults={"is_mute": is_mute}, create_defaults={"is_mute": is_mute, "created_at": now}
    )
