"""What operators see of jobs, and do with them."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.jobs.models import Job, State
from tests.factories import PersonFactory
from tests.jobs.names import enqueued, names, run
from tests.jobs.trial import tasks

pytestmark = pytest.mark.django_db
assert tasks  # registers the trial's jobs
LIST = "/admin/jobs/job/"


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(PersonFactory.create(is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def dead() -> Job:
    job = enqueued("trial.note", word="one")
    Job.objects.update(state=State.DEAD, attempts=12, error="Traceback\nValueError: luck", finished_at=timezone.now())
    job.refresh_from_db()
    return job


def act(client: Client, job: Job, name: str) -> str:
    chosen = {"action": name, "_selected_action": [job.pk], "index": 0}
    answer = client.post(LIST, chosen, follow=True)
    job.refresh_from_db()
    return answer.content.decode()


def test_dead_jobs_are_listed_with_their_errors(administrator: Client, dead: Job) -> None:
    enqueued("trial.note", word="another")

    page = administrator.get(LIST, {"state__exact": "dead"}).content.decode()

    assert "ValueError: luck" in page
    assert "another" not in page
    assert reverse("admin:jobs_job_change", args=[dead.pk]) in page


def test_the_list_shows_how_each_queue_stands(administrator: Client, dead: Job) -> None:
    for word in ("one", "two"):
        enqueued("trial.note", word=word)

    page = administrator.get(LIST).content.decode()

    cells = re.findall(r"<th scope=\"row\">(\w+)</th>(.*?)</tr>", page, re.DOTALL)
    numbers = {queue: re.findall(r"\d+(?= s|<)", re.sub(r"\s*\n\s*", "", rest)) for queue, rest in cells}
    assert numbers["fast"] == ["0", "0", "0", "0"]
    assert (numbers["default"][:2], numbers["default"][3]) == (["2", "2"], "1")
    assert "?state__exact=dead&amp;queue=default" in page


def test_dead_job_is_tried_again(administrator: Client, dead: Job) -> None:
    said = act(administrator, dead, "retry")

    assert "Jobs that will be tried again: 1 of 1 chosen." in said
    assert (dead.state, dead.attempts, dead.finished_at) == (State.WAITING, 0, None)
    assert run(dead).state == State.DONE
    assert names() == ["one"]


def test_discarded_job_never_runs(administrator: Client, dead: Job) -> None:
    act(administrator, dead, "discard")

    assert run(dead).state == State.DISCARDED
    assert names() == []


def test_job_that_is_done_stays_done(administrator: Client) -> None:
    job = run(enqueued("trial.note", word="one"))

    said = act(administrator, job, "retry")

    assert "0 of 1 chosen" in said
    assert job.state == State.DONE


def test_plain_staff_cannot_act(client: Client, dead: Job) -> None:
    client.force_login(PersonFactory.create(is_staff=True))

    act(client, dead, "retry")

    assert dead.state == State.DEAD
