"""One's own profile and mutes; rights."""

from datetime import timedelta

import pytest

from apps.accounts import actions
from apps.accounts.models import PersonMute, User
from apps.accounts.permissions import Banned, access_person, is_moderator
from apps.accounts.queries import muted_person_names, people_by_karma
from apps.core.errors import Invalid, NotFound
from tests.conftest import CountQueries
from tests.factories import NOW, ModeratorFactory, PersonFactory

pytestmark = pytest.mark.django_db

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "<a href='data:text/html,x'>y</a>",
    "\x00\x08\u202e\ufeff",
    "{{ 7*7 }} {% raw %}",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘",
    "'; DROP TABLE accounts_user; --",
    "[" * 2000,
    "\U0001f30a" * 1000,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_profile_is_kept_and_inert(text: str) -> None:
    person = actions.edit_profile(by=PersonFactory.create(), about=text, now=NOW)

    person.refresh_from_db()
    assert "\x00" not in person.about
    for danger in ("<script", "<img", 'href="javascript', 'href="data', "\u202e"):
        assert danger not in person.about_html


def test_a_banned_person_edits_no_profile() -> None:
    person = PersonFactory.create(banned_until=NOW + timedelta(days=1))

    with pytest.raises(Banned):
        actions.edit_profile(by=person, about="Still me.", now=NOW)


def test_mutes_are_kept_once_and_can_be_ended_twice() -> None:
    member, other = PersonFactory.create(), PersonFactory.create()

    for _ in range(2):
        actions.mute_person(by=member, person=other, now=NOW)
    muted = muted_person_names(member)
    for _ in range(2):
        actions.unmute_person(by=member, person=other)

    assert muted == [other.username]
    assert not PersonMute.objects.exists()


def test_nobody_mutes_themselves() -> None:
    person = PersonFactory.create()

    with pytest.raises(Invalid):
        actions.mute_person(by=person, person=person, now=NOW)


@pytest.mark.parametrize("name", ["Marlene", "marlene", "MARLENE"])
def test_people_are_found_in_any_case(name: str) -> None:
    person = PersonFactory.create(username="Marlene")

    assert access_person(name) == person


@pytest.mark.parametrize("name", ["", "nobody", "%", "mar", "\u0130", "x" * 10_000])
def test_there_is_nobody_of_an_unknown_name(name: str) -> None:
    PersonFactory.create(username="marlene")

    with pytest.raises(NotFound):
        access_person(name)


def test_who_is_not_active_is_not_found() -> None:
    person = PersonFactory.create(is_active=False)

    with pytest.raises(NotFound):
        access_person(person.username)


def test_rights_are_given_and_taken() -> None:
    person = PersonFactory.create()

    actions.set_rights(person=person, is_moderator=True, is_staff=False, is_active=True)
    given = is_moderator(User.objects.get(pk=person.pk))
    actions.set_rights(person=person, is_moderator=False, is_staff=False, is_active=True)

    assert given
    assert not is_moderator(User.objects.get(pk=person.pk))


def test_people_stand_by_karma_in_one_query(count_queries: CountQueries) -> None:
    PersonFactory.create(username="low", karma=-3)
    PersonFactory.create(username="high", karma=7)
    PersonFactory.create(username="gone", karma=9, is_active=False)
    ModeratorFactory.create(username="even", karma=0)

    with count_queries() as queries:
        people = people_by_karma()

    assert [row.username for row in people] == ["high", "even", "low"]
    assert len(queries) == 1
