"""The end of an account: what is gone at once, what goes later, and what others keep."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import CHANGE
from django.contrib.admin.models import LogEntry as AdminEntry
from django.contrib.auth.hashers import make_password
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.accounts.actions import edit_profile, mute_person
from apps.accounts.models import User
from apps.comments.actions import delete_comment, post_comment, record_visit
from apps.comments.models import Comment
from apps.communities.actions import join_community, mute_tag
from apps.importing.models import ImportedPerson
from apps.jobs.models import Job
from apps.moderation.actions.acts import ban_person, remove_comment, remove_story, restore_comment
from apps.moderation.actions.flags import flag_story
from apps.moderation.models import LogEntry
from apps.notifications.actions.reading import choose
from apps.notifications.actions.watching import watch_person, watch_story
from apps.notifications.models import Kind
from apps.personal.actions import erasure
from apps.personal.actions.erasure import LastAdministrator, erase_account, erase_some
from apps.personal.actions.exports import request_export
from apps.previews.models import Preview
from apps.stories.actions import hide_story, mute_domain, save_story
from apps.stories.models import Story
from apps.votes.actions import cast_comment_vote, cast_story_vote, recount
from apps.votes.models import CommentVote, StoryVote
from apps.webhooks import tasks as hooks
from apps.webhooks.models import Delivery, Endpoint, Event
from tests.concurrency import at_once
from tests.factories import (
    NOW,
    CommentFactory,
    CommunityFactory,
    ModeratorFactory,
    PersonFactory,
    StoryFactory,
    TagFactory,
)
from tests.folding import fold
from tests.personal.work import run_all

pytestmark = pytest.mark.django_db

PASSWORD = "a wave of cold water"
NAME, WORDS = "needle", "haystack"


@pytest.fixture
def author() -> User:
    """Somebody who has rows in every table; the name is NAME, all that they wrote says WORDS."""
    author = PersonFactory.create(username=NAME, password=make_password(PASSWORD))
    EmailAddress.objects.create(user=author, email=author.email, verified=True, primary=True)
    friend, moderator = PersonFactory.create(username="bob"), ModeratorFactory.create(username="mo")
    own = StoryFactory.create(
        author=author, title=WORDS, text=WORDS, url=f"https://{WORDS}.example/{WORDS}", base_ups=4
    )
    spam = StoryFactory.create(author=author, title="[erased]", text=WORDS, url=f"https://{WORDS}.example/2")
    for story in (own, spam):
        Preview.objects.create(story=story, title=WORDS, canonical_url=WORDS, fetched_at=NOW)
    other = StoryFactory.create(author=friend, title="Other", base_ups=0)
    above = CommentFactory.create(story=other, author=author, text=WORDS, base_ups=3)
    CommentFactory.create(parent=above, author=friend, text="An answer")
    CommentFactory.create(parent=above, author=author, text=WORDS)
    CommentFactory.create(story=own, author=author, text=WORDS)
    on_own = CommentFactory.create(story=own, author=friend, text="Nice")
    rude = CommentFactory.create(story=other, author=author, text=WORDS)
    delete_comment(by=author, comment=CommentFactory.create(story=other, author=author, text=WORDS), now=NOW)
    edit_profile(by=author, about=WORDS, now=NOW)
    cast_story_vote(by=author, story=other, now=NOW)
    cast_comment_vote(by=author, comment=on_own, now=NOW)
    cast_story_vote(by=friend, story=own, now=NOW)
    save_story(by=author, story=other, now=NOW)
    hide_story(by=author, story=other, now=NOW)
    mute_person(by=author, person=friend, now=NOW)
    mute_person(by=friend, person=author, now=NOW)
    mute_domain(by=author, domain=f"{WORDS}.example", now=NOW)
    mute_tag(by=author, tag=TagFactory.create(), now=NOW)
    join_community(by=author, community=CommunityFactory.create(), now=NOW)
    record_visit(by=author, story=other, until=NOW, now=NOW)
    choose(by=author, channels=dict.fromkeys(Kind.values, "site"), digest="weekly")
    watch_story(by=author, story=other, now=NOW)
    watch_person(by=friend, person=author, now=NOW)
    remove_comment(by=moderator, comment=rude, reason="Rude.", now=NOW)
    remove_story(by=moderator, story=spam, reason="Spam.", now=NOW)
    ban_person(by=moderator, person=author, days=1, reason="Enough.", now=NOW)
    ImportedPerson.objects.create(user=author, source="old", name=NAME)
    people = ContentType.objects.get_for_model(User)
    AdminEntry.objects.create(
        user=moderator, content_type=people, object_id=str(author.pk), object_repr=NAME, action_flag=CHANGE
    )
    request_export(by=author, now=NOW)
    logged_in(author)
    tell_a_webhook(own, above)
    fold()
    list(recount(repair=True))
    return User.objects.get(pk=author.pk)


def tell_a_webhook(story: Story, comment: Comment) -> None:
    """Of all that happened; it does not listen any more."""
    endpoint = Endpoint.objects.create(name="Ours", url="http://a.example/", events=list(Event.values), created_at=NOW)
    flag = flag_story(by=PersonFactory.create(), story=story, reason="spam", note="", now=NOW)
    hooks.tell_of_flag(flag=flag.pk)
    hooks.tell_of_story(story=story.pk)
    hooks.tell_of_milestone(story=story.pk, points=10)
    hooks.tell_of_comment(comment=comment.pk)
    for entry in LogEntry.objects.all():
        hooks.tell_of_act(entry=entry.pk)
    assert set(Delivery.objects.values_list("event", flat=True)) == set(Event.values)
    endpoint.is_active = False
    endpoint.save()


def logged_in(person: User) -> Client:
    """A browser in which the person has logged in by name and password, as allauth writes it down."""
    client = Client()
    client.force_login(person)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "username": person.username}]
    session.save()
    return client


def erase(author: User, *, with_texts: bool) -> None:
    erase_account(by=author, with_texts=with_texts, now=timezone.now())
    run_all()


def drift() -> list[Any]:
    return list(recount(repair=False))


def everything() -> str:
    """All that stands in any column of any table, sessions as they are read."""
    found = [str(session.get_decoded()) for session in Session.objects.all()]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found += [str(row) for row in cursor.fetchall()]
    return "\n".join(found).lower()


@pytest.mark.parametrize("with_texts", [True, False])
def test_no_column_of_any_table_holds_what_was_erased(author: User, with_texts: bool) -> None:
    before = everything()
    assert NAME in before
    assert WORDS in before

    erase(author, with_texts=with_texts)

    after = everything()
    assert NAME not in after
    assert (WORDS in after) is not with_texts
    assert "an answer" in after
    assert "enough." in after


@pytest.mark.parametrize("with_texts", [True, False])
def test_counters_still_say_what_the_rows_say(author: User, with_texts: bool) -> None:
    friend = User.objects.get(username="bob")
    points = set(Comment.objects.values_list("pk", "ups")) | set(Story.objects.values_list("pk", "ups"))
    assert drift() == []

    erase(author, with_texts=with_texts)

    assert drift() == []
    assert set(Comment.objects.values_list("pk", "ups")) | set(Story.objects.values_list("pk", "ups")) == points
    assert not StoryVote.objects.filter(user=author).exists()
    assert not CommentVote.objects.filter(user=author).exists()
    # One point was the first of an import that had come without any, and passes for the author's own.
    assert User.objects.get(pk=friend.pk).karma == friend.karma - 1


def test_placeholders_stay_where_others_have_answered(author: User, client: Client) -> None:
    other, own = Story.objects.get(title="Other"), Story.objects.filter(author=author).earliest("pk")

    erase(author, with_texts=True)

    page = client.get(other.get_absolute_url()).content.decode()
    assert page.count("[deleted by its author]") == 1
    assert "An answer" in page
    own.refresh_from_db()
    assert (own.title, own.url, own.domain, own.slug) == ("[erased]", "", "", "")
    assert "Nice" in client.get(own.get_absolute_url()).content.decode()
    assert "[erased]" not in client.get("/newest").content.decode()


def test_kept_texts_are_shown_without_the_name_at_once(author: User, client: Client) -> None:
    own, other = Story.objects.filter(author=author).earliest("pk"), Story.objects.get(title="Other")
    paths = [
        *("/newest", "/comments/", "/u/", "/moderation/log", own.get_absolute_url(), other.get_absolute_url()),
        *("/feeds/rss/newest", "/feeds/rss/moderation/log", "/hn/v0/updates.json"),
    ]
    assert all(NAME in client.get(path).content.decode() for path in paths)

    erase_account(by=author, with_texts=False, now=NOW)

    for path in paths:
        page = client.get(path).content.decode()
        assert NAME not in page
        assert path in {"/u/", "/feeds/rss/newest", "/hn/v0/updates.json"} or "[erased]" in page
        assert "[erased " not in page
    assert WORDS in client.get(own.get_absolute_url()).content.decode()
    assert client.get(f"/u/{NAME}/").status_code == 404
    assert client.get(f"/u/{User.objects.get(pk=author.pk).username}/comments/").status_code == 404


def test_nobody_is_logged_in_any_more_or_can_be(author: User) -> None:
    phone = logged_in(author)
    assert phone.get("/settings").status_code == 200

    erase_account(by=author, with_texts=False, now=NOW)

    assert phone.get("/settings").status_code == 302
    for login in (NAME, author.email, "[erased"):
        sent = {"login": login, "password": PASSWORD}
        assert "sessionid" not in Client().post("/account/login/", sent).cookies
    run_all()
    assert not Session.objects.exists()


def test_name_is_free_again(author: User) -> None:
    erase(author, with_texts=False)

    sent = {"username": NAME, "email": f"{NAME}@example.org", "password1": PASSWORD}
    Client().post("/account/signup/", sent)

    assert not Story.objects.filter(author__username=NAME).exists()
    assert User.objects.filter(username=NAME).exists()


def test_moderators_cannot_bring_back_what_is_erased(author: User) -> None:
    rude = Comment.objects.get(removed_at__isnull=False)
    erase(author, with_texts=True)

    restore_comment(by=User.objects.get(username="mo"), comment=rude, reason="Why not.", now=NOW)

    rude.refresh_from_db()
    assert rude.is_gone
    assert rude.body.markdown == ""
    assert drift() == []


def test_log_keeps_what_moderators_did(author: User) -> None:
    acts = list(LogEntry.objects.order_by("pk").values_list("pk", "act", "reason", "moderator"))

    erase(author, with_texts=True)

    assert list(LogEntry.objects.order_by("pk").values_list("pk", "act", "reason", "moderator")) == acts


def test_what_was_being_posted_is_erased_too(author: User) -> None:
    erase_account(by=author, with_texts=True, now=NOW)
    # A request that had begun before knows the person as they were.
    author.banned_until = None
    late = post_comment(by=author, story=Story.objects.get(title="Other"), text=f"Late {WORDS}", now=NOW)
    cast_story_vote(by=author, story=StoryFactory.create(), now=NOW)

    assert Job.objects.get(name="personal.erase").due_at == NOW + timedelta(minutes=1)
    run_all()

    late.refresh_from_db()
    assert late.is_gone
    assert WORDS not in everything()
    assert drift() == []


def test_steps_are_bounded_and_a_killed_one_is_repeated(author: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "TEXTS", 2)
    monkeypatch.setattr(erasure, "ROWS", 1)
    erase_account(by=author, with_texts=True, now=timezone.now())
    erase_some(person_id=author.pk, with_texts=True, now=NOW)
    erase_some(person_id=author.pk, with_texts=True, now=NOW)
    erase_some(person_id=author.pk, with_texts=True, now=NOW)

    names = run_all()

    assert names.count("personal.erase") > 10
    assert NAME not in everything()
    assert WORDS not in everything()
    assert drift() == []


def test_nothing_is_unread_to_whoever_has_left(author: User) -> None:
    run_all()
    author.refresh_from_db()
    assert author.num_unread

    erase_account(by=author, with_texts=False, now=timezone.now())

    author.refresh_from_db()
    assert author.num_unread == 0
    assert drift() == []
    run_all()


def test_only_who_is_hidden_is_erased(author: User) -> None:
    with pytest.raises(User.DoesNotExist):
        erase_some(person_id=author.pk, with_texts=True, now=NOW)


def test_last_administrator_stays() -> None:
    first, second = PersonFactory.create_batch(2, is_superuser=True)

    erase_account(by=first, with_texts=False, now=NOW)
    with pytest.raises(LastAdministrator, match="You are the last administrator"):
        erase_account(by=second, with_texts=False, now=NOW)

    assert User.objects.filter(is_superuser=True).get() == second


def test_operators_erase_for_those_who_cannot_log_in(author: User, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("erase_account", NAME.upper(), "--with-texts")
    run_all()

    assert capsys.readouterr().out == f"The account is closed; its number was {author.pk}.\n"
    assert NAME not in everything()
    assert WORDS not in everything()
    with pytest.raises(CommandError, match="There is nobody of that name"):
        call_command("erase_account", NAME)


def test_erasure_asked_for_twice_is_one(author: User) -> None:
    erase_account(by=author, with_texts=False, now=NOW)
    erase_account(by=author, with_texts=True, now=NOW)

    assert Job.objects.filter(name="personal.erase").count() == 1


@pytest.mark.django_db(transaction=True)
def test_last_two_administrators_cannot_leave_at_the_same_time() -> None:
    people = PersonFactory.create_batch(2, is_superuser=True)

    def leave(person: User) -> bool:
        try:
            erase_account(by=person, with_texts=False, now=NOW)
        except LastAdministrator:
            return False
        return True

    answers = at_once([partial(leave, person) for person in people])

    assert sorted(answers) == [False, True]


@pytest.mark.django_db(transaction=True)
def test_two_people_who_are_erased_at_once_leave_right_counters() -> None:
    people = PersonFactory.create_batch(2)
    for story in StoryFactory.create_batch(4):
        for person in people:
            CommentFactory.create(story=story, author=person)
            cast_story_vote(by=person, story=story, now=NOW)
    for person in people:
        erase_account(by=person, with_texts=True, now=NOW)

    def finish(person: User) -> None:
        for _ in range(4):
            erase_some(person_id=person.pk, with_texts=True, now=NOW)

    at_once([partial(finish, person) for person in people])

    assert not Comment.objects.live().exists()
    assert not StoryVote.objects.exists()
    assert drift() == []
