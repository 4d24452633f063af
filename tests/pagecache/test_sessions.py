"""Who logs out while Redis is away, which would remember them."""

import pytest
from django.test import Client

from apps.jobs.models import Job
from apps.pagecache.stores import RedisStore
from tests.factories import PersonFactory
from tests.notifications.working import work
from tests.pagecache.clocks import Clock
from tests.pagecache.servers import RedisServer

pytestmark = pytest.mark.django_db


def test_who_logs_out_while_redis_is_away_stays_logged_out(
    redis: RedisServer, redis_store: RedisStore, resting: Clock
) -> None:
    browser, thief = Client(), Client()
    browser.force_login(PersonFactory.create())
    thief.cookies["sessionid"] = browser.cookies["sessionid"].value
    redis_store._client.save()
    redis.kill()

    browser.post("/account/logout/")
    redis.start()
    resting.move(60)
    work("fast")

    assert thief.get("/settings").status_code == 302


def test_a_log_out_that_redis_has_heard_leaves_nothing_to_do(redis: RedisServer) -> None:
    browser = Client()
    browser.force_login(PersonFactory.create())

    browser.post("/account/logout/")

    assert not Job.objects.filter(name="accounts.forget_session").exists()
