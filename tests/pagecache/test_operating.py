"""What operators see of the page cache, and how they purge."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from apps.pagecache import figures, purging
from apps.pagecache.stores import Unavailable, store
from tests.factories.people import PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(PersonFactory.create(is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise Unavailable

    monkeypatch.setattr(type(store()), "stamp", fail)


def stamps(*tags: str) -> list[int]:
    return [stamp or 0 for stamp in store().stamps(tags)]


def test_the_operators_page_counts_answers_by_view(operator: Client) -> None:
    before = {row.view: row.hit for row in figures.by_view()}
    Client().get("/u/")
    Client().get("/u/")

    page = operator.get("/admin/page-cache/").content.decode()

    row = re.search(r">accounts\.people</th>\s*<td>\d+ %</td>\s*<td>(\d+)</td>", page)
    assert row
    assert int(row[1]) == before.get("accounts.people", 0) + 1


def test_the_admin_leads_operators_to_the_page(operator: Client) -> None:
    assert "/admin/page-cache/" in operator.get("/admin/").content.decode()


def test_staff_without_all_rights_are_refused() -> None:
    client = Client()
    client.force_login(PersonFactory.create(is_staff=True))

    assert client.get("/admin/page-cache/").status_code == 403
    assert "/admin/page-cache/" not in client.get("/admin/").content.decode()


def test_an_operator_purges_tags(operator: Client) -> None:
    epoch, *_ = stamps()

    response = operator.post("/admin/page-cache/", {"tags": " front-page  story:42 "})

    assert response.status_code == 302
    assert all(stamps("front-page", "story:42")[1:])
    assert stamps()[0] == epoch


def test_an_operator_purges_everything(operator: Client) -> None:
    (before,) = stamps()

    operator.post("/admin/page-cache/", {"everything": "on"})

    assert stamps()[0] > before


@pytest.mark.parametrize("typed", [{}, {"tags": "  "}, {"tags": "a", "everything": "on"}, {"tags": "x" * 3000}])
def test_a_purge_of_nothing_and_one_of_both_are_refused(operator: Client, typed: dict[str, str]) -> None:
    assert operator.post("/admin/page-cache/", typed).status_code == 422


@pytest.mark.usefixtures("out_of_reach")
def test_an_operator_is_told_when_nothing_could_be_purged(operator: Client) -> None:
    response = operator.post("/admin/page-cache/", {"tags": "front-page"}, follow=True)

    assert "nothing was purged" in response.content.decode()


def test_the_command_purges_tags_and_everything() -> None:
    call_command("purge", "story:42", stdout=StringIO())
    assert stamps("story:42")[1] > 0

    (before,) = stamps()
    call_command("purge", "--all", stdout=StringIO())
    assert stamps()[0] > before


@pytest.mark.parametrize("arguments", [[], ["story:42", "--all"]])
def test_the_command_asks_what_to_purge(arguments: list[str]) -> None:
    with pytest.raises(CommandError, match="Say which"):
        call_command("purge", *arguments)


@pytest.mark.usefixtures("out_of_reach")
def test_the_command_says_when_the_cache_is_out_of_reach() -> None:
    with pytest.raises(CommandError, match="nothing was purged"):
        call_command("purge", "front-page")
    assert purging.purge_now("front-page") is False
