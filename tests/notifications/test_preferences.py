"""Choosing how one is told, and links in mails that choose for those who are not logged in."""

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.test import Client

from apps.accounts.models import User
from apps.notifications.models import Channel, Digest, Kind, Preferences
from apps.notifications.queries import preferences_of
from apps.notifications.stopping import EVERYTHING, Stop
from tests.factories import NOW, PersonFactory

pytestmark = pytest.mark.django_db

ADDRESS = "/settings/notifications"


@pytest.fixture
def person(client: Client) -> User:
    person = PersonFactory.create(username="sam")
    EmailAddress.objects.create(user=person, email="sam@example.org", verified=True, primary=True)
    client.force_login(person)
    return person


def choices(**changed: str) -> dict[str, str]:
    return {kind.value: Channel.SITE.value for kind in Kind} | {"digest": "off"} | changed


def link(person: User, *about: str) -> str:
    return Stop(person.pk, about or EVERYTHING).address.removeprefix(settings.SITE_URL)


def channels(person: User) -> dict[str, str]:
    return {kind.value: preferences_of(person).channel(kind) for kind in Kind}


def test_direct_words_come_by_mail_and_watches_on_the_site_until_one_chooses(person: User) -> None:
    assert channels(person) == {
        "moderation": "mail",
        "reply": "mail",
        "mention": "mail",
        "story": "site",
        "person": "site",
        "tag": "site",
    }
    assert preferences_of(person).digest == Digest.OFF


def test_each_kind_has_its_own_choice(client: Client, person: User) -> None:
    typed = choices(reply="off", tag="mail", digest="weekly")

    client.post(ADDRESS, typed)

    assert channels(person) | {"digest": preferences_of(person).digest} == typed
    page = client.get(ADDRESS).content.decode()
    assert "Saved." in page
    assert page.count("checked") == 7


@pytest.mark.parametrize("typed", [{}, choices(reply="loud"), choices(digest="hourly"), choices(tag="\x00")])
def test_a_choice_that_there_is_not_changes_nothing(client: Client, person: User, typed: dict[str, str]) -> None:
    answer = client.post(ADDRESS, typed or {"reply": "site"})

    assert answer.status_code == 422
    assert not Preferences.objects.exists()


def test_who_has_no_confirmed_address_is_told_so(client: Client, person: User) -> None:
    EmailAddress.objects.update(verified=False)

    assert "You get no mail before you have confirmed" in client.get(ADDRESS).content.decode().replace("\n", " ")


def test_an_address_that_refused_mail_is_tried_again_when_its_owner_says_so(client: Client, person: User) -> None:
    Preferences.objects.create(user=person, bounced_at=NOW)
    assert "sam@example.org refused our mail on March 1, 2026" in client.get(ADDRESS).content.decode()

    client.post(ADDRESS, choices())

    assert "refused" not in client.get(ADDRESS).content.decode()
    assert preferences_of(person).bounced_at is None


def test_looking_at_a_link_stops_nothing(client: Client, person: User) -> None:
    page = client.get(link(person, "reply"))
    client.head(link(person, "reply"))

    assert "Stop these mails?" in page.content.decode()
    assert "Comments on your stories, replies to your comments" in page.content.decode()
    assert not Preferences.objects.exists()


def test_one_click_stops_those_mails_without_cookies_and_token(person: User) -> None:
    client = Client(enforce_csrf_checks=True)

    answers = [client.post(link(person, "reply", "story"), {"List-Unsubscribe": "One-Click"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert not client.cookies
    assert channels(person) == {
        "moderation": "mail",
        "reply": "site",
        "mention": "mail",
        "story": "site",
        "person": "site",
        "tag": "site",
    }


def test_one_link_stops_all_mail_and_what_is_off_stays_off(client: Client, person: User) -> None:
    Preferences.objects.create(user=person, mention=Channel.OFF, digest=Digest.DAILY)

    client.post(link(person))

    assert set(channels(person).values()) == {"site", "off"}
    assert (preferences_of(person).mention, preferences_of(person).digest) == ("off", "off")


def test_digests_stop_by_themselves(client: Client, person: User) -> None:
    Preferences.objects.create(user=person, digest=Digest.DAILY)

    client.post(link(person, "digest"))

    assert (preferences_of(person).digest, preferences_of(person).reply) == ("off", "mail")


def test_forged_links_stop_nothing(client: Client, person: User) -> None:
    good = link(person)
    other = signing.Signer(salt="another").sign_object([person.pk, "reply"])
    forged = ["x", "x:y", good[len("/unsubscribe/") : -1], "½", "%00", "a" * 5000, other, good[13:].swapcase()]

    answers = [client.post(f"/unsubscribe/{token}") for token in forged]

    assert {answer.status_code for answer in answers} == {404}
    assert not Preferences.objects.exists()


def test_a_link_of_somebody_who_is_gone_says_so(client: Client, person: User) -> None:
    path = link(person)
    person.delete()

    assert client.post(path).status_code == 404


def test_a_link_about_what_there_is_no_more_stops_the_rest(client: Client, person: User) -> None:
    answer = client.post(link(person, "smoke-signals", "reply"))

    assert (answer.status_code, preferences_of(person).reply) == (200, "site")


def test_nobody_changes_the_choices_of_others(client: Client, person: User) -> None:
    other = PersonFactory.create()

    client.post(ADDRESS, choices(reply="off"))

    assert preferences_of(other).reply == "mail"
