"""The same page, submitted by several people at the same moment."""

from functools import partial

import pytest

from apps.accounts.models import User
from apps.communities.models import Community
from apps.stories.actions import Draft, Duplicate, submit_story
from apps.stories.models import Story
from tests.concurrency import at_once
from tests.factories import NOW, CommunityFactory, PersonFactory, TagFactory

pytestmark = pytest.mark.django_db(transaction=True)

LINK = Draft(title="A title", url="https://example.org/a", tags=("web",))


def submit(by: User, community: Community, draft: Draft) -> int | None:
    try:
        return submit_story(by=by, community=community, draft=draft, now=NOW).pk
    except Duplicate:
        return None


def test_one_page_submitted_at_once_everywhere_is_one_story() -> None:
    TagFactory.create(name="web")
    places = [CommunityFactory.create() for _ in range(3)]
    tasks = [partial(submit, PersonFactory.create(), places[n % 3], LINK) for n in range(6)]

    published = [pk for pk in at_once(tasks) if pk]

    assert published == list(Story.objects.values_list("pk", flat=True))
    assert len(published) == 1


def test_an_impatient_finger_publishes_one_story() -> None:
    TagFactory.create(name="web")
    author, town = PersonFactory.create(), CommunityFactory.create()
    text = Draft(title="A title", text="Why?", tags=("web",))

    published = [pk for pk in at_once([partial(submit, author, town, text)] * 4) if pk]

    assert len(published) == Story.objects.count() == 1
