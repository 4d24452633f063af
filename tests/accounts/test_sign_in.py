"""Signing up, confirming, logging in and out, resetting: through the addresses that people use."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as project
from django.contrib.auth import hashers
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from apps.accounts.adapter import RESERVED
from apps.accounts.models import User
from tests.factories import PersonFactory

pytestmark = pytest.mark.django_db

PASSWORD = "a calm sea at dawn"
HOSTILE = [
    "<script>alert(1)</script>",
    "\x00",
    "\u202eelcyc",
    "' OR 1=1 --",
    "{{ 7*7 }}",
    "x" * 100_000,
    "\U0001f30a",
    "a b",
    "../../etc/passwd",
    "𝖆𝖉𝖒𝖎𝖓",
]


def sign_up(client: Client, **changed: str) -> HttpResponse:
    typed = {"username": "marlene", "email": "marlene@example.org", "password1": PASSWORD} | changed
    return client.post(reverse("account_signup"), typed)  # type: ignore[return-value]  # the test client's subclass


def log_in(client: Client, login: str = "marlene", password: str = PASSWORD, **more: str) -> HttpResponse:
    typed = {"login": login, "password": password} | more
    return client.post(reverse("account_login"), typed)  # type: ignore[return-value]  # the test client's subclass


def is_logged_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def link_in_mail() -> str:
    found = re.search(r"http://\S+", str(mail.outbox[-1].body))
    assert found
    return urlsplit(found.group()).path


def member(**fields: object) -> User:
    person: User = PersonFactory.create(**{"username": "marlene", "email": "marlene@example.org"} | fields)
    person.set_password(PASSWORD)
    person.save()
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


def test_signing_up_confirming_and_logging_in_and_out(client: Client) -> None:
    sign_up(client)
    before = is_logged_in(client)
    refused = log_in(client)
    confirmed = client.post(link_in_mail())
    log_in(client)
    after = is_logged_in(client)
    client.post(reverse("account_logout"))

    assert (before, after, is_logged_in(client)) == (False, True, False)
    assert (refused.status_code, confirmed.status_code) == (302, 302)
    assert EmailAddress.objects.get().verified


def test_looking_at_the_link_in_the_mail_confirms_nothing(client: Client) -> None:
    sign_up(client)

    page = client.get(link_in_mail())

    assert page.status_code == 200
    assert not EmailAddress.objects.get().verified


@pytest.mark.parametrize("login", ["marlene", "MARLENE", "marlene@example.org", "Marlene@Example.org"])
def test_people_log_in_by_name_or_address_in_any_case(client: Client, login: str) -> None:
    member()

    log_in(client, login)

    assert is_logged_in(client)


@pytest.mark.parametrize("name", [*sorted(RESERVED), "ADMIN", "Root"])
def test_names_of_the_site_itself_are_kept(client: Client, name: str) -> None:
    answer = sign_up(client, username=name)

    assert answer.status_code == 200
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["marlene", "Marlene", "MARLENE"])
def test_a_name_is_taken_in_any_case(client: Client, name: str) -> None:
    PersonFactory.create(username="Marlene", email="other@example.org")

    sign_up(client, username=name)

    assert User.objects.count() == 1


@pytest.mark.parametrize("name", ["", "a", "_a", "-a", ".a", "a/b", "a@b", "ä", "a" * 31, "a\n", *HOSTILE])
def test_names_that_are_unfit_for_addresses_are_refused(client: Client, name: str) -> None:
    sign_up(client, username=name)

    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{1,29}", person.username) for person in User.objects.all())


@pytest.mark.parametrize("password", ["", "short", "password123", "1234567890", "marlene1234", "marlene@example.org"])
def test_weak_passwords_are_refused(client: Client, password: str) -> None:
    answer = sign_up(client, password1=password)

    assert answer.status_code == 200
    assert not User.objects.exists()


@pytest.mark.parametrize("field", ["username", "email", "password1"])
@pytest.mark.parametrize("text", HOSTILE)
def test_no_field_breaks_the_form(client: Client, field: str, text: str) -> None:
    answer = sign_up(client, **{field: text})

    assert answer.status_code in {200, 302}
    assert b"<script>alert(1)" not in answer.content


@pytest.mark.parametrize("field", ["login", "password"])
@pytest.mark.parametrize("text", HOSTILE)
def test_no_field_breaks_logging_in(client: Client, field: str, text: str) -> None:
    answer = log_in(client, **{field: text})

    assert answer.status_code == 200
    assert not is_logged_in(client)


def test_a_form_sent_twice_makes_one_person(client: Client) -> None:
    for _ in range(2):
        sign_up(client)

    assert User.objects.count() == 1


def test_signing_up_tells_nobody_which_addresses_are_known(client: Client) -> None:
    member()

    known = sign_up(client, username="other")
    unknown = sign_up(Client(), username="third", email="new@example.org")

    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert not User.objects.filter(username="other").exists()


def test_resetting_tells_nobody_which_addresses_are_known(client: Client) -> None:
    member()

    answers = [
        client.post(reverse("account_reset_password"), {"email": address})
        for address in ("marlene@example.org", "nobody@example.org")
    ]

    assert answers[0].status_code == answers[1].status_code == 302
    assert answers[0].headers["Location"] == answers[1].headers["Location"]


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(client: Client) -> None:
    member()

    pages = [log_in(client, name, "not the password").content.decode() for name in ("marlene", "nobody")]

    assert re.findall(r"[^<>]*not correct[^<>]*", pages[0]) == re.findall(r"[^<>]*not correct[^<>]*", pages[1]) != []


@pytest.mark.parametrize(
    "login", ["marlene", "nobody", "marlene@example.org", "nobody@example.org", "imported", "imported@example.org"]
)
def test_each_log_in_that_fails_takes_one_slow_hash(
    client: Client, monkeypatch: pytest.MonkeyPatch, login: str
) -> None:
    """Whoever looks at the clock learns nothing, either."""
    member()
    member(username="imported", email="imported@example.org")
    User.objects.filter(username="imported").update(password="!")
    hashed: list[str] = []

    class Counting(MD5PasswordHasher):
        def encode(self, password: str, salt: str) -> str:
            hashed.append(password)
            return super().encode(password, salt)

    monkeypatch.setattr(hashers, "get_hashers", lambda: [Counting()])
    monkeypatch.setattr(hashers, "get_hashers_by_algorithm", lambda: {"md5": Counting()})

    log_in(client, login, "a wild sea at dusk")

    assert len(hashed) == 1


def test_a_forgotten_password_is_replaced(client: Client) -> None:
    member()
    client.post(reverse("account_reset_password"), {"email": "marlene@example.org"})
    form = client.get(link_in_mail(), follow=True)
    address = form.redirect_chain[-1][0]

    client.post(address, {"password1": "a wild sea at dusk", "password2": "a wild sea at dusk"})
    again = Client()
    log_in(client)
    log_in(again, password="a wild sea at dusk")

    assert not is_logged_in(client)
    assert is_logged_in(again)


@pytest.mark.parametrize("known", [True, False])
def test_mail_leads_to_the_site_wherever_its_sender_says_that_it_is(
    client: Client, settings: Settings, known: bool
) -> None:
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://news.example.org", [".example.org"]
    member()
    client.defaults["HTTP_HOST"] = "evil.example.org:1234"
    address = "marlene@example.org" if known else "new@example.org"

    client.post(reverse("account_reset_password"), {"email": address})
    sign_up(client, username="other", email=address)

    assert len(mail.outbox) == 2
    assert all("https://news.example.org/account/" in str(one.body) for one in mail.outbox)
    assert not any("evil" in f"{one.subject} {one.body}" for one in mail.outbox)


def test_a_link_to_reset_works_once(client: Client) -> None:
    member()
    client.post(reverse("account_reset_password"), {"email": "marlene@example.org"})
    link = link_in_mail()
    address = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(address, {"password1": "a wild sea at dusk", "password2": "a wild sea at dusk"})

    used = Client().get(link, follow=True)

    assert not used.redirect_chain
    assert b"password1" not in used.content


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example"]
)
def test_nobody_is_led_away_after_logging_in(client: Client, address: str) -> None:
    member()

    answer = log_in(client, next=address)

    assert answer.headers["Location"] == "/"


def test_after_logging_in_people_are_where_they_were(client: Client) -> None:
    member()

    assert log_in(client, next="/submit").headers["Location"] == "/submit"


def test_people_stay_logged_in_unless_they_say_otherwise(client: Client) -> None:
    member()
    form = client.get(reverse("account_login")).content.decode()

    log_in(client, remember="on")
    kept = client.cookies["sessionid"]["max-age"]
    client.post(reverse("account_logout"))
    log_in(client)

    assert re.search(r'<input type="checkbox" name="remember"[^>]* checked', form)
    assert kept == timedelta(days=60).total_seconds()
    assert client.cookies["sessionid"]["max-age"] == ""


def test_who_is_logged_in_needs_no_log_in_page(client: Client) -> None:
    client.force_login(PersonFactory.create())

    answers = [client.get(reverse(name)) for name in ("account_login", "account_signup")]

    assert [answer.headers["Location"] for answer in answers] == ["/", "/"]


def test_logging_out_needs_a_form(client: Client) -> None:
    client.force_login(PersonFactory.create())

    client.get(reverse("account_logout"))

    assert is_logged_in(client)


def test_imported_people_neither_log_in_nor_reset(client: Client) -> None:
    imported = PersonFactory.create(username="imported", email="")
    imported.set_unusable_password()
    imported.save()

    for password in ("", "!", imported.password):
        log_in(client, "imported", password)
    for address in ("", "imported"):
        client.post(reverse("account_reset_password"), {"email": address})

    assert not is_logged_in(client)
    assert mail.outbox == []


def test_who_is_not_active_cannot_log_in_and_is_logged_out(client: Client) -> None:
    person = member()
    log_in(client)

    User.objects.filter(pk=person.pk).update(is_active=False)
    page = client.get(reverse("accounts:settings"))
    other = Client()
    log_in(other)

    assert page.status_code == 302
    assert not is_logged_in(other)


def test_a_banned_person_may_still_log_in_and_read(client: Client) -> None:
    member(banned_until="9999-01-01T00:00:00Z")

    log_in(client)

    assert is_logged_in(client)


def test_guessing_is_slowed_down(client: Client) -> None:
    member()

    for _ in range(10):
        log_in(client, password="not the password")
    log_in(client)

    assert not is_logged_in(client)


def test_behind_a_proxy_whoever_guesses_slows_down_nobody_else(client: Client, settings: Settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    member()
    attacker = Client(headers={"X-Real-IP": "198.51.100.1"})

    pages = [log_in(attacker, f"nobody{number}", "not the password").content.decode() for number in range(11)]
    client.defaults["HTTP_X_REAL_IP"] = "203.0.113.7"
    log_in(client)

    assert "Too many failed login attempts" in pages[-1]
    assert is_logged_in(client)


def test_without_a_proxy_nobody_says_where_they_come_from(client: Client) -> None:
    member()

    for number in range(11):
        said = dict.fromkeys(("X-Real-IP", "X-Forwarded-For"), f"198.51.100.{number}")
        log_in(Client(headers=said), f"nobody{number}", "not the password")
    log_in(client)

    assert not is_logged_in(client)


def test_people_log_in_through_a_socket(client: Client) -> None:
    member()

    client.post(reverse("account_login"), {"login": "marlene", "password": PASSWORD}, REMOTE_ADDR="")

    assert is_logged_in(client)


def test_staff_log_in_by_the_page_that_slows_down_guessing(client: Client) -> None:
    member(is_staff=True)
    guesses = {"username": "marlene", "password": PASSWORD, "next": "/admin/"}

    by_admin = client.post("/admin/login/", guesses)
    by_site = log_in(client, next="/admin/")
    page = client.get("/admin/")

    assert by_admin.headers["Location"] == "/account/login/?next=%2Fadmin%2F"
    assert by_site.headers["Location"] == "/admin/"
    assert page.status_code == 200


def test_a_member_without_rights_is_told_so_by_the_admin(client: Client) -> None:
    client.force_login(member())

    page = client.get("/admin/", follow=True)

    assert page.status_code == 403
    assert "You may not do that." in page.content.decode()


def test_passwords_are_stored_by_argon2(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]

    assert member().password.startswith("argon2$argon2id$")


def test_the_settings_are_sound() -> None:
    call_command("check", fail_level="WARNING")

    assert project.AUTH_USER_MODEL == "accounts.User"


def test_one_confirmed_address_has_nothing_to_choose_or_confirm(client: Client) -> None:
    person = PersonFactory.create()
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    client.force_login(person)

    page = client.get(reverse("account_email")).content.decode()
    EmailAddress.objects.create(user=person, email="other@example.org", verified=False, primary=False)
    page_with_another = client.get(reverse("account_email")).content.decode()

    for action in ("action_primary", "action_remove", "action_send"):
        assert action not in page
        assert action in page_with_another
