"""Joining, leaving, muting, setting up."""

from datetime import timedelta
from functools import partial

import pytest

from apps.accounts.models import User
from apps.accounts.permissions import Banned
from apps.communities import actions
from apps.communities.models import Community, Membership, Tag, TagMute
from apps.communities.permissions import can_moderate
from apps.communities.queries import muted_tag_names
from tests.concurrency import at_once
from tests.core.hostile import ALL
from tests.core.inert import faults
from tests.factories import NOW, CommunityFactory, PersonFactory, TagFactory


def num_members(community: Community) -> int:
    return Community.objects.get(pk=community.pk).num_members


@pytest.fixture
def person() -> User:
    return PersonFactory.create()


@pytest.fixture
def town() -> Community:
    return CommunityFactory.create(slug="town")


@pytest.mark.django_db
def test_joining_twice_is_joining_once(person: User, town: Community) -> None:
    first = actions.join_community(by=person, community=town, now=NOW)
    again = actions.join_community(by=person, community=town, now=NOW + timedelta(days=1))

    assert first == again
    assert (again.joined_at, num_members(town)) == (NOW, 1)


@pytest.mark.django_db
def test_leaving_twice_is_leaving_once(person: User, town: Community) -> None:
    actions.join_community(by=PersonFactory.create(), community=town, now=NOW)
    actions.join_community(by=person, community=town, now=NOW)

    actions.leave_community(by=person, community=town)
    actions.leave_community(by=person, community=town)

    assert num_members(town) == Membership.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_who_join_at_once_are_all_counted_once(town: Community) -> None:
    people = [PersonFactory.create() for _ in range(4)]

    at_once([partial(actions.join_community, by=by, community=town, now=NOW) for by in people * 2])

    assert num_members(town) == Membership.objects.count() == 4


@pytest.mark.django_db
def test_a_banned_person_does_not_join_but_may_leave(person: User, town: Community) -> None:
    actions.join_community(by=person, community=town, now=NOW)
    person.banned_until = NOW + timedelta(days=1)

    with pytest.raises(Banned):
        actions.join_community(by=person, community=CommunityFactory.create(), now=NOW)
    actions.leave_community(by=person, community=town)

    assert num_members(town) == 0


@pytest.mark.django_db
def test_a_moderator_is_a_member_and_who_leaves_moderates_no_more(person: User, town: Community) -> None:
    for _ in range(2):
        actions.appoint_moderator(person=person, community=town, now=NOW)
    assert can_moderate(person, town.pk)
    assert num_members(town) == 1

    actions.leave_community(by=person, community=town)

    assert not can_moderate(person, town.pk)


@pytest.mark.django_db
def test_muting_a_tag_twice_is_muting_it_once(person: User) -> None:
    tag = TagFactory.create(name="web")

    actions.mute_tag(by=person, tag=tag, now=NOW)
    actions.mute_tag(by=person, tag=tag, now=NOW + timedelta(days=1))

    assert TagMute.objects.get().created_at == NOW
    assert muted_tag_names(person) == ["web"]
    actions.unmute_tag(by=person, tag=tag)
    actions.unmute_tag(by=person, tag=tag)
    assert muted_tag_names(person) == []


@pytest.mark.django_db
def test_defining_a_community_again_changes_its_texts_and_keeps_its_members(person: User) -> None:
    town = actions.define_community(slug="town", name="Town", rules="*Be kind.*", now=NOW)
    actions.join_community(by=person, community=town, now=NOW)

    actions.define_community(slug="town", name=" New\nTown ", rules="1. Be kind.", now=NOW + timedelta(days=9))

    town = Community.objects.get()
    assert (town.name, town.created_at, town.num_members) == ("New Town", NOW, 1)
    assert town.rules_html == "<ol>\n<li>Be kind.</li>\n</ol>"


@pytest.mark.django_db
@pytest.mark.parametrize("source", ALL)
def test_hostile_rules_come_out_inert(source: str) -> None:
    community = actions.define_community(slug="town", name="Town", rules=source, now=NOW)

    community.refresh_from_db()
    assert faults(community.rules_html) == []


@pytest.mark.django_db
def test_defining_a_tag_again_changes_its_category_and_modifier() -> None:
    actions.define_tag(category="Subjects", position=1, name="web", hotness_mod=0.5)
    actions.define_tag(category="Kinds", position=2, name="web", summary="The  web", hotness_mod=-0.5)

    tag = Tag.objects.get()
    assert (tag.category.name, tag.summary, tag.hotness_mod) == ("Kinds", "The web", -0.5)
