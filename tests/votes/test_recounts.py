"""Recounts as jobs, step by step; what operators see of them, and how they ask for one."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client import REGISTRY

from apps.accounts.models import User
from apps.jobs import actions as jobs
from apps.jobs.models import Job, State
from apps.notifications.actions.telling import tell_of_comment
from apps.stories.models import Story, StoryDelta
from apps.votes import actions
from apps.votes.models import Recount
from tests.factories import CommentFactory, PersonFactory, StoryFactory

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/admin/recounts/"


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(PersonFactory.create(is_staff=True, is_superuser=True))
    return client


def run_all() -> Recount:
    """The recount, once its jobs are done."""
    while jobs.run_next(queue="slow", now=timezone.now()):
        pass
    assert not Job.objects.exclude(state=State.DONE).exists()
    return Recount.objects.latest("pk")


def drift_metric() -> float:
    return REGISTRY.get_sample_value("votes_drift_total", {"counter": "Story.num_comments"}) or 0.0


def test_recount_goes_through_all_rows_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "RECOUNTED", 2)
    stories = [CommentFactory.create().story for _ in range(5)]
    Story.objects.filter(pk=stories[4].pk).update(num_comments=7)
    User.objects.filter(pk=stories[0].author_id or 0).update(karma=3)
    before = drift_metric()

    actions.begin_recount(now=timezone.now())
    run = run_all()

    assert run.drift == {"Story.num_comments": 1, "User.karma": 1}
    # Five stories, each with a comment and two authors, in one community.
    assert run.num_rows == 5 + 5 + 10 + 1
    assert run.finished_at
    assert drift_metric() == before + 1
    assert list(actions.recount(repair=False)) == []


def test_what_is_unread_is_counted_too() -> None:
    reply = CommentFactory.create(parent=CommentFactory.create())
    tell_of_comment(comment=reply, now=timezone.now())
    reader = User.objects.get(num_unread=1)
    User.objects.update(num_unread=7)

    found = list(actions.recount(repair=True))

    assert {drift.counter for drift in found} == {"User.num_unread"}
    assert list(User.objects.filter(num_unread__gt=0).values_list("pk", "num_unread")) == [(reader.pk, 1)]


def test_what_has_still_to_be_folded_is_no_drift() -> None:
    StoryDelta.objects.create(story=CommentFactory.create().story, comments=1, ups=2)
    Story.objects.update(num_comments=0, base_ups=3)

    actions.begin_recount(now=timezone.now())

    assert run_all().drift == {}


def test_one_recount_at_a_time_unless_it_has_died() -> None:
    now = timezone.now()
    for later in (timedelta(), timedelta(hours=1), timedelta(days=1)):
        actions.begin_recount(now=now + later)

    assert Recount.objects.count() == Job.objects.count() == 2


def test_operator_asks_for_a_recount_and_sees_what_it_has_found(operator: Client) -> None:
    StoryFactory.create()
    Story.objects.update(num_comments=7)
    before = operator.get(PAGE).content.decode()

    said = operator.post(PAGE, follow=True).content.decode()
    run_all()
    after = operator.get(PAGE).content.decode()

    assert "Nothing has been counted anew yet" in before
    assert "A recount is under way." in said
    assert "under way" in said.partition("<tbody>")[2]
    assert "Story.num_comments: 1" in after
    assert "under way" not in after
    assert PAGE in operator.get("/admin/").content.decode()


def test_others_neither_see_nor_ask(client: Client) -> None:
    client.force_login(PersonFactory.create(is_staff=True))

    assert client.get(PAGE).status_code == client.post(PAGE).status_code == 403
    assert not Recount.objects.exists()
    assert PAGE not in client.get("/admin/").content.decode()
