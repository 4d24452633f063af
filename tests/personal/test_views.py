"""How people delete their account: what they are asked, and who is refused."""

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from apps.accounts.models import User
from tests.factories import PersonFactory

pytestmark = pytest.mark.django_db

PASSWORD = "a wave of cold water"
PATH = "/settings/data/erasure"


@pytest.fixture
def member() -> User:
    return PersonFactory.create(username="mia", password=make_password(PASSWORD))


@pytest.fixture
def client(member: User) -> Client:
    client = Client()
    client.force_login(member)
    return client


def confirmed(client: Client) -> Client:
    """The browser, after the password was typed once more."""
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    return client


def is_there() -> bool:
    return User.objects.filter(username="mia", is_active=True).exists()


def test_password_is_asked_for_first(client: Client) -> None:
    asked = client.get(f"{PATH}?texts=erase")

    assert asked.status_code == 302
    assert asked["Location"] == "/account/reauthenticate/?next=%2Fsettings%2Fdata%2Ferasure%3Ftexts%3Derase"
    wrong = client.post(asked["Location"], {"password": "wrong"})
    assert wrong.status_code == 200
    right = client.post(asked["Location"], {"password": PASSWORD, "next": f"{PATH}?texts=erase"})
    assert right["Location"] == f"{PATH}?texts=erase"
    page = client.get(right["Location"]).content.decode()
    assert "This cannot be undone" in page
    assert "All your stories and comments are erased" in page
    assert is_there()


def test_form_that_is_sent_without_the_password_erases_nothing(client: Client) -> None:
    answer = client.post(PATH, {"texts": "keep"})

    assert answer["Location"].startswith("/account/reauthenticate/")
    assert is_there()


def test_last_button_deletes_the_account_and_says_so(client: Client) -> None:
    answer = confirmed(client).post(PATH, {"texts": "keep"}, follow=True)

    assert answer.redirect_chain == [("/", 302)]
    assert "Your account is deleted" in answer.content.decode()
    assert "Sign up" in answer.content.decode()
    assert not is_there()


def test_second_click_finds_nobody(client: Client) -> None:
    again = Client()
    again.cookies["sessionid"] = client.cookies["sessionid"].value
    confirmed(client).post(PATH, {"texts": "erase"})

    assert again.post(PATH, {"texts": "erase"}).status_code == 403


@pytest.mark.parametrize("texts", ["", "all", "keep\x00"])
def test_other_choices_lead_back(client: Client, texts: str) -> None:
    answer = confirmed(client).post(PATH, {"texts": texts})

    assert answer["Location"] == "/settings/data"
    assert is_there()


def test_form_of_another_site_is_refused(member: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)

    assert client.post(PATH, {"texts": "keep"}).status_code == 403
    assert client.post("/settings/data/export").status_code == 403
    assert is_there()


def test_visitors_are_asked_to_log_in() -> None:
    assert Client().get("/settings/data")["Location"] == "/account/login/?next=/settings/data"
    assert Client().get(PATH)["Location"].startswith("/account/login/")
    assert Client().post(PATH, {"texts": "keep"}).status_code == 403


def test_last_administrator_is_told_why_not(client: Client, member: User) -> None:
    User.objects.filter(pk=member.pk).update(is_superuser=True)

    answer = confirmed(client).post(PATH, {"texts": "keep"})

    assert answer.status_code == 409
    assert "You are the last administrator of this site" in answer.content.decode()
    assert is_there()
