"""Which requests share a page, and which pages are kept at all."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from apps.pagecache import memory, purging, stores
from tests.conftest import CountQueries
from tests.pagecache import trial

pytestmark = pytest.mark.usefixtures("site")


def text(client: Client, path: str = "/show/a", **headers: str) -> str:
    return client.get(path, headers=headers).content.decode()


def test_a_visitors_page_is_rendered_once_and_then_costs_no_query(visitor: Client, count_queries: CountQueries) -> None:
    first = visitor.get("/show/a")

    with count_queries() as queries:
        second = visitor.get("/show/a")

    assert first.content == second.content == b"<p>one</p><b>AnonymousUser</b>"
    assert trial.RENDERS["a"] == 1
    assert queries == []


def test_a_member_gets_the_same_page_with_their_own_slots(visitor: Client, member: Client) -> None:
    text(visitor)

    page = text(member)

    assert page == "<p>one</p><b>ada</b>"
    assert trial.RENDERS["a"] == 1


def test_a_member_who_comes_first_leaves_nothing_of_theirs(visitor: Client, member: Client) -> None:
    assert text(member) == "<p>one</p><b>ada</b>"

    assert text(visitor) == "<p>one</p><b>AnonymousUser</b>"
    assert trial.RENDERS["a"] == 1


@pytest.mark.parametrize("name", ["bücher", "日本", "☃"])
def test_a_page_has_letters_of_any_script_in_its_address(visitor: Client, name: str) -> None:
    trial.WORLD[name] = "one"

    pages = [text(visitor, f"/show/{name}") for _ in range(2)]

    assert pages == ["<p>one</p><b>AnonymousUser</b>"] * 2
    assert trial.RENDERS[name] == 1


def test_another_process_shows_what_is_kept(visitor: Client) -> None:
    text(visitor)
    memory.clear()

    assert text(visitor) == "<p>one</p><b>AnonymousUser</b>"
    assert trial.RENDERS["a"] == 1


def test_what_one_release_has_rendered_another_does_not_show(visitor: Client, settings: Settings) -> None:
    visitor.get("/show/a")
    settings.PAGECACHE_RELEASE = "the next one"
    trial.WORLD["a"] = "two"

    assert "two" in visitor.get("/show/a").content.decode()


def test_a_purge_has_the_page_rendered_anew(visitor: Client) -> None:
    text(visitor)
    trial.WORLD["a"] = "two"
    assert "one" in text(visitor)

    purging.purge(trial.thing("a"))

    assert "two" in text(visitor)


def test_a_purge_of_another_page_leaves_it(visitor: Client) -> None:
    text(visitor)

    purging.purge(trial.thing("b"))
    text(visitor)

    assert trial.RENDERS["a"] == 1


@pytest.mark.parametrize("purge", [purging.purge_everything, purging.purge_now, lambda: purging.purge(trial.ALL)])
def test_a_purge_of_all_reaches_it(visitor: Client, purge: object) -> None:
    text(visitor)

    assert callable(purge)
    purge()
    text(visitor)

    assert trial.RENDERS["a"] == 2


@pytest.mark.parametrize("what", ["user", "session", "cookies", "token", "messages"])
def test_a_page_that_asks_who_looks_is_never_kept(member: Client, what: str) -> None:
    first = member.get(f"/nosy/{what}")
    second = member.get(f"/nosy/{what}")

    assert first.status_code == second.status_code == 200
    assert "no-store" in first["Cache-Control"]
    assert "Cache-Status" not in second
    assert trial.RENDERS["nosy"] == 4


def test_a_page_that_does_not_ask_is_kept(member: Client) -> None:
    member.get("/nosy/nothing")
    member.get("/nosy/nothing")

    assert trial.RENDERS["nosy"] == 1


@pytest.mark.parametrize(("what", "status"), [("missing", 404), ("moved", 302), ("failed", 503)])
def test_only_pages_that_are_there_are_kept(visitor: Client, what: str, status: int) -> None:
    answers = [visitor.get(f"/odd/{what}") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [status, status]
    assert not any("Cache-Status" in answer for answer in answers)
    assert memory.size() == 0


def test_cookies_and_unknown_headers_are_not_kept(visitor: Client, member: Client) -> None:
    answers = [visitor.get("/odd/cookie"), Client().get("/odd/cookie"), member.get("/odd/cookie")]

    assert trial.RENDERS["odd"] == 1
    assert not any("odd" in answer.cookies or "X-Odd" in answer for answer in answers)
    assert answers[0]["Content-Language"] == answers[1]["Content-Language"] == "eo"
    assert answers[1]["Link"] == "</x>; rel=a"


def test_what_stands_in_the_query_for_others_makes_no_copy(visitor: Client) -> None:
    assert text(visitor, "/show/a?utm_source=x") == text(visitor, "/show/a?utm_source=y") == text(visitor)
    assert trial.RENDERS["a"] == 1

    assert "onenew" in text(visitor, "/show/a?order=new")


def test_known_words_of_the_query_make_one_copy_in_any_order(visitor: Client) -> None:
    for query in ("order=new&after=1", "after=1&order=new", "after=1&x=y&order=new", "after=0&after=1&order=new"):
        text(visitor, f"/show/a?{query}")

    assert trial.RENDERS["a"] == 1


def test_too_many_fields_are_refused(visitor: Client) -> None:
    assert visitor.get("/show/a?" + "&".join(f"a{number}=" for number in range(500))).status_code == 400


def test_a_part_for_htmx_is_a_page_of_its_own(visitor: Client) -> None:
    assert "part" not in text(visitor)

    assert "part" in text(visitor, HX_Request="true")
    assert "part" in text(visitor, HX_Request="true")
    assert "part" not in text(visitor)
    assert trial.RENDERS["a"] == 2


def test_no_word_but_true_makes_a_copy_for_htmx(visitor: Client) -> None:
    for word in ("false", "1", "True", ""):
        assert "part" not in text(visitor, HX_Request=word)

    assert trial.RENDERS["a"] == 1


def test_a_theme_shows_on_the_one_copy(visitor: Client) -> None:
    text(visitor)
    visitor.cookies["theme"] = "dark"

    assert text(visitor) == "<p>one</p><b>AnonymousUserdark</b>"
    assert text(Client()) == "<p>one</p><b>AnonymousUser</b>"
    assert trial.RENDERS["a"] == 1


def test_cookies_that_no_slot_looks_at_change_nothing(visitor: Client) -> None:
    text(visitor)
    visitor.cookies["analytics"] = "123"

    answer = visitor.get("/show/a")

    assert answer.content == b"<p>one</p><b>AnonymousUser</b>"
    assert answer["Cache-Control"].startswith("public")


def test_hosts_and_schemes_do_not_share(visitor: Client) -> None:
    text(visitor)

    visitor.get("/show/a", headers={"Host": "localhost"})
    visitor.get("/show/a", secure=True)

    assert trial.RENDERS["a"] == 3


def test_a_host_that_is_not_ours_gets_and_leaves_nothing(visitor: Client) -> None:
    text(visitor)
    held = memory.size()

    assert visitor.get("/show/a", headers={"Host": "evil.example"}).status_code == 400
    assert memory.size() == held


def test_what_a_visitor_is_told_once_is_told_to_nobody_else(visitor: Client) -> None:
    visitor.post("/tell", {"text": "Welcome."})
    assert "messages" in visitor.cookies

    told = visitor.get("/show/a")

    assert b"<i>Welcome.</i>" in told.content
    assert told["Cache-Control"].startswith("private")
    assert "Welcome" not in text(Client())
    assert "Welcome" not in text(visitor)
    assert trial.RENDERS["a"] == 1


def test_a_writer_sees_their_change_and_so_does_everybody(visitor: Client, member: Client) -> None:
    text(visitor)

    changed = member.post("/change/a", {"text": "two"})

    assert changed.status_code == 302
    assert "two" in text(member)
    assert "two" in text(visitor)
    assert trial.RENDERS["a"] == 2


def test_nothing_is_kept_when_the_cache_is_off(visitor: Client, settings: object) -> None:
    settings.PAGECACHE = False  # type: ignore[attr-defined]  # pytest-django's

    answers = [visitor.get("/show/a") for _ in range(2)]

    assert "Cache-Status" not in answers[1]
    assert trial.RENDERS["a"] == 2
    assert stores.store().stamps([trial.ALL]) == [None, None]
