"""What is committed is stamped, whatever is killed or away: by a job of its transaction if by nobody else."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from apps.core.breaker import LONGEST_REST_SECONDS
from apps.jobs import actions as jobs
from apps.jobs.models import Job, State
from apps.pagecache import purging, stores
from tests.conftest import CountQueries
from tests.pagecache.clocks import Clock
from tests.pagecache.conftest import PATIENCE
from tests.pagecache.servers import RedisServer, wait

pytestmark = pytest.mark.django_db(transaction=True)


def run_all() -> list[Job]:
    """The jobs of the page cache, after all that was due in a day has run once."""
    for job in Job.objects.filter(name="pagecache.stamp", state=State.WAITING):
        jobs.run_one(job.pk, now=timezone.now() + timedelta(days=1))
    return list(Job.objects.filter(name="pagecache.stamp"))


def stamps(*tags: str) -> list[int | None]:
    return stores.store().stamps(tags)[1:]


def killed_at_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for the commit does not happen after it."""
    monkeypatch.setattr(purging.Pending, "stamp", lambda _: None)


def test_stamp_of_a_process_that_was_killed_at_the_commit_is_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    killed_at_the_commit(monkeypatch)
    with transaction.atomic():
        purging.purge("a", "b")
        purging.purge("c")
    before = stamps("a", "b", "c")

    found = run_all()

    # Nobody was left to say which tags there were: all pages have one of these.
    assert before == [None, None, None]
    assert all(stamps(purging.EVERYTHING))
    assert [job.state for job in found] == [State.DONE]


def test_stamp_that_did_not_reach_redis_is_made_up_for_when_it_is_back(
    redis: RedisServer, redis_store: stores.RedisStore, resting: Clock
) -> None:
    redis_store.stamp(["a"], 1)
    redis.freeze()
    wait(redis_store)
    with transaction.atomic():
        purging.purge("a")
        purging.purge("b")
    [without] = run_all()
    redis.mend()
    wait(redis_store, PATIENCE)
    resting.move(LONGEST_REST_SECONDS)

    [with_redis] = run_all()

    assert (without.state, without.attempts) == (State.WAITING, 1)
    assert (with_redis.state, with_redis.attempts) == (State.DONE, 2)
    [stamp, other, everything] = stamps("a", "b", purging.EVERYTHING)
    assert stamp
    assert stamp > 1
    # Only what was purged.
    assert other
    assert everything is None


def test_of_a_transaction_whose_stamp_is_made_no_job_is_left() -> None:
    with transaction.atomic():
        purging.purge("a", "b")
        purging.purge("b", "c")
        kept = [job.ids for job in Job.objects.all()]

    assert kept == [{"tags": [purging.EVERYTHING]}]
    assert not Job.objects.exists()
    assert all(stamps("a", "b", "c"))


def test_transaction_that_is_rolled_back_leaves_no_job_and_takes_none_from_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with transaction.atomic():
        purging.purge("a")
        transaction.set_rollback(True)
    assert not Job.objects.exists()
    killed_at_the_commit(monkeypatch)

    with transaction.atomic():
        purging.purge("a")

    run_all()
    assert all(stamps(purging.EVERYTHING))


def test_transaction_that_is_rolled_back_takes_no_other_job_with_it() -> None:
    with transaction.atomic():
        purging.purge("a")
        transaction.set_rollback(True)

    with transaction.atomic():
        # On SQLite it gets the id of the job that was rolled back.
        jobs.enqueue("jobs.forget_finished")
        purging.purge("b")

    assert [(job.name, job.ids) for job in Job.objects.all()] == [("jobs.forget_finished", {})]
    assert stamps("a") == [None]
    assert all(stamps("b"))


def test_what_is_purged_again_after_an_inner_rollback_is_insured(monkeypatch: pytest.MonkeyPatch) -> None:
    killed_at_the_commit(monkeypatch)
    with transaction.atomic():
        with transaction.atomic():
            purging.purge("a")
            transaction.set_rollback(True)
        purging.purge("a")

    run_all()

    assert all(stamps(purging.EVERYTHING))


def test_what_an_inner_rollback_takes_back_is_not_purged_with_the_rest() -> None:
    with transaction.atomic():
        with transaction.atomic():
            purging.purge("a")
            transaction.set_rollback(True)
        purging.purge("b")

    assert stamps("a") == [None]
    assert all(stamps("b"))
    assert not Job.objects.exists()


def test_purge_outside_of_a_transaction_needs_no_job(count_queries: CountQueries) -> None:
    with count_queries() as queries:
        purging.purge("a")

    assert all(stamps("a"))
    assert not [query for query in queries if "jobs_job" in query]


def test_purges_cost_a_statement_in_their_transaction_and_one_after_it(count_queries: CountQueries) -> None:
    with count_queries() as queries, transaction.atomic():
        purging.purge("a")
        with transaction.atomic():
            purging.purge("b")
        purging.purge("c")

    assert [query.split()[0] for query in queries if "jobs_job" in query] == ["INSERT", "DELETE"]
