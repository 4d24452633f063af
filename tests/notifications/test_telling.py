"""Who is told of what: each kind, the most direct one only, and nobody who should not be."""

from collections.abc import Callable

import pytest

from apps.accounts import actions as accounts
from apps.accounts.models import User
from apps.comments import actions as comments
from apps.comments.models import Comment
from apps.moderation.actions import acts as moderation
from apps.notifications.actions import telling, watching
from apps.notifications.models import Channel, Kind, Notification, Preferences
from apps.stories import actions as stories
from apps.stories.actions import Draft
from apps.stories.models import Story
from tests.conftest import CountQueries
from tests.factories import (
    NOW,
    CommentFactory,
    CommunityFactory,
    ModeratorFactory,
    PersonFactory,
    StoryFactory,
    TagFactory,
)
from tests.notifications.working import again, num_unread, told, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def author() -> User:
    return PersonFactory.create(username="mia")


@pytest.fixture
def reader() -> User:
    return PersonFactory.create(username="sam")


@pytest.fixture
def story(author: User) -> Story:
    return StoryFactory.create(author=author, tags=(TagFactory.create(name="rust"),))


def say(by: User, story: Story, text: str = "Well.", parent: Comment | None = None) -> Comment:
    comment = comments.post_comment(by=by, story=story, text=text, parent=parent, now=NOW)
    work()
    return comment


def submit(by: User, text: str = "Some text.", title: str = "New") -> Story:
    draft = Draft(title, text=text, tags=(TagFactory.create(name="rust").name,))
    story = stories.submit_story(by=by, community=CommunityFactory.create(slug="town"), draft=draft, now=NOW)
    work()
    return story


def test_the_submitter_hears_of_a_comment_and_its_author_of_a_reply(story: Story, author: User, reader: User) -> None:
    comment = say(reader, story)
    say(author, story, parent=comment)

    assert (told(author), told(reader)) == ([Kind.REPLY], [Kind.REPLY])
    assert (num_unread(author), num_unread(reader)) == (1, 1)


def test_a_reply_to_a_reply_is_no_news_for_the_submitter(story: Story, author: User) -> None:
    comment = CommentFactory.create(story=story)

    say(PersonFactory.create(), story, parent=comment)

    assert told(author) == []


def test_nobody_hears_of_their_own_words(story: Story, author: User) -> None:
    watching.watch_story(by=author, story=story, now=NOW)

    say(author, story, "I, @mia, say so.")

    assert told(author) == []


def test_people_called_by_name_hear_of_it_in_any_case_once(story: Story, reader: User) -> None:
    say(PersonFactory.create(), story, "@Sam, @SAM and @nobody: look. Mail sam@sam.org.")

    assert told(reader) == [Kind.MENTION]


def test_a_name_in_code_or_in_an_address_calls_nobody(story: Story, reader: User) -> None:
    say(PersonFactory.create(), story, "`@sam`, https://example.org/@sam, x@sam\n\n```\n@sam\n```\n\n    @sam")

    assert told(reader) == []


def test_a_text_calls_the_first_ten_names_only(story: Story) -> None:
    people = PersonFactory.create_batch(12)

    say(PersonFactory.create(), story, " ".join(f"@{person}" for person in people))

    assert [len(told(person)) for person in people] == [1] * 10 + [0] * 2


def test_people_called_in_a_story_hear_of_it(author: User, reader: User) -> None:
    submit(author, "What do you say, @sam?")

    assert told(reader) == [Kind.MENTION]


def test_watchers_of_a_story_hear_of_each_comment(story: Story, reader: User) -> None:
    watching.watch_story(by=reader, story=story, now=NOW)
    say(PersonFactory.create(), story)
    watching.unwatch_story(by=reader, story=story)
    say(PersonFactory.create(), story)

    assert told(reader) == [Kind.STORY]


def test_watchers_of_a_tag_hear_of_its_stories_once(author: User, reader: User) -> None:
    watching.watch_tag(by=reader, tag=TagFactory.create(name="rust"), now=NOW)
    submit(author)
    watching.unwatch_tag(by=reader, tag=TagFactory.create(name="rust"))
    submit(author, title="Newer")

    assert told(reader) == [Kind.TAG]


def test_watchers_of_a_person_hear_of_what_they_write(story: Story, author: User, reader: User) -> None:
    watching.watch_person(by=reader, person=author, now=NOW)
    say(author, story)
    submit(author)
    watching.unwatch_person(by=reader, person=author)
    say(author, story, "More.")

    assert told(reader) == [Kind.PERSON, Kind.PERSON]


def test_the_most_direct_kind_wins(story: Story, author: User, reader: User) -> None:
    watcher = PersonFactory.create()
    for person in (author, reader, watcher):
        watching.watch_story(by=person, story=story, now=NOW)
    writer = PersonFactory.create()
    for person in (author, reader, watcher):
        watching.watch_person(by=person, person=writer, now=NOW)

    say(writer, story, "@mia @sam")

    assert [told(person) for person in (author, reader, watcher)] == [[Kind.REPLY], [Kind.MENTION], [Kind.STORY]]


def test_a_kind_that_is_off_leaves_room_for_the_next(story: Story, author: User) -> None:
    Preferences.objects.create(user=author, reply=Channel.OFF)
    say(PersonFactory.create(), story, "For all.")
    say(PersonFactory.create(), story, "For @mia.")

    assert told(author) == [Kind.MENTION]


@pytest.mark.parametrize("kind", [Kind.REPLY, Kind.MENTION, Kind.STORY, Kind.PERSON, Kind.TAG, Kind.MODERATION])
def test_a_kind_that_is_off_is_never_told(kind: Kind, story: Story, author: User, reader: User) -> None:
    everything = dict.fromkeys(Kind, Channel.SITE)
    for person in (author, reader):
        Preferences.objects.create(user=person, **everything | {kind: Channel.OFF})
    writer, moderator = PersonFactory.create(), ModeratorFactory.create()
    watching.watch_person(by=reader, person=writer, now=NOW)
    watching.watch_tag(by=reader, tag=TagFactory.create(name="rust"), now=NOW)
    watching.watch_story(by=reader, story=story, now=NOW)

    say(writer, story, "@sam")
    submit(writer)
    moderation.lock_thread(by=moderator, story=story, reason="Enough.", now=NOW)
    work()

    assert kind not in told(author) + told(reader)
    assert Notification.objects.exists()


@pytest.mark.parametrize(
    ("act", "undo"),
    [(moderation.remove_story, moderation.restore_story), (moderation.lock_thread, moderation.unlock_thread)],
)
def test_authors_hear_what_moderators_do_to_their_story(
    act: Callable[..., object], undo: Callable[..., object], story: Story, author: User
) -> None:
    moderator = ModeratorFactory.create()
    accounts.mute_person(by=author, person=moderator, now=NOW)
    watching.mute_thread(by=author, story=story, now=NOW)

    act(by=moderator, story=story, reason="Off topic.", now=NOW)
    undo(by=moderator, story=story, reason="On topic.", now=NOW)
    work()

    assert told(author) == [Kind.MODERATION, Kind.MODERATION]


def test_authors_hear_what_moderators_do_to_their_comment_and_people_of_their_ban(story: Story, reader: User) -> None:
    moderator = ModeratorFactory.create()
    comment = CommentFactory.create(story=story, author=reader)

    moderation.remove_comment(by=moderator, comment=comment, reason="Rude.", now=NOW)
    moderation.restore_comment(by=moderator, comment=comment, reason="Not rude.", now=NOW)
    moderation.ban_person(by=moderator, person=reader, days=2, reason="Rude.", now=NOW)
    moderation.unban_person(by=moderator, person=reader, reason="Sorry.", now=NOW)
    work()

    assert told(reader) == [Kind.MODERATION] * 4


def test_a_moderator_needs_no_word_of_their_own_acts() -> None:
    moderator = ModeratorFactory.create()

    moderation.lock_thread(by=moderator, story=StoryFactory.create(author=moderator), reason="Done.", now=NOW)
    work()

    assert told(moderator) == []


def test_who_is_muted_tells_nothing(story: Story, author: User, reader: User) -> None:
    accounts.mute_person(by=author, person=reader, now=NOW)

    say(reader, story, "@mia!")

    assert told(author) == []


def test_a_muted_thread_tells_nothing_not_even_replies(story: Story, author: User, reader: User) -> None:
    watching.mute_thread(by=author, story=story, now=NOW)
    say(reader, story, "@mia, you are wrong.")
    watching.unwatch_story(by=author, story=story)
    say(reader, story, "@mia, listen!")

    assert told(author) == [Kind.REPLY]


@pytest.mark.drifts(reason="what went without an action")
@pytest.mark.parametrize("goes", ["deleted", "removed", "held", "below a removed story"])
def test_what_is_gone_by_the_time_of_the_job_is_not_told(goes: str, story: Story, author: User, reader: User) -> None:
    comment = comments.post_comment(by=reader, story=story, text="@mia", now=NOW)
    match goes:
        case "deleted":
            comments.delete_comment(by=reader, comment=comment, now=NOW)
        case "removed":
            Comment.objects.update(removed_at=NOW)
        case "held":
            Story.objects.update(held_at=NOW)
        case _:
            Story.objects.update(removed_at=NOW)

    work()

    assert told(author) == []


def test_people_who_left_are_not_told(story: Story, author: User, reader: User) -> None:
    User.objects.filter(pk=author.pk).update(is_active=False)

    say(reader, story)

    assert told(author) == []


def test_an_erased_author_stops_nobody_from_hearing(author: User, reader: User) -> None:
    orphan = StoryFactory.create(author=None)
    watching.watch_story(by=reader, story=orphan, now=NOW)

    say(author, orphan)

    assert told(reader) == [Kind.STORY]


def test_an_edit_tells_those_whom_it_calls_anew(story: Story, reader: User) -> None:
    writer, other = PersonFactory.create(), PersonFactory.create(username="zoe")
    comment = say(writer, story, "@sam")

    comments.edit_comment(by=writer, comment=comment, text="@sam and @zoe", now=NOW)
    comments.edit_comment(by=writer, comment=comment, text="@zoe", now=NOW)
    comments.edit_comment(by=writer, comment=comment, text="@zoe and @sam", now=NOW)
    work()

    assert (told(reader), told(other)) == ([Kind.MENTION], [Kind.MENTION])


def test_an_edited_story_tells_those_whom_it_calls_anew(reader: User) -> None:
    writer = PersonFactory.create()
    story = submit(writer)

    stories.edit_story(by=writer, story=story, draft=Draft("New", text="@sam", tags=("rust",)), now=NOW)
    work()

    assert told(reader) == [Kind.MENTION]


@pytest.mark.parametrize(
    "name",
    [
        *("notifications.comment", "notifications.comment_watchers", "notifications.comment_edit"),
        *("notifications.story", "notifications.story_watchers", "notifications.story_edit", "notifications.act"),
    ],
)
def test_a_job_that_runs_twice_tells_once(name: str, reader: User) -> None:
    writer = PersonFactory.create()
    watching.watch_person(by=reader, person=writer, now=NOW)
    story = submit(writer, "@sam")
    stories.edit_story(by=writer, story=story, draft=Draft("New", text="@sam!", tags=("rust",)), now=NOW)
    comment = say(writer, story)
    comments.edit_comment(by=writer, comment=comment, text="@sam", now=NOW)
    moderation.lock_thread(by=ModeratorFactory.create(), story=story, reason="Enough.", now=NOW)
    work()
    before = list(Notification.objects.order_by("pk").values())

    again(name)

    assert list(Notification.objects.order_by("pk").values()) == before
    assert (num_unread(reader), num_unread(writer)) == (2, 1)


@pytest.mark.drifts(reason="what went without an action")
def test_thousands_are_told_in_steps_of_constant_cost(
    story: Story, monkeypatch: pytest.MonkeyPatch, count_queries: CountQueries
) -> None:
    monkeypatch.setattr(telling, "STEP", 10)
    writer = PersonFactory.create()
    of_story, of_person = PersonFactory.create_batch(25), PersonFactory.create_batch(12)
    for person in of_story:
        watching.watch_story(by=person, story=story, now=NOW)
    for person in (*of_person, *of_story[:3]):
        watching.watch_person(by=person, person=writer, now=NOW)

    comment = say(writer, story)

    assert [told(person) for person in of_story] == [[Kind.STORY]] * 25
    assert [told(person) for person in of_person] == [[Kind.PERSON]] * 12
    Notification.objects.all().delete()
    made = []
    for step in (1, 10):
        monkeypatch.setattr(telling, "STEP", step)
        with count_queries() as queries:
            telling.tell_watchers(target=comment, after=0, now=NOW)
        made.append(len([query for query in queries if "SAVEPOINT" not in query]))
    assert made == [10, 10]
