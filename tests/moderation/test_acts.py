"""What moderators do, and who may do it where."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from apps.accounts import actions as accounts
from apps.accounts.models import User
from apps.accounts.permissions import Banned
from apps.comments import actions as comments
from apps.comments.models import Comment
from apps.communities import actions as communities
from apps.communities.models import Community
from apps.core.errors import DomainError, Invalid, NotAllowed
from apps.moderation.actions import acts
from apps.moderation.actions.acts import LONGEST_BAN, AlreadyDone
from apps.moderation.models import REASON_LENGTH, LogEntry
from apps.moderation.permissions import NotModerator
from apps.stories import actions as stories
from apps.stories.actions import Draft
from apps.stories.models import Story
from apps.votes import actions as votes
from tests.factories import NOW, CommentFactory, CommunityFactory, ModeratorFactory, PersonFactory, StoryFactory

pytestmark = pytest.mark.django_db
Act = Callable[..., LogEntry]

# Each act with the one that undoes it, and what it is done to.
PAIRS = [
    (acts.remove_story, acts.restore_story, "story"),
    (acts.lock_thread, acts.unlock_thread, "story"),
    (acts.remove_comment, acts.restore_comment, "comment"),
]
PERSON_PAIR = (acts.ban_person, acts.unban_person, "person")
FACTORIES: dict[str, Any] = {"story": StoryFactory, "comment": CommentFactory, "person": PersonFactory}


def do(act: Act, kind: str, target: object, by: User, reason: str = "Off topic.") -> LogEntry:
    days = {"days": 3} if act is acts.ban_person else {}
    return act(by=by, reason=reason, now=NOW, **{kind: target}, **days)


def moderator_of(community: Community) -> User:
    person: User = PersonFactory.create()
    communities.appoint_moderator(person=person, community=community, now=NOW)
    return person


def place_of(target: Story | Comment) -> Community:
    return target.community if isinstance(target, Story) else target.story.community


@pytest.mark.parametrize(("act", "undo", "kind"), [*PAIRS, PERSON_PAIR])
def test_an_act_and_its_undoing_each_leave_an_entry_with_its_reason(act: Act, undo: Act, kind: str) -> None:
    target, moderator = FACTORIES[kind].create(), ModeratorFactory.create()

    first = do(act, kind, target, moderator, "  Off\ntopic.\x00 ")
    second = do(undo, kind, target, moderator)

    assert (first.moderator, first.reason, first.created_at) == (moderator, "Off topic.", NOW)
    assert getattr(first, kind) == target
    assert list(LogEntry.objects.order_by("pk")) == [first, second]


@pytest.mark.parametrize(("act", "undo", "kind"), [*PAIRS, PERSON_PAIR])
@pytest.mark.parametrize("reason", ["", "  ", "\x00", "\u202e", "\u200b", "x" * (REASON_LENGTH + 1)])
def test_nothing_is_done_without_a_reason_of_right_length(act: Act, undo: Act, kind: str, reason: str) -> None:
    target = FACTORIES[kind].create()
    before = type(target).objects.values().get(pk=target.pk)

    with pytest.raises(Invalid):
        do(act, kind, target, ModeratorFactory.create(), reason)

    assert type(target).objects.values().get(pk=target.pk) == before
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(("act", "undo", "kind"), PAIRS)
def test_the_same_act_twice_is_refused(act: Act, undo: Act, kind: str) -> None:
    target, moderator = FACTORIES[kind].create(), ModeratorFactory.create()

    do(act, kind, target, moderator)
    with pytest.raises(AlreadyDone):
        do(act, kind, target, ModeratorFactory.create())

    assert LogEntry.objects.count() == 1


@pytest.mark.parametrize(("act", "undo", "kind"), [*PAIRS, PERSON_PAIR])
def test_what_was_not_done_cannot_be_undone(act: Act, undo: Act, kind: str) -> None:
    with pytest.raises(AlreadyDone):
        do(undo, kind, FACTORIES[kind].create(), ModeratorFactory.create())


@pytest.mark.parametrize(("act", "undo", "kind"), [*PAIRS, PERSON_PAIR])
def test_members_moderate_nothing(act: Act, undo: Act, kind: str) -> None:
    target = FACTORIES[kind].create()
    people = [PersonFactory.create(), PersonFactory.create(is_staff=True), moderator_of(CommunityFactory.create())]

    for person in people:
        for attempt in (act, undo):
            with pytest.raises(NotModerator):
                do(attempt, kind, target, person)


@pytest.mark.parametrize(("act", "undo", "kind"), PAIRS)
def test_a_communitys_moderator_acts_there(act: Act, undo: Act, kind: str) -> None:
    target = FACTORIES[kind].create()
    moderator = moderator_of(place_of(target))

    entry = do(act, kind, target, moderator)

    assert entry.community == place_of(target)


def test_a_dismissed_moderator_acts_no_longer() -> None:
    story = StoryFactory.create()
    moderator = moderator_of(story.community)

    communities.dismiss_moderator(person=moderator, community=story.community)

    with pytest.raises(NotModerator):
        do(acts.remove_story, "story", story, moderator)


def test_a_banned_moderator_acts_no_longer() -> None:
    story = StoryFactory.create()
    moderator = moderator_of(story.community)
    do(acts.ban_person, "person", moderator, ModeratorFactory.create())
    moderator.refresh_from_db()

    with pytest.raises(Banned):
        do(acts.remove_story, "story", story, moderator)


@pytest.mark.parametrize("rights", [{"is_moderator": True}, {"is_superuser": True}])
def test_moderators_are_not_banned(rights: dict[str, bool]) -> None:
    with pytest.raises(NotAllowed):
        do(acts.ban_person, "person", PersonFactory.create(**rights), ModeratorFactory.create())


@pytest.mark.parametrize("days", [-1, 0, LONGEST_BAN.days + 1, 10**12])
def test_a_ban_of_absurd_length_is_refused(days: int) -> None:
    person = PersonFactory.create()

    with pytest.raises(Invalid):
        acts.ban_person(by=ModeratorFactory.create(), person=person, days=days, reason="Abuse.", now=NOW)

    person.refresh_from_db()
    assert not person.is_banned(NOW)


def test_a_second_ban_replaces_the_first_and_ends_by_itself() -> None:
    person, moderator = PersonFactory.create(), ModeratorFactory.create()

    for days in (30, 2):
        entry = acts.ban_person(by=moderator, person=person, days=days, reason="Abuse.", now=NOW)

    person.refresh_from_db()
    assert entry.until == person.banned_until == NOW + timedelta(days=2)
    assert person.is_banned(NOW + timedelta(days=2, seconds=-1))
    assert not person.is_banned(NOW + timedelta(days=2))


def test_a_removed_comment_leaves_all_counts_and_a_restored_one_comes_back() -> None:
    root = CommentFactory.create()
    reply = CommentFactory.create(parent=root)
    moderator = ModeratorFactory.create()

    do(acts.remove_comment, "comment", reply, moderator)
    removed = Comment.objects.select_related("story").get(pk=root.pk)
    do(acts.restore_comment, "comment", reply, moderator)
    restored = Comment.objects.select_related("story").get(pk=root.pk)

    assert (removed.num_replies, removed.num_descendants, removed.story.num_comments) == (0, 0, 1)
    assert (restored.num_replies, restored.num_descendants, restored.story.num_comments) == (1, 1, 2)
    assert list(votes.recount(repair=False)) == []


def test_restoring_what_its_author_deleted_counts_nothing() -> None:
    comment, moderator = CommentFactory.create(), ModeratorFactory.create()
    do(acts.remove_comment, "comment", comment, moderator)
    Comment.objects.update(deleted_at=NOW)

    do(acts.restore_comment, "comment", comment, moderator)

    assert Story.objects.get().num_comments == 0


def test_the_log_is_only_ever_added_to() -> None:
    entry = do(acts.remove_story, "story", StoryFactory.create(), ModeratorFactory.create())
    entry.reason = "Another."

    for attempt in (
        entry.save,
        entry.delete,
        LogEntry.objects.all().delete,
        lambda: LogEntry.objects.update(reason="Another."),
    ):
        with pytest.raises(TypeError):
            attempt()

    assert LogEntry.objects.get().reason == "Off topic."


def test_entries_outlive_the_people_they_name() -> None:
    story, moderator = StoryFactory.create(), ModeratorFactory.create()
    entry = do(acts.remove_story, "story", story, moderator)

    moderator.delete()

    entry.refresh_from_db()
    assert entry.moderator is None


def writing_actions(person: User) -> dict[str, Callable[[], object]]:
    """Everything by which somebody puts something before others; each would work but for the ban."""
    story = StoryFactory.create()
    own_story, own_comment = StoryFactory.create(author=person), CommentFactory.create(author=person)
    comment = CommentFactory.create()
    draft = Draft(title="Mine", text="Mine.", tags=("tag",))
    by: dict[str, Any] = {"by": person, "now": NOW}
    return {
        "submit": lambda: stories.submit_story(community=story.community, draft=draft, **by),
        "edit story": lambda: stories.edit_story(story=own_story, draft=draft, **by),
        "comment": lambda: comments.post_comment(story=story, text="Mine.", **by),
        "reply": lambda: comments.post_comment(story=comment.story, parent=comment, text="Mine.", **by),
        "edit comment": lambda: comments.edit_comment(comment=own_comment, text="Mine.", **by),
        "vote": lambda: votes.cast_story_vote(story=story, **by),
        "retract": lambda: votes.retract_story_vote(story=story, **by),
        "vote on comment": lambda: votes.cast_comment_vote(comment=comment, **by),
        "retract from comment": lambda: votes.retract_comment_vote(comment=comment, **by),
        "join": lambda: communities.join_community(community=story.community, **by),
        "profile": lambda: accounts.edit_profile(about="Mine.", **by),
    }


def test_a_banned_person_writes_nothing_anywhere() -> None:
    person = PersonFactory.create()
    attempts = writing_actions(person)
    do(acts.ban_person, "person", person, ModeratorFactory.create())
    person.refresh_from_db()

    answers = {}
    for name, attempt in attempts.items():
        try:
            attempt()
        except DomainError as error:
            answers[name] = error.code

    assert answers == dict.fromkeys(attempts, "banned")


def test_a_banned_person_may_still_take_back_what_they_wrote() -> None:
    person = PersonFactory.create(banned_until=NOW + timedelta(days=1))
    comment, story = CommentFactory.create(author=person), StoryFactory.create(author=person)

    comments.delete_comment(by=person, comment=comment, now=NOW)
    stories.delete_story(by=person, story=story, now=NOW)

    assert not Comment.objects.live().exists()
    assert not Story.objects.listed().filter(author=person).exists()
