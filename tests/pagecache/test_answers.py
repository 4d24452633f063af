"""What stands above a page: for proxies, for browsers, for whoever looks into what the cache does."""

import gzip

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from apps.pagecache import purging
from tests.pagecache import trial
from tests.pagecache.clocks import Clock

pytestmark = pytest.mark.usefixtures("site")

SHARED = "public, max-age=0, s-maxage=1, stale-while-revalidate=1, stale-if-error=3600"


def look(client: Client, path: str = "/show/a", **headers: str) -> HttpResponse:
    return client.get(path, headers=headers)  # type: ignore[return-value]  # it is one, with more


def vary(answer: HttpResponse) -> set[str]:
    return {name.strip().lower() for name in answer["Vary"].split(",")}


def test_proxies_may_keep_a_visitors_page_for_a_second(visitor: Client) -> None:
    for answer in (look(visitor), look(visitor)):
        assert answer["Cache-Control"] == SHARED
        assert vary(answer) == {"authorization", "cookie", "hx-request", "accept-encoding"}
        assert answer["Surrogate-Key"] == "everything all thing:a"
        assert answer["Content-Type"] == "text/html; charset=utf-8"
        assert answer["Content-Length"] == str(len(answer.content))
        assert not answer.cookies


@pytest.mark.parametrize("header", ["Cache-Tag", "Edge-Cache-Tag"])
def test_cdn_gets_tags_in_the_header_that_it_reads(visitor: Client, settings: Settings, header: str) -> None:
    settings.PAGECACHE_TAGS_HEADER = header

    answer = look(visitor)

    assert answer[header] == "everything,all,thing:a"
    assert "Surrogate-Key" not in answer


def test_nobody_may_keep_a_members_page(visitor: Client, member: Client) -> None:
    look(visitor)

    answer = look(member)

    assert answer["Cache-Control"] == "private, no-cache"
    assert "cookie" in vary(answer)
    assert "Surrogate-Key" not in answer


@pytest.mark.parametrize("blank", ["", "\N{NO-BREAK SPACE}", "\N{IDEOGRAPHIC SPACE}", "\x85"])
def test_nobody_may_keep_a_page_in_a_visitors_own_colors(visitor: Client, blank: str) -> None:
    look(visitor)

    # Django strips such blanks from a cookie's name, proxies do not.
    answer = look(visitor, Cookie=f"{blank}theme=dark".encode().decode("latin-1"))

    assert b"dark" in answer.content
    assert answer["Cache-Control"] == "private, no-cache"


def test_nobody_may_keep_what_was_not_rendered_for_all(visitor: Client) -> None:
    answer = look(visitor, "/nosy/user")

    assert answer["Cache-Control"] == "private, no-store"
    assert "ETag" not in answer


def test_the_headers_of_safety_are_kept_with_the_page(visitor: Client) -> None:
    fresh, kept = look(visitor), look(visitor)

    for name in ("Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy"):
        assert kept[name] == fresh[name]


def test_the_status_says_where_the_page_came_from(visitor: Client, member: Client) -> None:
    assert look(visitor)["Cache-Status"] == "pages; fwd=miss; stored; detail=miss"
    assert look(visitor)["Cache-Status"] == "pages; hit; detail=hit"
    assert look(member)["Cache-Status"] == "pages; hit; detail=hit"


def test_whoever_has_the_page_is_only_told_so(visitor: Client) -> None:
    page = look(visitor)

    again = look(visitor, If_None_Match=page["ETag"])

    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == page["ETag"]
    assert again["Cache-Control"] == SHARED
    assert vary(again) == vary(page)
    assert again["Surrogate-Key"] == page["Surrogate-Key"]


def test_any_of_several_pages_that_a_browser_has_will_do(visitor: Client) -> None:
    etag = look(visitor)["ETag"]

    assert look(visitor, If_None_Match=f'"other", {etag}').status_code == 304
    # As a proxy weakens or strengthens it.
    assert look(visitor, If_None_Match=etag.removeprefix("W/")).status_code == 304
    assert look(visitor, If_None_Match='W/"other"').status_code == 200


def test_another_text_has_another_tag(visitor: Client) -> None:
    etag = look(visitor)["ETag"]
    trial.WORLD["a"] = "two"
    purging.purge(trial.thing("a"))

    changed = look(visitor, If_None_Match=etag)

    assert changed.status_code == 200
    assert changed["ETag"] != etag


def test_another_theme_has_another_tag(visitor: Client) -> None:
    etag = look(visitor)["ETag"]
    visitor.cookies["theme"] = "dark"

    dark = look(visitor, If_None_Match=etag)

    assert dark.status_code == 200
    assert look(visitor, If_None_Match=dark["ETag"]).status_code == 304


def test_a_compressed_page_is_the_same_page(visitor: Client) -> None:
    trial.WORLD["a"] = "many words " * 100
    plain = look(visitor)

    small = look(visitor, Accept_Encoding="br, gzip")

    assert small["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.content) == plain.content
    assert small["Content-Length"] == str(len(small.content))
    assert small["ETag"] == plain["ETag"]
    assert len(small.content) < len(plain.content)
    assert "Content-Encoding" not in plain


def test_a_compressed_page_of_a_theme_is_that_theme(visitor: Client) -> None:
    visitor.cookies["theme"] = "dark"

    small = look(visitor, Accept_Encoding="gzip")

    assert b"AnonymousUserdark" in gzip.decompress(small.content)


def test_a_members_compressed_page_is_theirs(member: Client) -> None:
    trial.WORLD["a"] = "many words " * 100

    small = look(member, Accept_Encoding="gzip")

    assert b"<b>ada</b>" in gzip.decompress(small.content)


@pytest.mark.parametrize("times", [1, 2])
def test_only_the_head_of_a_page_has_its_headers(visitor: Client, times: int) -> None:
    for _ in range(times):
        head = visitor.head("/show/a")

    page = look(visitor)
    assert head.content == b""
    assert head.status_code == 200
    assert {name: value for name, value in head.items() if name != "Cache-Status"} == {
        name: value for name, value in page.items() if name != "Cache-Status"
    }
    assert trial.RENDERS["a"] == 1


def test_a_stale_page_says_that_it_is(visitor: Client, behind: None, renewals: list[object], clock: Clock) -> None:
    look(visitor)
    purging.purge(trial.thing("a"))

    answer = look(visitor)

    assert answer["Cache-Status"] == "pages; hit; detail=stale"
    assert answer["Cache-Control"] == SHARED


def last_second(visitor: Client, clock: Clock, began: float) -> int:
    """Until when Nginx may show what it is told now, in seconds since `began`."""
    answer = look(visitor, X_Request_Start=f"t={clock.now:.3f}")
    # What stands after it, Nginx 1.22 does not read.
    assert list(answer.headers).index("Cache-Control") < list(answer.headers).index("X-Accel-Expires")
    return int(answer["X-Accel-Expires"].removeprefix("@")) - int(began)


def test_nginx_keeps_a_current_page_until_the_end_of_the_second(visitor: Client, behind: None, clock: Clock) -> None:
    clock.now = began = 1_800_000_000.0

    for moment, second in [(0.0, 0), (0.9, 0), (1.0, 1), (7.5, 7)]:
        clock.now = began + moment
        assert last_second(visitor, clock, began) == second


@pytest.mark.parametrize(
    ("known", "moment", "second"),
    [(0.25, 0.75, 0), (0.25, 1.45, 1), (0.25, 2.05, 1), (0.9, 1.4, 1), (0.9, 2.4, 1), (0.1, 1.9, 1), (0.1, 2.05, 1)],
)
def test_nginx_keeps_a_changed_page_no_longer_than_it_may_be_shown_here(
    visitor: Client, behind: None, renewals: list[object], clock: Clock, known: float, moment: float, second: int
) -> None:
    began = 1_800_000_000.0
    clock.now = began + known
    look(visitor)
    purging.purge(trial.thing("a"))
    clock.now = began + moment

    assert last_second(visitor, clock, began) == second
    # To its end.
    assert second + 1 <= known + settings.PAGECACHE_BEHIND_SECONDS


@pytest.mark.parametrize("said", ["", "soon", "t=", "t=nan", "t=inf", "t=1e9", "t=-1", "t=" + "9" * 500, "t=\xb2"])
def test_without_nginxs_clock_only_the_lifetime_is_said(visitor: Client, said: str) -> None:
    for _ in range(2):
        answer = look(visitor, X_Request_Start=said)

    assert answer["Cache-Control"] == SHARED
    assert "X-Accel-Expires" not in answer
