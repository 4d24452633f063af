"""Questions about notifications: the inbox, what somebody watches, what is to be mailed, who is to be told."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import QuerySet

from apps.accounts.models import PersonMute, User
from apps.comments.models import Comment
from apps.communities.models import Tag
from apps.core.cursors import Cursor, Order, Page, paginate
from apps.core.prepared import prepared
from apps.notifications.lines import PARTS, Line, line_of
from apps.notifications.models import Digest, Kind, Notification, PersonWatch, Preferences, StoryWatch, TagWatch
from apps.stories.models import Story, StoryTag
from apps.stories.queries.lists import Listing, listing
from apps.stories.queries.own import unwanted
from apps.stories.queries.rows import StoryRow

PAGE_SIZE = 25
NEWEST = Order("id", "int")
# A text that calls more people by name calls the first ones only.
MOST_NAMES = 10
MOST_MAILED = 20
DIGEST_LENGTH = 10


def inbox(user: User, *, cursor: Cursor | None) -> Page[Line]:
    """What `user` was told, newest first, 25 a page. 2 queries."""
    page = paginate(
        Notification.objects.filter(recipient=user).values("id"), order=NEWEST, cursor=cursor, size=PAGE_SIZE
    )
    found = Notification.objects.select_related(*PARTS).in_bulk([row["id"] for row in page.rows])
    return page.of([line_of(found[row["id"]]) for row in page.rows])


def preferences_of(user: User) -> Preferences:
    """Their own, or the defaults. 1 query."""
    return Preferences.objects.filter(user=user).first() or Preferences(user=user)


def watched_person_names(user: User) -> list[str]:
    """The names of the people `user` watches, in order. 1 query."""
    rows = PersonWatch.objects.filter(user=user).order_by("person__username")
    return list(rows.values_list("person__username", flat=True))


def watched_tags(user: User) -> list[Tag]:
    """The tags `user` watches, by name. 1 query."""
    return list(Tag.objects.filter(pk__in=TagWatch.objects.filter(user=user).values("tag")).order_by("name"))


def story_watches(user: User, story_ids: list[int]) -> tuple[set[int], set[int]]:
    """Which of these stories `user` watches, and which threads are muted. 1 query."""
    found = _story_watches(user.pk, story_ids)
    return {pk for pk, is_mute in found if not is_mute}, {pk for pk, is_mute in found if is_mute}


def confirmed_address(user: User) -> str | None:
    """Where mail may be sent to. 1 query."""
    confirmed = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "pk")
    address: str | None = confirmed.values_list("email", flat=True).first()
    return address


def reader(person_id: int) -> User | None:
    """Who may get mail: an active person. 1 query."""
    return User.objects.filter(pk=person_id, is_active=True).first()


def to_mail(reader: User, *, story_id: int, before: datetime, now: datetime) -> list[Line]:
    """What `reader` wants to hear by mail, has not read, and no mail has told, of one story (0: of none), oldest first.

    From before the time `before`, and nothing that may not be read any more. While banned, only what moderators did.
    2 queries.
    """
    kinds = set(preferences_of(reader).mailed_kinds)
    if reader.is_banned(now):
        kinds &= {Kind.MODERATION}
    waiting = Notification.objects.filter(
        recipient=reader, id__gt=reader.read_until, mailed_at=None, kind__in=kinds, created_at__lt=before
    )
    rows = waiting.filter(story=story_id or None).select_related(*PARTS).order_by("id")
    return [line_of(row) for row in rows[:MOST_MAILED] if row.is_visible]


def digest(reader: User, *, window: str, now: datetime) -> list[StoryRow]:
    """The best ten stories of the day or week: with tags that `reader` watches, or of all if they watch none.

    Nothing that they have hidden or muted; nothing at all to who wants no digest, or is banned. 6 queries.
    """
    if not preferences_of(reader).gets_digest or reader.is_banned(now):
        return []
    best = Listing(order="top", window=window, tags=tuple(watched_tags(reader)))
    rows = listing(best, cursor=None, now=now).rows
    hidden = unwanted(reader, [row.id for row in rows])
    return [row for row in rows if row.id not in hidden][:DIGEST_LENGTH]


def digest_readers(*, after: int, size: int) -> list[tuple[int, str]]:
    """The next `size` people, by id, who want a digest, with how often. 1 query."""
    wanted = Preferences.objects.exclude(digest=Digest.OFF).filter(user__gt=after)
    return list(wanted.order_by("user").values_list("user_id", "digest")[:size])


def live_comment(pk: int) -> Comment | None:
    """The comment with its parent, text and story, if others may read it. 1 query."""
    found = Comment.objects.live().filter(pk=pk, story__removed_at=None, story__held_at=None)
    return found.select_related("parent", "body", "story").first()


def listed_story(pk: int) -> Story | None:
    """The story with its text, if others may read it. 1 query."""
    return Story.objects.listed().filter(pk=pk).select_related("body").first()


def people_called(names: Sequence[str]) -> list[int]:
    """The people of these names, which are in small letters. 1 query."""
    rows = User.objects.filter(username__lower__in=names[:MOST_NAMES])
    return list(rows.values_list("pk", flat=True))


def watchers(target: Comment | Story) -> list[tuple[Kind, QuerySet[Any, int]]]:
    """Whom to tell of it because they watch: ids by kind, the more direct kind first. No query yet."""
    of_person = PersonWatch.objects.filter(person=target.author_id).values_list("user_id", flat=True)
    if isinstance(target, Comment):
        of_story = StoryWatch.objects.filter(story=target.story_id, is_mute=False)
        return [(Kind.STORY, of_story.values_list("user_id", flat=True)), (Kind.PERSON, of_person)]
    of_tags = TagWatch.objects.filter(tag__in=StoryTag.objects.filter(story=target).values("tag"))
    return [(Kind.PERSON, of_person), (Kind.TAG, of_tags.values_list("user_id", flat=True).distinct())]


def author_of(told: Notification) -> int | None:
    """Who did what people are told of. No query: its parts are loaded."""
    if told.entry:
        return told.entry.moderator_id
    target = told.comment or told.story
    return target.author_id if target else None


def unwilling(told: Notification, people: Iterable[int]) -> set[int]:
    """Which of these people have muted its author or the thread; nobody for a moderator's act. 2 queries."""
    if told.entry:
        return set()
    muters = PersonMute.objects.filter(user__in=people, person=author_of(told)).values_list("user_id", flat=True)
    deaf = StoryWatch.objects.filter(user__in=people, story=told.story, is_mute=True).values_list("user_id", flat=True)
    return {*muters, *deaf}


def read_before(moment: datetime, *, after: int, size: int) -> tuple[list[int], int]:
    """Which of the next `size` notifications by id are older than `moment` and read, and the id to go on after.

    0: all that follow are younger. 1 query.
    """
    following = Notification.objects.filter(pk__gt=after).order_by("pk")
    rows = list(following.values_list("pk", "created_at", "recipient__read_until")[:size])
    read = [pk for pk, created_at, read_until in rows if created_at < moment and pk <= read_until]
    is_over = len(rows) < size or rows[-1][1] >= moment
    return read, 0 if is_over else rows[-1][0]


@prepared
def _story_watches(user_id: int, story_ids: Sequence[int]) -> QuerySet[Any, Any]:
    return StoryWatch.objects.filter(user=user_id, story__in=story_ids).values_list("story_id", "is_mute")
