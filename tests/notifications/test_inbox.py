"""The inbox, and the count in the menu of every page."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User, erased_name
from apps.comments import actions as comments
from apps.moderation.actions import acts as moderation
from apps.notifications.actions import telling, watching
from apps.notifications.models import Kind, Notification
from apps.notifications.queries import PAGE_SIZE
from apps.stories.models import Story
from tests.conftest import CountQueries
from tests.factories import NOW, CommentFactory, ModeratorFactory, PersonFactory, StoryFactory, TagFactory
from tests.notifications.working import num_unread, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader() -> User:
    return PersonFactory.create(username="sam")


@pytest.fixture
def story(reader: User) -> Story:
    return StoryFactory.create(author=reader, title="A calm sea")


@pytest.fixture
def sams(client: Client, reader: User) -> Client:
    client.force_login(reader)
    return client


def tell(story: Story, text: str = "Well said.") -> None:
    comment = CommentFactory.create(story=story, text=text, author=PersonFactory.create())
    telling.tell_of_comment(comment=comment, now=timezone.now())


def text_of(client: Client, path: str = "/inbox") -> str:
    """What people read, on one line."""
    page = client.get(path).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.partition("<main")[2]))


def test_a_line_says_who_did_what_where_and_leads_there(sams: Client, story: Story, reader: User) -> None:
    mia = PersonFactory.create(username="mia")
    comment = comments.post_comment(by=mia, story=story, text="So *true*.", now=NOW)
    work()

    assert "mia commented on your story A calm sea So true. just now" in text_of(sams)
    assert f'href="/comments/{comment.pk}"' in sams.get("/inbox").content.decode()


def test_every_kind_has_its_words(sams: Client, story: Story, reader: User) -> None:
    mia, moderator, rust = (
        PersonFactory.create(username="mia"),
        ModeratorFactory.create(username="mo"),
        TagFactory.create(),
    )
    own = CommentFactory.create(story=story, author=reader)
    other = StoryFactory.create(title="Waves", author=mia, tags=(rust,))
    watching.watch_story(by=reader, story=other, now=NOW)
    watching.watch_tag(by=reader, tag=rust, now=NOW)
    for told in (
        CommentFactory.create(parent=own, author=mia),
        CommentFactory.create(story=other, author=mia, text="@sam"),
        CommentFactory.create(story=other, author=mia),
    ):
        telling.tell_of_comment(comment=told, now=NOW)
    telling.tell_of_story(story=other, now=NOW)
    moderation.remove_comment(by=moderator, comment=own, reason="Rude.", now=NOW)
    moderation.lock_thread(by=moderator, story=story, reason="Enough.", now=NOW)
    moderation.remove_story(by=moderator, story=story, reason="Spam.", now=NOW)
    moderation.ban_person(by=moderator, person=reader, days=3, reason="Abuse.", now=NOW)
    work()

    text = text_of(sams)

    for words in (
        "mia replied to you on [gone]",
        "mia mentioned you on Waves @sam",
        "mia commented on Waves",
        "you watch this story",
        "mia submitted Waves Some text.",
        "you watch one of its tags",
        "mo removed your comment on A calm sea Rude.",
        "mo locked the thread of your story A calm sea Enough.",
        "mo removed your story A calm sea Spam.",
        "mo banned you until March 4, 2026 Abuse.",
    ):
        assert words in text


@pytest.mark.parametrize("goes", ["deleted", "removed", "story removed"])
def test_what_is_gone_leaves_its_line_without_its_words(goes: str, sams: Client, story: Story) -> None:
    tell(story, "A secret.")
    comment = Notification.objects.get().comment
    assert comment
    assert comment.author
    match goes:
        case "deleted":
            comments.delete_comment(by=comment.author, comment=comment, now=NOW)
        case "removed":
            moderation.remove_comment(by=ModeratorFactory.create(), comment=comment, reason="Why.", now=NOW)
        case _:
            Story.objects.update(removed_at=NOW)

    assert "A secret." not in text_of(sams)
    assert "commented on your story" in text_of(sams)


def test_an_erased_writer_is_said_to_be_erased(sams: Client, story: Story) -> None:
    tell(story)
    author = User.objects.exclude(username="sam").get()
    User.objects.filter(pk=author.pk).update(username=erased_name(author.pk))
    assert "[erased] commented on your story" in text_of(sams)

    author.delete()
    assert "[erased] commented on your story" in text_of(sams)


def test_pages_go_on_by_rows(sams: Client, story: Story) -> None:
    for number in range(PAGE_SIZE + 2):
        tell(story, f"Number {number}.")

    first = sams.get("/inbox").content.decode()
    link = re.search(r'href="(\?after=[^"]+)"', first)

    assert link
    assert ("Number 1." in first, "Number 26." in first) == (False, True)
    second = text_of(sams, f"/inbox{link[1]}")
    assert ("Number 1." in second, "Number 2." in second) == (True, False)


def test_the_inbox_costs_the_same_however_full_it_is(sams: Client, story: Story, count_queries: CountQueries) -> None:
    made = []
    for _ in range(2):
        for _ in range(5):
            tell(story)
        with count_queries() as queries:
            sams.get("/inbox")
        made.append(len(queries))

    # The session, the person, the ids, the lines.
    assert made == [4, 4]


def test_the_count_stands_on_every_page_and_costs_no_query(
    sams: Client, story: Story, count_queries: CountQueries
) -> None:
    sams.get("/c/")
    with count_queries() as before:
        page = sams.get("/c/").content.decode()
    tell(story)
    with count_queries() as after:
        told = sams.get("/c/").content.decode()

    assert ('class="count" hidden>' in page, 'class="count">1<' in told) == (True, True)
    assert len(after) == len(before)


def test_the_count_ends_at_99(sams: Client, reader: User) -> None:
    User.objects.filter(pk=reader.pk).update(num_unread=100)

    assert 'class="count">99+<' in sams.get("/c/").content.decode()


def test_marking_all_as_read_leaves_what_came_later_unread(sams: Client, story: Story, reader: User) -> None:
    for _ in range(3):
        tell(story)
    until = re.search(r'name="until"\s+value="(\d+)"', sams.get("/inbox").content.decode())
    assert until
    tell(story)

    answer = sams.post("/inbox/mark", {"until": until[1]})

    assert answer.headers["Location"] == "/inbox"
    assert num_unread(reader) == 1
    assert sams.get("/inbox").content.decode().count("inbox-unread") == 1


def test_marking_all_as_read_writes_one_row(sams: Client, story: Story, count_queries: CountQueries) -> None:
    for _ in range(30):
        tell(story)

    with count_queries() as queries:
        sams.post("/inbox/mark", {"until": str(10**9)})

    assert len([query for query in queries if query.startswith(("UPDATE", "INSERT", "DELETE"))]) == 1


def test_marking_twice_or_less_or_more_than_there_is_does_no_harm(sams: Client, story: Story, reader: User) -> None:
    tell(story)

    for until in (10**18, 1, 0):
        sams.post("/inbox/mark", {"until": str(until)})
    tell(story)

    assert num_unread(reader) == 1


@pytest.mark.parametrize("until", ["", "x", "-1", "9" * 5000, "½", "\x00", "1e3"])
def test_a_damaged_mark_is_refused(sams: Client, story: Story, reader: User, until: str) -> None:
    tell(story)

    answer = sams.post("/inbox/mark", {"until": until})

    assert (answer.status_code, num_unread(reader)) == (400, 1)


def test_nobody_sees_or_marks_what_others_were_told(client: Client, story: Story, reader: User) -> None:
    tell(story, "For sam only.")
    client.force_login(PersonFactory.create())

    client.post("/inbox/mark", {"until": str(10**9)})

    assert "For sam only." not in text_of(client)
    assert num_unread(reader) == 1


def test_visitors_are_asked_to_log_in(client: Client) -> None:
    assert client.get("/inbox").status_code == 302
    assert client.post("/inbox/mark", {"until": "1"}).status_code == 403


def test_marking_needs_a_token(reader: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(reader)

    assert client.post("/inbox/mark", {"until": "1"}).status_code == 403


def test_a_damaged_address_of_a_page_says_so(sams: Client) -> None:
    assert sams.get("/inbox?after=x~y").status_code == 400


def test_an_empty_inbox_says_what_it_is_for(sams: Client) -> None:
    assert "Here you hear of replies" in text_of(sams)


def test_the_count_is_what_is_unread(story: Story, reader: User) -> None:
    for kind in (Kind.REPLY, Kind.STORY):
        tell(story)
        Notification.objects.filter(recipient=reader).update(kind=kind, created_at=NOW - timedelta(days=1))

    unread = Notification.objects.filter(recipient=reader, pk__gt=User.objects.get(pk=reader.pk).read_until)
    assert num_unread(reader) == unread.count() == 2
