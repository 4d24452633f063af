"""Profiles, the list of people, settings."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import PersonMute, User
from tests.conftest import CountQueries
from tests.factories import PersonFactory

pytestmark = pytest.mark.django_db


def test_a_profile_is_there_in_any_case_and_shows_hostile_text_inert(client: Client) -> None:
    PersonFactory.create(username="Marlene", about_html="<p>Sea.</p>")

    page = client.get(reverse("accounts:profile", args=["MARLENE"]))

    assert "<p>Sea.</p>" in page.content.decode()


@pytest.mark.parametrize("name", ["nobody", "%25", "x" * 500, "a b", "ä"])
def test_there_is_no_profile_of_nobody(client: Client, name: str) -> None:
    assert client.get(f"/u/{name}/").status_code == 404


def test_the_list_of_people_needs_one_query(client: Client, count_queries: CountQueries) -> None:
    PersonFactory.create_batch(5)

    with count_queries() as queries:
        client.get(reverse("accounts:people"))

    assert len(queries) == 1, queries


def test_settings_are_kept_and_given_back_when_refused(client: Client) -> None:
    person = PersonFactory.create()
    client.force_login(person)

    kept = client.post(reverse("accounts:settings"), {"about": "I like *ships*."})
    refused = client.post(reverse("accounts:settings"), {"about": "x" * 4001})

    assert (kept.status_code, refused.status_code) == (302, 422)
    assert "x" * 4001 in refused.content.decode()
    assert User.objects.get(pk=person.pk).about_html == "<p>I like <em>ships</em>.</p>"


def test_settings_are_for_members(client: Client) -> None:
    answer = client.get(reverse("accounts:settings"))

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("account_login"))


def test_people_are_muted_and_heard_again(client: Client) -> None:
    person = PersonFactory.create()
    client.force_login(PersonFactory.create())
    address = reverse("accounts:mute", args=[person.username])

    client.post(address, {"next": "/"})
    muted = PersonMute.objects.count()
    answer = client.post(address, {"undo": "1", "next": "https://evil.example/"})

    assert (muted, PersonMute.objects.count()) == (1, 0)
    assert answer.headers["Location"] == "/"
