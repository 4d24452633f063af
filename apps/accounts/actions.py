"""What people do with their own account, and what happens to a person's counters."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import F

from apps.accounts import tags
from apps.accounts.models import ABOUT_LENGTH, PersonMute, User
from apps.accounts.permissions import check_may_write
from apps.core.errors import Invalid
from apps.core.text import clean, render_markdown
from apps.jobs import actions as jobs
from apps.pagecache import purging
from apps.pagecache.tags import viewer


@transaction.atomic
def edit_profile(*, by: User, about: str, now: datetime) -> User:
    """Replace the text of `by`'s profile. Raises Banned, Invalid. 2 writes."""
    person = lock_person(by.pk)
    check_may_write(person, now)
    person.about = clean(about)
    if len(person.about) > ABOUT_LENGTH:
        raise Invalid(
            f"A profile has at most {ABOUT_LENGTH:,} characters; this one has {len(person.about):,}.", field="about"
        )
    person.about_html = render_markdown(person.about)
    person.save(update_fields=["about", "about_html"])
    jobs.enqueue("search.index", kind="person", pk=person.pk)
    purging.purge(tags.person(person.username))
    return person


@transaction.atomic
def mute_person(*, by: User, person: User, now: datetime) -> None:
    """Hide what `person` writes from `by`'s lists. Idempotent. Raises Invalid for oneself."""
    if by.pk == person.pk:
        raise Invalid("You cannot mute yourself.")
    PersonMute.objects.get_or_create(user=by, person=person, defaults={"created_at": now})


@transaction.atomic
def unmute_person(*, by: User, person: User) -> None:
    """Show what `person` writes again. Idempotent."""
    PersonMute.objects.filter(user=by, person=person).delete()


@transaction.atomic
def set_rights(*, person: User, is_moderator: bool, is_staff: bool, is_active: bool) -> None:
    """Let a person moderate everywhere, see the admin, log in; or no longer. 2 writes."""
    User.objects.filter(pk=person.pk).update(is_moderator=is_moderator, is_staff=is_staff, is_active=is_active)
    jobs.enqueue("search.index", kind="person", pk=person.pk)
    purging.purge(tags.PEOPLE, tags.person(person.username), viewer(person.pk))


@transaction.atomic
def set_groups(*, person: User, groups: Iterable[Group]) -> None:
    """Give a person what these groups may do in the admin, and no longer what others may. At most 3 queries."""
    person.groups.set(groups)


def lock_person(pk: int) -> User:
    """The person's row as it is now, locked until the caller's transaction ends."""
    return User.objects.select_for_update(no_key=True).get(pk=pk)


def change_karma(*, person: User | None, delta: int) -> None:
    """Add `delta` to a person's karma, inside the caller's transaction. 1 write, last of all locks."""
    if person is not None and delta:
        User.objects.filter(pk=person.pk).update(karma=F("karma") + delta)
        # Its owner reads it in the menu of every page.
        purging.purge(tags.PEOPLE, tags.person(person.username), viewer(person.pk))
