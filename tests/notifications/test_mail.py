"""Mails, read back from a real server: what stands in them, who gets them, and who does not."""

import re
from datetime import datetime, timedelta
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as project
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from apps.accounts.models import User
from apps.jobs import actions as jobs
from apps.jobs.models import Job, State
from apps.moderation.actions import acts as moderation
from apps.notifications import letters, mailtimes
from apps.notifications.actions import reading, telling, watching
from apps.notifications.models import Channel, Kind, Notification, Preferences
from apps.notifications.queries import preferences_of
from apps.stories.models import Story
from tests.factories import NOW, CommentFactory, ModeratorFactory, PersonFactory, StoryFactory
from tests.notifications.conftest import Mails, with_address
from tests.notifications.working import work

pytestmark = pytest.mark.django_db

HOST = urlsplit(project.SITE_URL).hostname
# When people are told, in all tests: a story's hour, for which there is one mail, may end between two looks at a clock.
TOLD_AT = timezone.now()


@pytest.fixture
def story(reader: User) -> Story:
    return StoryFactory.create(author=reader, title="A calm sea")


def tell(story: Story, text: str = "Well said.", by: str = "mia", now: datetime | None = None) -> None:
    author = User.objects.filter(username=by).first() or PersonFactory.create(username=by)
    comment = CommentFactory.create(story=story, text=text, author=author)
    telling.tell_of_comment(comment=comment, now=now or TOLD_AT)


def after_an_hour() -> None:
    """Send what is due by then."""
    work("slow", now=timezone.now() + timedelta(hours=1, minutes=2))


def lose_marks() -> None:
    """As if the runner had been killed right after the mail server took the mail."""
    Job.objects.filter(name="notifications.mail").update(state=State.WAITING, finished_at=None, due_at=NOW)
    Notification.objects.update(mailed_at=None)


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found
    return str(found.get_content())


def link_to_stop(message: EmailMessage) -> str:
    return urlsplit(str(message["List-Unsubscribe"]).strip(" <>")).path


def test_a_mail_says_what_happened_in_text_and_html(mails: Mails, story: Story) -> None:
    tell(story, "It is *so*, <b>really</b>.")
    after_an_hour()

    [mail] = mails()
    assert (mail["Subject"], mail["To"]) == ("mia commented on your story A calm sea", "sam@example.org")
    assert mail["From"] == project.DEFAULT_FROM_EMAIL
    assert mail.get_content_type() == "multipart/alternative"
    text, html = part(mail, "plain"), part(mail, "html")
    comment = Notification.objects.get().comment
    assert comment
    for words in ("mia commented on your story", "A calm sea", f"{project.SITE_URL}/comments/{comment.pk}"):
        assert words in text
        assert words in html
    assert "It is so, <b>really</b>." in text
    assert "It is so, &lt;b&gt;really&lt;/b&gt;." in html


def test_a_mail_can_be_told_from_others_and_stopped_by_one_click(mails: Mails, story: Story, reader: User) -> None:
    tell(story)
    after_an_hour()

    [mail] = mails()
    hour = mailtimes.hour_of(story.pk, Notification.objects.get().created_at)
    assert mail["Message-ID"] == f"<mail.{reader.pk}.{story.pk}.{hour}@{HOST}>"
    assert mail["In-Reply-To"] == mail["References"] == f"<story.{story.pk}@{HOST}>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    answer = Client(enforce_csrf_checks=True).post(link_to_stop(mail), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert (preferences_of(reader).reply, preferences_of(reader).mention) == ("site", "mail")


def test_every_link_of_a_mail_leads_somewhere(mails: Mails, story: Story, reader: User, client: Client) -> None:
    tell(story)
    after_an_hour()

    [mail] = mails()
    client.force_login(reader)
    links = re.findall(r'href="([^"]+)"', part(mail, "html"))
    assert len(links) == 5
    assert {client.get(link.removeprefix(project.SITE_URL)).status_code for link in links} == {200}
    assert set(re.findall(r"http\S+", part(mail, "plain"))) == set(links[1:])


def test_what_happens_within_an_hour_is_one_mail_for_each_story(mails: Mails, story: Story, reader: User) -> None:
    other = StoryFactory.create(author=reader, title="Waves")
    for number in range(3):
        tell(story, f"Number {number}.")
    tell(other, "Elsewhere.")
    after_an_hour()
    after_an_hour()

    one, two = sorted(mails(), key=lambda mail: str(mail["Subject"]))
    assert one["Subject"] == "mia commented on your story A calm sea (and 2 more)"
    assert all(f"Number {number}." in part(one, "plain") for number in range(3))
    assert two["Subject"] == "mia commented on your story Waves"


def test_the_next_hour_has_a_mail_of_its_own(mails: Mails, story: Story) -> None:
    now = timezone.now()
    tell(story, "First.", now=now - timedelta(hours=1))
    work("slow", now=now + timedelta(minutes=1))
    tell(story, "Second.", now=now)
    after_an_hour()

    first, second = mails()
    assert ("First." in part(first, "plain"), "Second." in part(first, "plain")) == (True, False)
    assert ("First." in part(second, "plain"), "Second." in part(second, "plain")) == (False, True)
    assert first["Message-ID"] != second["Message-ID"]


def test_hours_of_stories_begin_at_different_minutes_and_never_twice() -> None:
    for story in (0, 7, 59, 60, 10**12):
        hour = mailtimes.hour_of(story, NOW)
        end = mailtimes.end_of(story, hour)
        assert NOW < end <= NOW + timedelta(hours=1)
        assert mailtimes.hour_of(story, end) == hour + 1
    assert len({mailtimes.end_of(story, 500_000).minute for story in range(60)}) == 60


def test_what_was_read_on_the_site_is_in_no_mail(mails: Mails, story: Story, reader: User) -> None:
    tell(story, "Read.")
    reading.mark_read(by=reader, until=10**9)
    tell(story, "Unread.")
    after_an_hour()

    [mail] = mails()
    assert "Read." not in part(mail, "plain")

    tell(story)
    reading.mark_read(by=reader, until=10**9)
    work("slow", now=timezone.now() + timedelta(hours=3))
    assert len(mails()) == 1


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("channel", Channel)
def test_each_kind_is_mailed_if_its_reader_wants_that(
    kind: Kind, channel: Channel, mails: Mails, reader: User, story: Story
) -> None:
    others = {other.value: Channel.OFF for other in Kind}
    Preferences.objects.create(user=reader, **others | {kind.value: channel})
    writer, elsewhere = PersonFactory.create(), StoryFactory.create()
    watching.watch_story(by=reader, story=elsewhere, now=NOW)
    watching.watch_person(by=reader, person=writer, now=NOW)
    telling._tell(Notification(story=elsewhere), {kind: [reader.pk]}, timezone.now())

    after_an_hour()

    assert len(mails()) == (channel == Channel.MAIL)
    assert Notification.objects.count() == (channel != Channel.OFF)


@pytest.mark.parametrize("reason", ["no address", "not confirmed", "inactive", "bounced", "stopped", "gone", "banned"])
def test_who_gets_no_mail(reason: str, mails: Mails, story: Story, reader: User) -> None:
    tell(story)
    match reason:
        case "no address":
            EmailAddress.objects.all().delete()
        case "not confirmed":
            EmailAddress.objects.update(verified=False)
        case "inactive":
            User.objects.filter(pk=reader.pk).update(is_active=False)
        case "bounced":
            Preferences.objects.create(user=reader, bounced_at=NOW)
        case "stopped":
            reading.stop_mail(person_id=reader.pk, about=["reply"])
        case "gone":
            reader.delete()
        case _:
            User.objects.filter(pk=reader.pk).update(banned_until=timezone.now() + timedelta(days=1))

    after_an_hour()

    assert mails() == []


@pytest.mark.drifts(reason="words that went without an action")
@pytest.mark.parametrize("goes", ["deleted_at", "removed_at"])
def test_words_that_are_gone_are_not_mailed(goes: str, mails: Mails, story: Story) -> None:
    tell(story)
    comment = Notification.objects.get().comment
    assert comment
    setattr(comment, goes, NOW)
    comment.save()

    after_an_hour()

    assert mails() == []


def test_the_banned_hear_of_their_ban(mails: Mails, reader: User) -> None:
    moderator, now = ModeratorFactory.create(username="mo"), timezone.now()

    moderation.ban_person(by=moderator, person=reader, days=2, reason="Abuse of others.", now=now)
    work()
    after_an_hour()

    [mail] = mails()
    assert str(mail["Subject"]).startswith("mo banned you until")
    assert "Abuse of others." in part(mail, "plain")
    assert mail["References"] is None


def test_a_long_title_leaves_room_for_how_many_there_are(mails: Mails, reader: User) -> None:
    story = StoryFactory.create(author=reader, title="word " * 29)
    for _ in range(2):
        tell(story)
    after_an_hour()

    [mail] = mails()
    assert str(mail["Subject"]).strip().endswith("word… (and 1 more)")
    assert len(str(mail["Subject"]).strip()) <= letters.SUBJECT_LENGTH


@pytest.mark.parametrize("name", ["mia", "O" * 30])
def test_no_title_gets_into_the_headers_as_more_than_a_title(name: str, mails: Mails, reader: User) -> None:
    title = "x\r\nBcc: all@example.org\r\n\r\nBody \u2028 ½ \U0001f30a" + "é" * 100
    story = StoryFactory.create(author=reader, title=title[:150])

    tell(story, by=name)
    after_an_hour()

    [mail] = mails()
    assert mail["Bcc"] is None
    assert str(mail["Subject"]).strip().startswith(f"{name} commented on your story x Bcc: all@example.org Body ½")
    assert len(str(mail["Subject"]).strip()) <= letters.SUBJECT_LENGTH


def test_a_second_attempt_is_the_same_mail(mails: Mails, story: Story) -> None:
    tell(story)
    after_an_hour()
    lose_marks()
    # Not due within the hour either.
    tell(story, "Later.", now=timezone.now() + timedelta(hours=2))
    after_an_hour()

    first, second = mails()
    assert first["Message-ID"] == second["Message-ID"]
    assert part(first, "plain") == part(second, "plain")
    assert part(first, "html") == part(second, "html")


def test_what_was_mailed_is_not_mailed_again(mails: Mails, story: Story) -> None:
    tell(story)
    after_an_hour()
    Job.objects.update(state=State.WAITING, finished_at=None, due_at=NOW)
    after_an_hour()

    assert len(mails()) == 1


def run_mail_job() -> Job:
    job = Job.objects.get(name="notifications.mail")
    jobs.run_one(job.pk, now=timezone.now() + timedelta(days=1))
    job.refresh_from_db()
    return job


def test_an_address_that_refuses_for_good_is_noted_and_gets_no_more(mails: Mails) -> None:
    reader = with_address(PersonFactory.create(), "gone@example.org")
    story = StoryFactory.create(author=reader)
    tell(story)

    job = run_mail_job()

    assert (job.state, job.error) == (State.DONE, "")
    assert preferences_of(reader).bounced_at
    assert Notification.objects.get().mailed_at is None
    tell(story)
    assert Job.objects.filter(name="notifications.mail").count() == 1


@pytest.mark.parametrize("name", ["full", "broken"])
def test_what_may_yet_succeed_is_tried_again(name: str, mails: Mails) -> None:
    reader = with_address(PersonFactory.create(), f"{name}@example.org")
    tell(StoryFactory.create(author=reader))

    job = run_mail_job()

    assert (job.state, job.attempts) == (State.WAITING, 1)
    assert job.error
    assert preferences_of(reader).bounced_at is None
    EmailAddress.objects.update(email="sam@example.org")
    assert run_mail_job().state == State.DONE
    assert len(mails()) == 1


def test_a_mail_server_that_is_not_there_is_tried_again(mails: Mails, story: Story, settings: Settings) -> None:
    tell(story)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    assert "ConnectionRefusedError" in run_mail_job().error

    settings.EMAIL_PORT = port
    run_mail_job()

    assert len(mails()) == 1


def test_a_full_hour_is_cut_and_the_rest_stays_unmailed(
    mails: Mails, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.notifications.queries.MOST_MAILED", 2)
    for number in range(3):
        tell(story, f"Number {number}.")
    after_an_hour()

    [mail] = mails()
    assert ("Number 1." in part(mail, "plain"), "Number 2." in part(mail, "plain")) == (True, False)
    assert Notification.objects.filter(mailed_at=None).count() == 1
