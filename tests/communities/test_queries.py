"""What the pages of communities and tags show."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from apps.communities import queries
from apps.communities.actions import appoint_moderator, define_tag, join_community
from apps.communities.queries import CommunityRow, TagRow
from tests.conftest import CountQueries
from tests.factories import NOW, CommunityFactory, PersonFactory

pytestmark = pytest.mark.django_db


def test_communities_are_listed_by_name_with_their_members() -> None:
    town = CommunityFactory.create(slug="town", summary="All of it.")
    CommunityFactory.create(slug="attic")
    join_community(by=PersonFactory.create(), community=town, now=NOW)

    assert queries.all_communities() == [
        CommunityRow("attic", "Attic", "", 0),
        CommunityRow("town", "Town", "All of it.", 1),
    ]


def test_tags_stand_in_their_categories_in_the_operators_order() -> None:
    define_tag(category="Later", position=2, name="z")
    b = define_tag(category="First", position=1, name="b", hotness_mod=0.5)
    a = define_tag(category="First", position=1, name="a", summary="An a.")

    found = queries.vocabulary()

    assert list(found) == ["First", "Later"]
    assert found["First"] == [TagRow(a.pk, "a", "An a.", 0.0, True), TagRow(b.pk, "b", "", 0.5, True)]


def test_the_newest_members_come_first_and_moderators_by_name() -> None:
    town = CommunityFactory.create()
    people = [PersonFactory.create(username=name) for name in ("ann", "cyd", "bob")]
    for day, person in enumerate(people):
        join_community(by=person, community=town, now=NOW + timedelta(days=day))
    for person in people[1:]:
        appoint_moderator(person=person, community=town, now=NOW)

    assert queries.newest_member_names(town) == ["bob", "cyd", "ann"]
    assert queries.newest_member_names(town, size=1) == ["bob"]
    assert queries.moderator_names(town) == ["bob", "cyd"]
    assert queries.joined_slugs(people[0]) == {town.slug}


@pytest.mark.parametrize(
    "question",
    [
        lambda: queries.all_communities(),
        lambda: queries.vocabulary(),
        lambda: queries.moderator_names(CommunityFactory.build(pk=1)),
        lambda: queries.newest_member_names(CommunityFactory.build(pk=1)),
        lambda: queries.joined_slugs(PersonFactory.build(pk=1)),
        lambda: queries.muted_tag_names(PersonFactory.build(pk=1)),
    ],
)
def test_each_question_is_one_query(count_queries: CountQueries, question: Callable[[], object]) -> None:
    with count_queries() as asked:
        question()

    assert len(asked) == 1


@pytest.mark.parametrize(("address", "num_queries"), [("/c/", 1), ("/t/", 1), ("/c/town/about", 3)])
def test_a_visitor_reads_each_page_in_few_queries(
    client: Client, count_queries: CountQueries, address: str, num_queries: int
) -> None:
    town = CommunityFactory.create(slug="town")
    for n in range(3):
        define_tag(category="Subjects", position=1, name=f"t{n}")
        join_community(by=PersonFactory.create(), community=town, now=NOW)

    with count_queries() as asked:
        response = client.get(address)

    assert response.status_code == 200
    assert len(asked) == num_queries


def test_a_member_joins_and_leaves_by_a_button(client: Client) -> None:
    town, person = CommunityFactory.create(slug="town"), PersonFactory.create()
    client.force_login(person)

    client.post("/c/town/membership")
    assert queries.joined_slugs(person) == {town.slug}
    client.post("/c/town/membership", {"undo": "1"})
    assert queries.joined_slugs(person) == set()
