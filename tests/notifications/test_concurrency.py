"""Many are told, read and watch at the same moment: counts stay exact, and nothing is lost or doubled."""

from collections.abc import Callable
from functools import partial

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.comments import actions as comments
from apps.comments.models import Comment
from apps.jobs import actions as jobs
from apps.jobs.models import Job
from apps.notifications.actions import reading, telling, watching
from apps.notifications.models import Notification, StoryWatch
from tests.concurrency import at_once
from tests.factories import NOW, CommentFactory, PersonFactory, StoryFactory
from tests.notifications.working import num_unread

pytestmark = pytest.mark.django_db(transaction=True)


def run_jobs() -> None:
    while jobs.run_next(queue="default", now=timezone.now()):
        pass


def unread(person: User) -> int:
    return Notification.objects.filter(recipient=person, pk__gt=User.objects.get(pk=person.pk).read_until).count()


def test_counts_are_exact_when_many_speak_and_runners_race() -> None:
    story = StoryFactory.create(author=PersonFactory.create(username="mia"))
    watchers, writers = PersonFactory.create_batch(6), PersonFactory.create_batch(4)
    for person in (*watchers, *writers):
        watching.watch_story(by=person, story=story, now=NOW)

    def speak(by: User) -> None:
        for number in range(3):
            comments.post_comment(by=by, story=story, text=f"@mia, {number}!", now=NOW)

    at_once([partial(speak, person) for person in writers])
    at_once([run_jobs] * 4)

    assert list(Job.objects.exclude(error="").values_list("error", flat=True)) == []
    assert [num_unread(person) for person in watchers] == [12] * 6
    assert [num_unread(person) for person in writers] == [9] * 4
    assert num_unread(User.objects.get(username="mia")) == 12


def test_the_same_comment_told_by_two_at_once_is_told_once() -> None:
    reader = PersonFactory.create()
    comment = CommentFactory.create(story=StoryFactory.create(author=reader))

    at_once([partial(telling.tell_of_comment, comment=comment, now=NOW)] * 4)

    assert (Notification.objects.count(), num_unread(reader)) == (1, 1)


def test_marking_while_others_speak_leaves_the_count_right_and_nothing_below_the_mark_unseen() -> None:
    reader = PersonFactory.create()
    story = StoryFactory.create(author=reader)
    told = [CommentFactory.create(story=story, author=PersonFactory.create()) for _ in range(20)]
    seen: list[int] = []

    def tell(some: list[Comment]) -> None:
        for comment in some:
            telling.tell_of_comment(comment=comment, now=NOW)

    def mark() -> None:
        for _ in range(10):
            newest = Notification.objects.filter(recipient=reader).order_by("-pk").values_list("pk", flat=True)
            until = newest.first() or 0
            shown = Notification.objects.filter(recipient=reader, pk__lte=until).count()
            reading.mark_read(by=reader, until=until)
            read_until = User.objects.get(pk=reader.pk).read_until
            seen.append(Notification.objects.filter(recipient=reader, pk__lte=read_until).count() - shown)

    tasks: list[Callable[[], None]] = [partial(tell, told[:10]), partial(tell, told[10:]), mark]
    at_once(tasks)

    assert seen == [0] * 10
    assert num_unread(reader) == unread(reader)
    assert Notification.objects.count() == 20


def test_impatient_watchers_watch_once() -> None:
    reader, story = PersonFactory.create(), StoryFactory.create()

    at_once([partial(watching.watch_story, by=reader, story=story, now=NOW)] * 6)

    assert StoryWatch.objects.count() == 1


def test_watching_and_muting_at_once_leaves_one_of_them() -> None:
    reader, story = PersonFactory.create(), StoryFactory.create()
    watch = partial(watching.watch_story, by=reader, story=story, now=NOW)

    at_once([watch, partial(watching.mute_thread, by=reader, story=story, now=NOW)] * 3)

    assert StoryWatch.objects.count() == 1
