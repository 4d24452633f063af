"""What has been read is forgotten after ninety days, a little at a time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.jobs import actions as jobs
from apps.jobs.models import Job
from apps.notifications.actions import reading
from apps.notifications.models import Kind, Notification
from tests.conftest import CountQueries
from tests.factories import PersonFactory, StoryFactory
from tests.notifications.working import num_unread, work

pytestmark = pytest.mark.django_db


def told(person: User, *, days: int) -> Notification:
    User.objects.filter(pk=person.pk).update(num_unread=num_unread(person) + 1)
    at = timezone.now() - timedelta(days=days)
    return Notification.objects.create(recipient=person, kind=Kind.TAG, story=StoryFactory.create(), created_at=at)


def forget() -> None:
    jobs.enqueue("notifications.forget_read")
    work("slow")


def test_only_what_is_read_and_old_is_forgotten() -> None:
    reader, idler = PersonFactory.create_batch(2)
    old, unread, last = told(reader, days=91), told(idler, days=200), told(reader, days=89)
    reading.mark_read(by=reader, until=last.pk)

    forget()

    assert set(Notification.objects.values_list("pk", flat=True)) == {unread.pk, last.pk}
    assert not Notification.objects.filter(pk=old.pk).exists()
    assert (num_unread(reader), num_unread(idler)) == (0, 1)


def test_many_are_forgotten_in_jobs_of_a_constant_cost(
    monkeypatch: pytest.MonkeyPatch, count_queries: CountQueries
) -> None:
    monkeypatch.setattr(reading, "FORGOTTEN_AT_ONCE", 4)
    reader, idler = PersonFactory.create_batch(2)
    for number in range(22):
        told(idler if number % 3 else reader, days=100)
    told(reader, days=1)
    reading.mark_read(by=reader, until=10**9)

    with count_queries() as queries:
        reading.forget_read(after=0, now=timezone.now())
    work("slow")

    assert len([query for query in queries if "SAVEPOINT" not in query]) == 3
    assert Job.objects.filter(name="notifications.forget_read").count() == 5
    assert Notification.objects.filter(recipient=reader).count() == 1
    assert Notification.objects.filter(recipient=idler).count() == 14
