"""Stories, ranked as if they had been submitted."""

from typing import Any

from factory.declarations import LazyAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from apps.communities.models import Tag
from apps.core.text import render_markdown
from apps.stories import ranking
from apps.stories.links import parse_url
from apps.stories.models import Story, StoryTag, StoryText
from tests.factories.people import NOW, PersonFactory, credit
from tests.factories.places import CommunityFactory


class StoryFactory(DjangoModelFactory[Story]):
    """A listed story of one point in the community "town".

    `url` and `text` are as typed, `tags` are Tag rows; other points than 1 are `base_ups` and `base_flags`. The
    author's karma changes in the database.
    """

    class Meta:
        model = Story

    community = SubFactory(CommunityFactory, slug="town")
    author = SubFactory(PersonFactory)
    title = Sequence("Story {}".format)
    created_at = NOW
    active_at = LazyAttribute(lambda story: story.created_at)

    @classmethod
    def _create(
        cls,
        model_class: type[Story],
        *args: Any,
        url: str = "",
        text: str = "Some text.",
        tags: tuple[Tag, ...] = (),
        **fields: Any,
    ) -> Story:
        story = model_class(**fields)
        story.ups, story.flags = story.base_ups, story.base_flags
        if url:
            link = parse_url(url)
            story.url, story.normalized_url, story.domain = link.url, link.normalized_url, link.domain
        story.set_slug()
        ranking.refresh(story, [tag.hotness_mod for tag in tags])
        story.save()
        StoryText.objects.create(story=story, markdown=text, html=render_markdown(text))
        StoryTag.objects.bulk_create([StoryTag(story=story, tag=tag) for tag in tags])
        credit(story.author, story.base_ups)
        return story
