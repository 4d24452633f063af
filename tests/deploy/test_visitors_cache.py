"""Nginx's cache of visitors' pages: who shares which, for how long, and what is never kept."""

import gzip
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage

from apps.pagecache import owed
from apps.replicas import viewers
from tests.deploy.door import Answer, Site, after, heard_on, opened
from tests.replicas.servers import until

pytestmark = pytest.mark.cluster
LASTING = {"Cache-Control": "s-maxage=600", "ETag": 'W/"1"', "Vary": "Cookie, HX-Request"}
PAGE = Answer(b"the front page", headers=LASTING)
COOKIES = [settings.SESSION_COOKIE_NAME, CookieStorage.cookie_name, viewers.COOKIE, owed.COOKIE, "theme"]
MEMBERS = [
    # Django takes names with blanks around them, too.
    *({"cookie": f"a=b;{cookie}"} for name in COOKIES for cookie in (f"{name}=c", f" {name} =c")),
    *({name: "true"} for name in ("authorization", "hx_request", "x_freshness", "x_profile")),
]


@pytest.fixture
def site() -> Iterator[Site]:
    with opened() as site:
        site.gunicorns[0].answer = lambda heard: PAGE
        yield site


def keep(site: Site, lifetime: str) -> None:
    """Have the cache keep PAGE."""
    site.gunicorns[0].answer = lambda heard: replace(PAGE, headers={"Cache-Control": lifetime})
    site.ask()


def expire(site: Site) -> None:
    """Wait until the page is no longer fresh."""
    until(lambda: site.ask().headers["X-Cache"] != "HIT")


def test_herd_of_visitors_is_one_request(site: Site) -> None:
    all_have_asked = threading.Event()
    site.gunicorns[0].answer = after(all_have_asked, PAGE)

    herd = [site.send() for _ in range(40)]
    all_have_asked.set()

    assert {heard_on(visitor).body for visitor in herd} == {PAGE.body}
    assert len(site.heard) == 1


def test_expired_page_is_shown_while_one_request_renews_it(site: Site) -> None:
    may_answer = threading.Event()
    keep(site, "s-maxage=1, stale-while-revalidate=600")
    site.gunicorns[0].answer = after(may_answer, Answer(b"the new page", headers=LASTING))
    expire(site)

    meanwhile = {site.ask().body for _ in range(20)}
    until(lambda: len(site.heard) > 1)
    num_heard = len(site.heard)
    may_answer.set()

    assert meanwhile == {PAGE.body}
    assert num_heard == 2
    until(lambda: site.ask().body == b"the new page")


def test_page_is_shown_to_the_end_of_the_second_that_it_names(site: Site) -> None:
    last_second = int(time.time()) + 1
    headers = {**LASTING, "X-Accel-Expires": f"@{last_second}"}
    site.gunicorns[0].answer = lambda heard: replace(PAGE, headers=headers)
    site.ask()
    asked_at: list[float] = []

    def is_over() -> bool:
        asked_at.append(time.time())
        return site.ask().headers["X-Cache"] != "HIT"

    until(is_over)

    *while_kept, _ = asked_at
    assert max(while_kept, default=0) < last_second + 1 <= time.time()
    assert "X-Accel-Expires" not in site.ask().headers


def test_page_whose_second_is_over_is_shown_while_one_request_renews_it(site: Site) -> None:
    may_answer = threading.Event()
    lifetime, over = "s-maxage=1, stale-while-revalidate=600", f"@{int(time.time()) - 1}"
    # In this order: after the other one Nginx 1.22 reads nothing of Cache-Control.
    headers = {"Cache-Control": lifetime, "X-Accel-Expires": over}
    site.gunicorns[0].answer = lambda heard: replace(PAGE, headers=headers)
    site.ask()
    site.gunicorns[0].answer = after(may_answer, PAGE)

    meanwhile = [site.ask().headers["X-Cache"] for _ in range(3)]
    may_answer.set()

    assert meanwhile == ["STALE", "UPDATING", "UPDATING"]


@pytest.mark.parametrize("headers", MEMBERS, ids=str)
def test_member_neither_fills_the_cache_nor_is_answered_from_it(site: Site, headers: dict[str, Any]) -> None:
    answers = [site.ask(**headers), site.ask(), site.ask(), site.ask(**headers)]

    assert [answer.headers.get("X-Cache") for answer in answers] == [None, "MISS", "HIT", None]
    assert len(site.heard) == 3


def test_visitors_share_a_page_whatever_other_cookies_they_have(site: Site) -> None:
    answers = [site.ask(), site.ask(cookie="csrftoken=1; my_theme=2; x=sessionid=3"), site.ask(cookie="_ga=4")]

    assert [answer.headers["X-Cache"] for answer in answers] == ["MISS", "HIT", "HIT"]


def test_page_is_shared_by_scheme_host_address_and_query_only(site: Site) -> None:
    site.ask("/s/1?order=newest")

    assert site.ask("/s/1?order=newest", method="HEAD").headers["X-Cache"] == "HIT"
    assert site.ask("/s/1?order=top").headers["X-Cache"] == "MISS"
    assert site.ask("/s/1?order=newest", method="POST").headers.get("X-Cache") is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Cache-Control": "max-age=60"},
        {"Expires": "Thu, 31 Dec 2099 23:59:59 GMT"},
        {"Cache-Control": "private, s-maxage=1"},
        {"Cache-Control": "no-store, s-maxage=1"},
        {**LASTING, "Set-Cookie": "csrftoken=secret"},
    ],
    ids=str,
)
def test_answer_that_is_not_for_all_is_not_stored(site: Site, headers: dict[str, str]) -> None:
    site.gunicorns[0].answer = lambda heard: replace(PAGE, headers=headers)

    answers = [site.ask(), site.ask()]

    assert [answer.headers["X-Cache"] for answer in answers] == ["MISS", "MISS"]


def test_removed_page_is_gone_when_its_time_is_over(site: Site) -> None:
    keep(site, "s-maxage=1, stale-while-revalidate=1, stale-if-error=600")
    site.gunicorns[0].answer = lambda heard: Answer(b"removed", 404)

    until(lambda: site.ask().status == 404)

    assert site.ask().body == b"removed"


def test_visitor_who_has_the_page_is_told_so_from_the_cache(site: Site) -> None:
    site.ask()

    answer = site.ask(if_none_match='W/"1"')

    assert (answer.status, answer.body, answer.headers["X-Cache"]) == (304, b"", "HIT")
    assert answer.headers["ETag"] == 'W/"1"'
    assert len(site.heard) == 1


def test_member_asks_django_whether_the_page_has_changed(site: Site) -> None:
    site.ask(cookie="sessionid=1", if_none_match='W/"1"')

    assert site.heard[0].headers["If-None-Match"] == 'W/"1"'


def test_one_compressed_copy_serves_those_who_can_read_it_and_those_who_cannot(site: Site) -> None:
    packed = gzip.compress(PAGE.body)
    site.gunicorns[0].answer = lambda heard: Answer(packed, headers={**PAGE.headers, "Content-Encoding": "gzip"})

    answers = [site.ask(accept_encoding="br, gzip"), site.ask(), site.ask(if_none_match='W/"1"')]

    assert [answer.body for answer in answers] == [packed, PAGE.body, b""]
    assert [heard.headers["Accept-Encoding"] for heard in site.heard] == ["gzip"]


def test_members_page_is_compressed_by_nginx(site: Site) -> None:
    long = b"page " * 1000
    site.gunicorns[0].answer = lambda heard: Answer(long, headers={"Content-Type": "text/html"})

    answer = site.ask(cookie="sessionid=1", accept_encoding="gzip")

    assert gzip.decompress(answer.body) == long
    assert "Accept-Encoding" not in site.heard[0].headers


def test_without_gunicorns_visitors_keep_their_pages_and_others_learn_when_to_return(site: Site) -> None:
    keep(site, "s-maxage=1")
    site.gunicorns[0].stop()
    expire(site)

    kept, lost = site.ask(), site.ask(cookie="sessionid=1")

    assert (kept.status, kept.body, kept.headers["X-Cache"]) == (200, PAGE.body, "STALE")
    assert (lost.status, lost.headers["Retry-After"]) == (503, "10")
    assert lost.headers["Content-Type"] == "text/html; charset=utf-8"
    assert b"data-refusal" in lost.body


@pytest.mark.parametrize("status", [500, 503])
def test_failing_page_is_replaced_by_the_one_before(site: Site, status: int) -> None:
    keep(site, "s-maxage=1")
    site.gunicorns[0].answer = lambda heard: Answer(b"failed", status)
    expire(site)

    assert site.ask().body == PAGE.body
    assert site.ask(cookie="sessionid=1").body == b"failed"
