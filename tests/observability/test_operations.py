"""The operations page: for whom it is, and what it shows."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connections
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.jobs.models import Job, State
from apps.observability import charts, health
from apps.observability.charts import words
from apps.observability.models import EVERY, Sample
from apps.replicas import readonly, servers
from apps.replicas.servers import Fleet, Server
from tests.conftest import CountQueries
from tests.factories import PersonFactory
from tests.jobs.names import enqueued

pytestmark = pytest.mark.django_db

PAGE = "/admin/operations/"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections outlive a look at the site's health here: closing them would end the test's transaction."""
    health._check_tables.cache_clear()
    monkeypatch.setattr(connections["default"], "close", lambda: None)


@pytest.fixture
def operator() -> Client:
    """Somebody on the staff who was given the right, and no other."""
    person = PersonFactory.create(is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_sample"))
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two gunicorns before a primary and its late replica, in the last five minutes."""
    monkeypatch.setattr(servers, "fleet", Fleet(Server("default"), [Server("replica1")]))
    turn = int(timezone.now().timestamp()) // EVERY
    for age in range(30):
        for source in ("web1/web-0", "web2/web-0"):
            keep(turn - age, source, (30 - age) * 10.0)


def keep(turn: int, source: str, requests: float) -> None:
    view = {
        "statuses": {"200": requests, "500": requests / 10},
        "le": {"0.1": requests, "0.8": requests * 1.1, "+Inf": requests * 1.1},
        "outcomes": {"hit": requests * 0.75, "miss": requests * 0.25},
        "seconds": requests / 20,
    }
    job = {"le": {"1.0": requests, "+Inf": requests}, "outcomes": {"done": requests, "failed": 0}, "seconds": requests}
    totals = {"views": view, "reads": {"default": requests, "replica1": requests}, "lag": {"replica1": 4.2}}
    totals |= {
        "serving": {"replica1": int(requests <= 150)},
        "oldest": {"fast": 0},
        "threads": 4,
        "memory": 2e8,
        "drift": {"karma": requests},
    }
    by_name = {"views": {"stories.front_page": view}, "jobs": {"votes.tally": job}, "memory": {"0": 2e8}}
    Sample.objects.create(turn=turn, source=source, totals=totals, figures=by_name)


def cells(page: str, first: str) -> list[str]:
    """The row that begins so, without its tags."""
    row = re.search(rf'<th scope="row">{re.escape(first)}</th>(.*?)</tr>', page, re.DOTALL)
    assert row, page
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", cell)).strip() for cell in row[1].split("</td>")[:-1]]


@pytest.mark.usefixtures("busy")
def test_one_screen_shows_the_whole_site(operator: Client) -> None:
    page = operator.get(PAGE).content.decode()

    assert cells(page, "replica1")[1:] == ["4.20 s", "2/s", "180 s"]
    assert cells(page, "stories.front_page") == ["638", "55 ms", "415 ms", "75 % 75 %", "58"]
    assert cells(page, "votes.tally") == ["580", "1 s", "950 ms", "0", "0"]
    assert cells(page, "web1/web-0") == ["0", "200 MB"]
    assert cells(page, "karma") == ["580"]
    titles = re.findall(r'<strong id="chart-\d+-title">([^<]*)<', page)
    assert titles == [title for title, *_ in charts.CHARTS]


def test_time_beyond_the_last_bound_is_told_as_longer(operator: Client) -> None:
    turn = int(timezone.now().timestamp()) // EVERY
    for age, requests in ((1, 0), (0, 10)):
        view = {"statuses": {"200": requests}, "le": {"15.0": requests / 2, "+Inf": requests}, "seconds": 20 * requests}
        job = {"le": {"1000.0": 0, "+Inf": requests}, "outcomes": {"done": requests}, "seconds": 2000 * requests}
        totals, by_name = (
            {"views": view},
            {"views": {"accounts.people": view}, "jobs": {"personal.export": job}, "memory": {}},
        )
        Sample.objects.create(turn=turn - age, source="web1/web-0", totals=totals, figures=by_name)

    page = operator.get(PAGE).content.decode()

    assert cells(page, "accounts.people")[:3] == ["10", "15 s", "over 15 s"]
    assert cells(page, "personal.export")[2] == "over 1,000 s"


@pytest.mark.usefixtures("busy")
def test_charts_speak_to_who_does_not_see_them(operator: Client) -> None:
    page = operator.get(PAGE).content.decode()

    assert page.count('role="img"') == page.count("<desc") == page.count("<summary>In numbers") == len(charts.CHARTS)
    assert re.search(r"all: now 2\.20/s,\s+at most 2\.20/s\.", page)


@pytest.mark.usefixtures("busy")
def test_page_costs_few_queries(operator: Client, count_queries: CountQueries) -> None:
    operator.get(PAGE)

    with count_queries() as asked:
        operator.get(PAGE, headers=HTMX)

    # Session, person, their two kinds of rights, health, samples twice, queues, the last turn of a scheduled job.
    assert len(asked) == 9


def test_site_that_has_just_begun_says_so(operator: Client) -> None:
    page = operator.get(PAGE).content.decode()

    assert "Nothing has been kept yet." in page
    assert 'class="chart"' not in page


@pytest.mark.usefixtures("busy")
def test_htmx_gets_the_part_that_changes(operator: Client) -> None:
    page, part = (operator.get(PAGE, headers=headers).content.decode() for headers in ({}, HTMX))

    assert 'hx-trigger="every 5s"' in page
    assert "<html" not in part
    assert "stories.front_page" in part


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize(("span", "shown"), [("hour", "hour"), ("day", "day"), ("week", "hour"), ("", "hour")])
def test_span_is_an_hour_or_a_day(operator: Client, span: str, shown: str) -> None:
    page = operator.get(PAGE, {"span": span}).content.decode()

    assert f"<b>Last {shown}</b>" in page
    assert f"1 {shown} ago" in page


def test_page_is_kept_by_nobody(operator: Client) -> None:
    assert "no-store" in operator.get(PAGE)["Cache-Control"]


def test_what_wants_attention_stands_first(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = Fleet(Server("default"), [Server("replica1")])
    fleet.replicas[0].is_serving = False
    monkeypatch.setattr(servers, "fleet", fleet)
    User.objects.get().user_permissions.add(Permission.objects.get(codename="view_job"))
    job = enqueued("jobs.forget_finished")
    Job.objects.filter(pk=job.pk).update(due_at=timezone.now() - timedelta(minutes=10))
    dead = enqueued("jobs.forget_finished")
    Job.objects.filter(pk=dead.pk).update(state=State.DEAD, finished_at=timezone.now())
    readonly.switch_on("Back at noon.")
    try:
        page = operator.get(PAGE).content.decode()
    finally:
        readonly.switch_off()

    texts = [re.sub(r"\s+", " ", text) for text in re.findall(r'<li class="is-\w+">(.*?)</li>', page, re.DOTALL)]
    assert len(texts) == 5
    # Ten minutes, and what has passed since.
    signs = ["Back at noon", "ever enqueued", "waits for 6", "1 dead", "replica1"]
    assert [sign in text for sign, text in zip(signs, texts, strict=True)] == [True] * 5
    assert "The site is <b>read-only</b>" in page
    assert "?state__exact=dead&amp;queue=slow" in page
    assert "✗ out" in page


def test_sound_site_says_so(operator: Client) -> None:
    job = enqueued("jobs.forget_finished")
    Job.objects.filter(pk=job.pk).update(key="beat:jobs.forget_finished:1")

    assert "Nothing wants attention." in operator.get(PAGE).content.decode()


ROLES: dict[str, dict[str, bool]] = {
    "administrator": {"is_staff": True, "is_superuser": True},
    "operator": {"is_staff": True},
    "staff": {"is_staff": True},
    "moderator": {"is_moderator": True},
    "member": {},
}


@pytest.fixture
def cast() -> dict[str, Client]:
    """Somebody of each role; an administrator has put the operator into a group that may see the page."""
    clients = {"visitor": Client()}
    for role, rights in ROLES.items():
        clients[role] = Client()
        clients[role].force_login(PersonFactory.create(username=role, **rights))
    permission = Permission.objects.get(codename="view_sample")
    clients["administrator"].post("/admin/auth/group/add/", {"name": "Operators", "permissions": [permission.pk]})
    person = User.objects.get(username="operator")
    chosen = {"is_staff": "on", "is_active": "on", "groups": [Group.objects.get().pk]}
    clients["administrator"].post(f"/admin/accounts/user/{person.pk}/change/", chosen)
    return clients


@pytest.mark.parametrize(
    ("role", "status"),
    [
        *(("administrator", 200), ("operator", 200), ("staff", 403)),
        *(("moderator", 302), ("member", 302), ("visitor", 302)),
    ],
)
def test_page_is_for_whom_an_administrator_has_let_in(cast: dict[str, Client], role: str, status: int) -> None:
    assert cast[role].get(PAGE).status_code == status
    assert cast[role].post(PAGE).status_code == (302 if status == 302 else 405)
    assert (f'href="{PAGE}"' in cast[role].get("/admin/").content.decode()) == (status == 200)


def test_only_administrators_are_led_further(cast: dict[str, Client]) -> None:
    pages = {role: [cast[role].get(place).content.decode() for place in ("/admin/", PAGE)] for role in ROLES}

    assert [["/admin/recounts/" in page for page in pages[role]] for role in ("administrator", "operator")] == [
        [True, True],
        [False, False],
    ]


@pytest.mark.parametrize(("role", "whose"), [("administrator", "administrator"), ("operator", "staff")])
def test_nobody_is_put_into_a_group_by_others_or_oneself(cast: dict[str, Client], role: str, whose: str) -> None:
    person, group = User.objects.get(username=whose), Group.objects.get()

    cast[role].post(f"/admin/accounts/user/{person.pk}/change/", {"is_active": "on", "groups": [group.pk]})

    assert not person.groups.exists()


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        *((None, "s", "–"), (0, "s", "0 s"), (0.0421, "s", "42.1 ms"), (1.5, "s", "1.50 s"), (12.34, "s", "12.3 s")),
        *((99.96, "%", "100.0 %"), (1234.5, "MB", "1,234 MB"), (3, "", "3"), (0.25, "/s", "0.25/s")),
    ],
)
def test_numbers_are_short(value: float | None, unit: str, said: str) -> None:
    assert words(value, unit) == said
