"""What members tell moderators: who may, how often, and what becomes of it."""

from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from apps.accounts.models import User
from apps.accounts.permissions import Banned
from apps.comments.actions import delete_comment
from apps.comments.models import Comment
from apps.communities import actions as communities
from apps.core.errors import Invalid, NotAllowed
from apps.jobs import actions as jobs
from apps.jobs.models import Job
from apps.moderation.actions import acts, flags
from apps.moderation.actions.flags import FLAGS_A_DAY, FlagsSpent
from apps.moderation.models import NOTE_LENGTH, Flag, LogEntry
from apps.moderation.permissions import NotModerator
from apps.stories.actions import delete_story
from apps.stories.models import Story
from tests.concurrency import at_once
from tests.conftest import CountQueries
from tests.factories import NOW, CommentFactory, ModeratorFactory, PersonFactory, StoryFactory

pytestmark = pytest.mark.django_db
Item = Story | Comment


@pytest.fixture(params=[StoryFactory, CommentFactory], ids=["story", "comment"])
def item(request: pytest.FixtureRequest) -> Item:
    made: Item = request.param.create()
    return made


def flag(by: User, item: Item, reason: str = "spam", **other: Any) -> Flag:
    if isinstance(item, Story):
        return flags.flag_story(by=by, story=item, reason=reason, **{"now": NOW} | other)
    return flags.flag_comment(by=by, comment=item, reason=reason, **{"now": NOW} | other)


def remove(item: Item, by: User) -> None:
    if isinstance(item, Story):
        acts.remove_story(by=by, story=item, reason="Spam.", now=NOW)
    else:
        acts.remove_comment(by=by, comment=item, reason="Spam.", now=NOW)


def delete(item: Item) -> None:
    assert item.author
    if isinstance(item, Story):
        delete_story(by=item.author, story=item, now=NOW)
    else:
        delete_comment(by=item.author, comment=item, now=NOW)


def test_a_flag_says_what_is_wrong_and_changes_no_score(item: Item) -> None:
    person = PersonFactory.create()
    before = type(item).objects.values().get()

    made = flag(person, item, "other", note="  Looks\nodd.\x00\u202e ")

    assert (made.user, made.item, made.reason, made.note) == (person, item, "other", "Looks odd.")
    assert type(item).objects.values().get() == before


def test_a_second_flag_is_the_first_one(item: Item) -> None:
    person = PersonFactory.create()

    first, second = flag(person, item, "spam"), flag(person, item, "unkind")

    assert (first.pk, second.reason) == (second.pk, "spam")
    assert Flag.objects.count() == 1


@pytest.mark.parametrize(
    ("reason", "note"),
    [
        *(("", ""), ("x" * 30, ""), ("Spam", ""), ("\x00", "")),
        *(("other", ""), ("other", "\u202e \x00"), ("other", "\u200b"), ("spam", "x" * (NOTE_LENGTH + 1))),
    ],
)
def test_a_flag_without_a_reason_of_the_list_or_with_too_long_a_note_is_refused(reason: str, note: str) -> None:
    with pytest.raises(Invalid):
        flag(PersonFactory.create(), StoryFactory.create(), reason, note=note)

    assert not Flag.objects.exists()


def test_nobody_flags_what_they_wrote(item: Item) -> None:
    assert item.author

    with pytest.raises(NotAllowed):
        flag(item.author, item)


def test_what_an_erased_person_wrote_can_be_flagged() -> None:
    assert flag(PersonFactory.create(), StoryFactory.create(author=None))


@pytest.mark.parametrize("factory", [StoryFactory, CommentFactory])
@pytest.mark.parametrize("gone", ["removed_at", "deleted_at"])
def test_what_is_gone_takes_no_flags(factory: Any, gone: str) -> None:
    with pytest.raises(NotAllowed):
        flag(PersonFactory.create(), factory.create(**{gone: NOW}))


def test_a_banned_person_flags_nothing_but_takes_back_what_they_flagged(item: Item) -> None:
    person = PersonFactory.create()
    flag(person, item)
    User.objects.filter(pk=person.pk).update(banned_until=NOW + timedelta(days=1))

    # The caller's copy of the person is from before the ban.
    with pytest.raises(Banned):
        flag(person, StoryFactory.create())
    flags.unflag(by=person, item=item)

    assert not Flag.objects.exists()


def test_nobody_flags_more_than_their_share_of_a_day() -> None:
    person = PersonFactory.create()
    for story in StoryFactory.create_batch(FLAGS_A_DAY):
        flag(person, story)
    more = StoryFactory.create()

    with pytest.raises(FlagsSpent) as refusal:
        flag(person, more, now=NOW + timedelta(hours=23))

    assert 3600 <= refusal.value.seconds <= 3601
    assert flag(person, more, now=NOW + timedelta(hours=24))
    assert flag(PersonFactory.create(), more)


def test_a_flag_that_is_taken_back_is_gone_and_can_be_raised_again(item: Item) -> None:
    person, other = PersonFactory.create(), PersonFactory.create()
    for by in (person, other):
        flag(by, item)

    for _ in range(2):
        flags.unflag(by=person, item=item)

    assert [found.user for found in Flag.objects.all()] == [other]
    assert flag(person, item, "unkind").reason == "unkind"


def test_dismissed_flags_stay_dismissed_and_leave_no_entry_in_the_log(item: Item) -> None:
    person, moderator = PersonFactory.create(), ModeratorFactory.create()
    flag(person, item)

    for moment in (NOW, NOW + timedelta(hours=1)):
        flags.settle_flags(by=moderator, item=item, now=moment)
    flags.unflag(by=person, item=item)
    flag(person, item)

    settled = Flag.objects.get()
    assert (settled.settled_at, settled.settled_by) == (NOW, moderator)
    assert not LogEntry.objects.exists()


def test_what_was_dismissed_can_be_flagged_by_others(item: Item) -> None:
    flag(PersonFactory.create(), item)
    flags.settle_flags(by=ModeratorFactory.create(), item=item, now=NOW)

    flag(PersonFactory.create(), item)

    assert Flag.objects.open().count() == 1


def test_only_moderators_of_its_community_dismiss_flags(item: Item) -> None:
    place = item.community if isinstance(item, Story) else item.story.community
    here, there = PersonFactory.create_batch(2)
    communities.appoint_moderator(person=here, community=place, now=NOW)
    communities.appoint_moderator(
        person=there, community=StoryFactory.create(community__slug="side").community, now=NOW
    )
    flag(PersonFactory.create(), item)

    for person in (there, *PersonFactory.create_batch(2, is_staff=True)):
        with pytest.raises(NotModerator):
            flags.settle_flags(by=person, item=item, now=NOW)
    flags.settle_flags(by=here, item=item, now=NOW)

    assert Flag.objects.get().settled_by == here


def test_removing_something_settles_its_flags_and_no_others(item: Item) -> None:
    moderator, other = ModeratorFactory.create(), CommentFactory.create()
    for flagged in (item, other):
        flag(PersonFactory.create(), flagged)

    remove(item, moderator)

    assert [found.item for found in Flag.objects.open()] == [other]
    assert Flag.objects.exclude(settled_at=None).get().settled_by == moderator


def test_deleting_something_settles_its_flags(item: Item) -> None:
    flag(PersonFactory.create(), item)
    delete(item)

    jobs.run_one(Job.objects.get(name="moderation.settle").pk, now=NOW + timedelta(days=365))

    settled = Flag.objects.get()
    assert settled.settled_at
    assert settled.settled_by is None


def test_a_flag_is_of_a_story_or_of_a_comment() -> None:
    comment, person = CommentFactory.create(), PersonFactory.create()
    values = {"user": person, "reason": "spam", "created_at": NOW}

    for items in ({}, {"story": comment.story, "comment": comment}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Flag.objects.create(**values, **items)


def test_a_flag_costs_a_handful_of_queries(item: Item, count_queries: CountQueries) -> None:
    person = PersonFactory.create()

    with count_queries() as queries:
        flag(person, item)

    assert len([query for query in queries if "SAVEPOINT" not in query]) == 6


@pytest.mark.django_db(transaction=True)
def test_one_finger_pressing_eight_times_at_once_is_one_flag(item: Item) -> None:
    person = PersonFactory.create()

    at_once([partial(flag, person, item)] * 8)

    assert Flag.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_nobody_gets_more_than_their_share_by_flagging_at_once() -> None:
    person, stories = PersonFactory.create(), StoryFactory.create_batch(FLAGS_A_DAY + 3)
    for story in stories[: FLAGS_A_DAY - 1]:
        flag(person, story)

    def attempt(story: Story) -> bool:
        try:
            return bool(flag(person, story))
        except FlagsSpent:
            return False

    made = at_once([partial(attempt, story) for story in stories[FLAGS_A_DAY - 1 :]])

    assert sum(made) == 1
    assert Flag.objects.count() == FLAGS_A_DAY


@pytest.mark.django_db(transaction=True)
def test_nothing_stays_flagged_that_was_removed_at_the_same_moment(item: Item) -> None:
    people, moderator = PersonFactory.create_batch(6), ModeratorFactory.create()

    def attempt(person: User) -> None:
        with suppress(NotAllowed):
            flag(person, item)

    at_once([*(partial(attempt, person) for person in people), partial(remove, item, moderator)])

    assert not Flag.objects.open().exists()
