"""Whoever has somebody's session, but not the password: they do not get the account, and its owner hears of tries."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from tests.factories import PersonFactory

pytestmark = pytest.mark.django_db

PASSWORD = "a calm sea at dawn"
CHANGES = [
    {"action_add": "", "email": "another@example.org"},
    {"action_remove": "", "email": "spare@example.org"},
    {"action_primary": "", "email": "spare@example.org"},
]


@pytest.fixture
def owner() -> User:
    person: User = PersonFactory.create(username="marlene", email="marlene@example.org")
    person.set_password(PASSWORD)
    person.save()
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    EmailAddress.objects.create(user=person, email="spare@example.org", verified=True)
    return person


def addresses() -> list[tuple[str, bool]]:
    return sorted(EmailAddress.objects.values_list("email", "primary"))


@pytest.mark.parametrize("change", CHANGES)
def test_addresses_want_the_password(client: Client, owner: User, change: dict[str, str]) -> None:
    client.force_login(owner)
    before = addresses()

    asked = client.post(reverse("account_email"), change)
    client.post(asked["Location"], {"password": "a wild sea at dusk"})
    after_wrong_password = addresses()
    client.post(asked["Location"], {"password": PASSWORD})

    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert after_wrong_password == before
    assert addresses() != before


def test_the_old_address_hears_of_the_new_one(client: Client, owner: User) -> None:
    client.force_login(owner)
    asked = client.post(reverse("account_email"), {"action_primary": "", "email": "spare@example.org"})

    client.post(asked["Location"], {"password": PASSWORD})

    [letter] = mail.outbox
    assert letter.to == ["marlene@example.org"]
    assert "to spare@example.org" in letter.body


def test_the_owner_hears_of_a_new_password(client: Client, owner: User) -> None:
    client.force_login(owner)
    new = "a wild sea at dusk"

    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})

    [letter] = mail.outbox
    assert (letter.to, "password has been changed" in letter.body) == (["marlene@example.org"], True)
