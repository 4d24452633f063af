"""Who moderates what, and what is found."""

import pytest
from django.contrib.auth.models import AnonymousUser

from apps.accounts.permissions import Viewer
from apps.communities.actions import appoint_moderator, join_community
from apps.communities.permissions import access_community, access_tag, can_moderate, moderated_among
from apps.core.errors import NotFound
from tests.conftest import CountQueries
from tests.factories import NOW, CommunityFactory, ModeratorFactory, PersonFactory, TagFactory

pytestmark = pytest.mark.django_db


def test_only_moderators_of_the_place_or_the_site_moderate() -> None:
    town, village = CommunityFactory.create(), CommunityFactory.create()
    member, here, elsewhere = (PersonFactory.create() for _ in range(3))
    join_community(by=member, community=town, now=NOW)
    appoint_moderator(person=here, community=town, now=NOW)
    appoint_moderator(person=elsewhere, community=village, now=NOW)
    site, admin = ModeratorFactory.create(), PersonFactory.create(is_superuser=True)
    cast: list[Viewer] = [AnonymousUser(), PersonFactory.create(), member, elsewhere, here, site, admin]

    assert [can_moderate(person, town.pk) for person in cast] == [False, False, False, False, True, True, True]


def test_many_places_are_asked_about_at_once(count_queries: CountQueries) -> None:
    places = [CommunityFactory.create() for _ in range(5)]
    person = PersonFactory.create()
    appoint_moderator(person=person, community=places[3], now=NOW)
    ids = {place.pk for place in places}

    with count_queries() as asked:
        assert moderated_among(person, ids) == {places[3].pk}
        assert moderated_among(ModeratorFactory.build(), ids) == ids
        assert moderated_among(AnonymousUser(), ids) == set()

    assert len(asked) == 1


@pytest.mark.parametrize("name", ["", "none", "TOWN", "town ", "a" * 500, "🏳️‍🌈", "%"])
def test_what_is_not_there_is_not_found(name: str) -> None:
    CommunityFactory.create(slug="town")
    TagFactory.create(name="town")

    for access in (access_community, access_tag):
        with pytest.raises(NotFound):
            access(name)


def test_an_inactive_tag_is_still_found() -> None:
    tag = TagFactory.create(name="old", is_active=False)

    assert access_tag("old") == tag
