"""Digests: what stands in them, when, and for whom."""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from apps.accounts import actions as accounts
from apps.accounts.models import User
from apps.jobs.models import Job
from apps.notifications.actions import mailing, watching
from apps.notifications.models import Digest, Preferences
from apps.stories import actions as stories
from tests.factories import NOW, PersonFactory, StoryFactory, TagFactory
from tests.notifications.conftest import Mails, with_address
from tests.notifications.test_mail import part
from tests.notifications.working import work

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)


@pytest.fixture
def subscriber(reader: User) -> User:
    Preferences.objects.create(user=reader, digest=Digest.DAILY)
    return reader


def story(title: str, *tags: str, hours: int = 2, points: int = 1, author: User | None = None) -> None:
    StoryFactory.create(
        title=title,
        tags=tuple(TagFactory.create(name=name) for name in tags),
        created_at=timezone.now() - timedelta(hours=hours),
        base_ups=points,
        author=author or PersonFactory.create(),
    )


def a_day_passes() -> None:
    mailing.enqueue_digests(after=0, now=timezone.now())
    work("slow")


def test_a_digest_has_the_best_of_the_day_by_the_tags_its_reader_watches(mails: Mails, subscriber: User) -> None:
    for tag in ("rust", "css"):
        watching.watch_tag(by=subscriber, tag=TagFactory.create(name=tag), now=NOW)
    story("Good", "rust", points=5)
    story("Better", "css", "rust", points=9)
    story("Elsewhere", "java", points=50)
    story("Yesterday", "rust", points=50, hours=26)

    a_day_passes()

    [mail] = mails()
    text = part(mail, "plain")
    assert mail["Subject"] == "The best of the day: Better"
    assert text.index("Better") < text.index("Good")
    assert ("Elsewhere" in text, "Yesterday" in text) == (False, False)
    assert "9 points" in part(mail, "html")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_who_watches_no_tag_gets_the_best_of_all_but_what_they_mute(mails: Mails, subscriber: User) -> None:
    muted = PersonFactory.create()
    accounts.mute_person(by=subscriber, person=muted, now=NOW)
    story("Muted", points=9, author=muted)
    for number in range(12):
        story(f"Number {number}", points=number + 2)

    a_day_passes()

    [mail] = mails()
    titles = [line for line in part(mail, "plain").splitlines() if line.startswith(("Number", "Muted"))]
    assert titles == [f"Number {number}" for number in range(11, 1, -1)]


def test_a_weekly_digest_goes_back_a_week(mails: Mails, subscriber: User) -> None:
    Preferences.objects.update(digest=Digest.WEEKLY)
    story("Last Tuesday", hours=6 * 24)

    a_day_passes()

    [mail] = mails()
    assert mail["Subject"] == "The best of the week: Last Tuesday"


def test_a_day_without_stories_has_no_digest(mails: Mails, subscriber: User) -> None:
    story("Old", hours=40)

    a_day_passes()

    assert mails() == []


def test_one_digest_in_a_day_or_a_week_however_often_it_is_asked_for(reader: User) -> None:
    weekly = PersonFactory.create()
    Preferences.objects.create(user=reader, digest=Digest.DAILY)
    Preferences.objects.create(user=weekly, digest=Digest.WEEKLY)

    for hours in (0, 1, 24, 6 * 24, 7 * 24):
        for _ in range(2):
            mailing.enqueue_digests(after=0, now=MONDAY + timedelta(hours=hours))

    keys = [str(job.key) for job in Job.objects.filter(name="notifications.digest").order_by("pk")]
    assert [key for key in keys if f":{weekly.pk}:" in key] == [f"digest:{weekly.pk}:2026-W{week}" for week in (10, 11)]
    days = ("2026-03-02", "2026-03-03", "2026-03-08", "2026-03-09")
    assert [key for key in keys if f":{reader.pk}:" in key] == [f"digest:{reader.pk}:{day}" for day in days]


def test_digests_of_many_are_enqueued_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailing, "READERS_AT_ONCE", 2)
    for person in PersonFactory.create_batch(5):
        Preferences.objects.create(user=person, digest=Digest.DAILY)

    mailing.enqueue_digests(after=0, now=timezone.now())
    work("slow")

    assert Job.objects.filter(name="notifications.digest").count() == 5
    assert Job.objects.filter(name="notifications.digests").count() == 2


@pytest.mark.parametrize("reason", ["off", "bounced", "inactive", "banned", "not confirmed"])
def test_who_gets_no_digest(reason: str, mails: Mails, subscriber: User) -> None:
    story("Good")
    mailing.enqueue_digests(after=0, now=timezone.now())
    match reason:
        case "off":
            Preferences.objects.update(digest=Digest.OFF)
        case "bounced":
            Preferences.objects.update(bounced_at=NOW)
        case "inactive":
            User.objects.filter(pk=subscriber.pk).update(is_active=False)
        case "banned":
            User.objects.filter(pk=subscriber.pk).update(banned_until=timezone.now() + timedelta(days=1))
        case _:
            EmailAddress.objects.update(verified=False)

    work("slow")

    assert mails() == []


def test_a_refused_digest_stops_mail(mails: Mails) -> None:
    reader = with_address(PersonFactory.create(), "gone@example.org")
    Preferences.objects.create(user=reader, digest=Digest.DAILY)
    story("Good")

    a_day_passes()

    assert Preferences.objects.get().bounced_at


def test_hidden_stories_are_in_no_digest(mails: Mails, subscriber: User) -> None:
    hidden = StoryFactory.create(created_at=timezone.now())
    stories.hide_story(by=subscriber, story=hidden, now=NOW)

    a_day_passes()

    assert mails() == []
