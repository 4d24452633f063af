"""Who may read, change and delete a story."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from apps.accounts.permissions import Viewer
from apps.communities.actions import appoint_moderator
from apps.core.errors import NotFound
from apps.stories.models import Story
from apps.stories.permissions import access_story, can_delete, can_edit
from tests.factories import NOW, CommunityFactory, ModeratorFactory, PersonFactory, StoryFactory

pytestmark = pytest.mark.django_db

CAST = ["visitor", "stranger", "author", "moderator", "community's moderator", "moderator elsewhere"]


@pytest.fixture
def story() -> Story:
    return StoryFactory.create()


@pytest.fixture
def cast(story: Story) -> dict[str, Viewer]:
    here, elsewhere = PersonFactory.create(), PersonFactory.create()
    appoint_moderator(person=here, community=story.community, now=NOW)
    appoint_moderator(person=elsewhere, community=CommunityFactory.create(), now=NOW)
    assert story.author
    people: list[Viewer] = [
        AnonymousUser(),
        PersonFactory.create(),
        story.author,
        ModeratorFactory.create(),
        here,
        elsewhere,
    ]
    return dict(zip(CAST, people, strict=True))


@pytest.mark.parametrize("role", CAST)
def test_only_the_author_changes_and_deletes_a_story(cast: dict[str, Viewer], story: Story, role: str) -> None:
    assert can_edit(cast[role], story, NOW) is (role == "author")
    assert can_delete(cast[role], story) is (role == "author")


@pytest.mark.parametrize("role", CAST)
def test_a_held_story_is_there_for_its_author_and_moderators_only(
    cast: dict[str, Viewer], story: Story, role: str
) -> None:
    Story.objects.update(held_at=NOW)

    if role in {"author", "moderator", "community's moderator"}:
        assert access_story(cast[role], story.pk) == story
    else:
        with pytest.raises(NotFound):
            access_story(cast[role], story.pk)


@pytest.mark.parametrize("role", CAST)
def test_a_removed_story_keeps_its_place_for_all(cast: dict[str, Viewer], story: Story, role: str) -> None:
    Story.objects.update(removed_at=NOW)

    assert access_story(cast[role], story.pk).is_gone


def test_a_story_that_never_was_is_not_found() -> None:
    with pytest.raises(NotFound):
        access_story(AnonymousUser(), 2**62)


def test_editing_ends_after_six_hours(cast: dict[str, Viewer], story: Story) -> None:
    assert can_edit(cast["author"], story, NOW + timedelta(hours=5, minutes=59))
    assert not can_edit(cast["author"], story, NOW + timedelta(hours=6))


def test_what_is_gone_is_neither_changed_nor_deleted_again(cast: dict[str, Viewer], story: Story) -> None:
    story.deleted_at = NOW

    assert not can_edit(cast["author"], story, NOW)
    assert not can_delete(cast["author"], story)


def test_a_story_of_an_erased_person_belongs_to_nobody(story: Story) -> None:
    story.author = None

    assert not can_delete(AnonymousUser(), story)
