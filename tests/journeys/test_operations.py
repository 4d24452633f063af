"""An operator looks at the site: the page renews itself, and rests while something in it is read."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.observability.models import EVERY, Sample
from tests.factories import PersonFactory
from tests.journeys.conftest import LogIn
from tests.journeys.test_accessibility import faults_here

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("has_javascript", [True], ids=["with-javascript"]),
]


@pytest.fixture
def shown(page: Page, log_in: LogIn) -> Page:
    """The page, of a site that has served for two minutes."""
    turn = int(timezone.now().timestamp()) // EVERY
    for age in range(12):
        view = {
            "statuses": {"200": 120 - age},
            "le": {"0.1": 120 - age, "+Inf": 120 - age},
            "seconds": 1,
            "outcomes": {"hit": 1},
        }
        figures = {"views": {"stories.front_page": view}, "jobs": {}, "memory": {"0": 1e8}}
        Sample.objects.create(
            turn=turn - age, source="web1/web-0", totals={"views": view, "threads": 4}, figures=figures
        )
    log_in(PersonFactory.create(is_staff=True, is_superuser=True))
    page.goto("/admin/operations/")
    return page


def test_charts_and_tables_keep_nobody_out(shown: Page) -> None:
    expect(shown.get_by_role("img", name="Requests")).to_be_visible()
    assert faults_here(shown, "#operations") == []


def test_page_renews_itself(shown: Page) -> None:
    Sample.objects.all().delete()

    expect(shown.get_by_text("Nothing has been kept yet.")).to_be_visible()


def test_page_rests_while_a_table_is_read(shown: Page) -> None:
    shown.evaluate(
        """document.addEventListener("htmx:beforeRequest", (event) => {
            if (event.defaultPrevented) console.log("rests");
        })"""
    )

    with shown.expect_console_message(lambda message: message.text == "rests"):
        shown.get_by_text("In numbers").first.click()

    expect(shown.get_by_role("rowheader", name="0 min").first).to_be_visible()
