"""Shapes of stories: as lists show them, whole, as they are sent; and how rows become such."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.urls import reverse
from django.utils import timezone
from rest_framework import serializers

from apps.accounts.models import User
from apps.accounts.permissions import Viewer
from apps.api.shapes.base import Flag, Ids, Input, Moment, Page, PageQuery, Shape, Text
from apps.moderation.queries import flagged_stories
from apps.notifications.queries import story_watches
from apps.previews.queries import card_of
from apps.stories.models import MAX_TAGS, TEXT_LENGTH, TITLE_LENGTH, URL_LENGTH
from apps.stories.models import Story as StoryModel
from apps.stories.queries import lists, own, single
from apps.stories.queries.rows import StoryRow, story_row
from apps.votes.queries import Seen, stories_seen_by

MARKDOWN = "Markdown, as it was typed."


class StoryViewer(Shape):
    """What differs by who asks."""

    voted = serializers.BooleanField()
    saved = serializers.BooleanField()
    hidden = serializers.BooleanField()
    unwanted = serializers.BooleanField(help_text="Hidden, or by, about or from what they have muted.")
    watched = serializers.BooleanField(help_text="Whether they are told of new comments.")
    muted = serializers.BooleanField(help_text="Whether they are told nothing of its thread.")
    flagged = serializers.BooleanField()


class StoryReader(StoryViewer):
    """The same of one story, and how far they have read."""

    visited_at = serializers.DateTimeField(allow_null=True, help_text="Up to when they have read the thread.")


class Story(Shape):
    """A story as lists show it."""

    id = serializers.IntegerField()
    title = serializers.CharField(help_text="Empty when the story is gone.")
    url = serializers.CharField(help_text="What it links to; empty when it is a text alone.")
    domain = serializers.CharField()
    community = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    author = serializers.CharField(allow_null=True, help_text="Null when the person has been erased.")
    is_own_work = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    score = serializers.IntegerField()
    num_comments = serializers.IntegerField()
    locked_at = serializers.DateTimeField(allow_null=True)
    page = serializers.CharField(help_text="The path of its page for people.")
    viewer = StoryViewer(allow_null=True, help_text="Null in answers that were made for nobody in particular.")


class Stories(Page):
    """A page of stories."""

    items = Story(many=True)


class Preview(Shape):
    """What a story's page shows of its link; texts are empty that would say what the story says already."""

    title = serializers.CharField()
    description = serializers.CharField()
    site_name = serializers.CharField()
    image = serializers.CharField(help_text="The address of its picture; empty when it has none.")
    width = serializers.IntegerField(help_text="Of the picture, in pixels.")
    height = serializers.IntegerField()


class StoryDetail(Story):
    """One story with all that is known of it."""

    viewer = StoryReader(allow_null=True, help_text="Null in answers that were made for nobody in particular.")
    html = serializers.CharField(help_text="Its text as safe HTML.")
    markdown = serializers.CharField(help_text=MARKDOWN)
    edited_at = serializers.DateTimeField(allow_null=True)
    deleted_at = serializers.DateTimeField(allow_null=True)
    removed_at = serializers.DateTimeField(allow_null=True)
    held_at = serializers.DateTimeField(allow_null=True)
    is_open = serializers.BooleanField(help_text="Whether it takes comments.")
    preview = Preview(allow_null=True, help_text="Null when there is nothing to add to the story.")


class Rank(Shape):
    """Why a story stands where it stands, in units of 22 hours: hotness = points + base + age."""

    hotness = serializers.FloatField()
    points = serializers.FloatField()
    base = serializers.FloatField()
    age = serializers.FloatField()
    counted_comment_points = serializers.FloatField()
    modifiers = serializers.DictField(child=serializers.FloatField(), help_text="Of its tags, by name.")


class StoryEdit(Input):
    """What its author may change. What is left out stays as it is."""

    title = Text(required=False, max_length=TITLE_LENGTH)
    text = Text(required=False, allow_blank=True, max_length=TEXT_LENGTH, help_text=MARKDOWN)
    tags = serializers.ListField(required=False, child=Text(), min_length=1, max_length=MAX_TAGS)
    is_own_work = Flag(required=False)


class StoryDraft(Input):
    """A new story: a link, a text, or both."""

    community = Text()
    title = Text(max_length=TITLE_LENGTH)
    url = Text(default="", allow_blank=True, max_length=URL_LENGTH)
    text = Text(default="", allow_blank=True, max_length=TEXT_LENGTH, help_text=MARKDOWN)
    tags = serializers.ListField(child=Text(), min_length=1, max_length=MAX_TAGS)
    is_own_work = Flag(default=False)


class Visit(Input):
    """How far somebody has read."""

    until = Moment(help_text="With its zone; a time to come counts as now.")


class StoriesQuery(PageQuery):
    """Which stories, in which order."""

    order = serializers.ChoiceField(choices=list(lists.ORDERS), default="hottest")
    window = serializers.ChoiceField(choices=list(lists.WINDOWS), default="week", help_text="The span of `top`.")


class AllStoriesQuery(StoriesQuery):
    """The same, or these."""

    ids = Ids(required=False, help_text="These stories, up to a hundred, without those that are gone or held.")
    url = Text(required=False, help_text="Those about this page, newest first: has it been here?")

    def validate(self, attrs: Any) -> Any:
        """One wish of the two. Raises ValidationError."""
        if {"ids", "url"} <= attrs.keys():
            raise serializers.ValidationError({"url": ["Ask by ids or by an address, not by both."]})
        return attrs


def shown(rows: Sequence[StoryRow], viewer: Viewer) -> list[dict[str, Any]]:
    """Rows as answers show them. 5 queries, none for visitors."""
    if not isinstance(viewer, User):
        return [_shown(row) | {"viewer": None} for row in rows]
    ids = [row.id for row in rows]
    seen = stories_seen_by(viewer, ids)
    marks = _marks(ids, seen, viewer)
    return [_shown(row) | {"score": seen[row.id][0], "viewer": marks[row.id]} for row in rows]


def whole(story: StoryModel, viewer: Viewer) -> dict[str, Any]:
    """One loaded story as an answer shows it; of one that is gone only its place. 3 queries, 5 more for members."""
    now = timezone.now()
    text = single.text_of(story)
    [found] = shown([story_row(story, single.tag_names(story))], viewer)
    found |= {"html": text.html, "markdown": text.markdown, "is_open": story.is_open(now), "preview": card_of(story)}
    if story.is_gone:
        found |= {"title": "", "url": "", "domain": "", "tags": [], "author": None, "html": "", "markdown": ""}
        found["page"] = reverse("comments:thread", args=[story.pk, "-"])
    times = ("edited_at", "deleted_at", "removed_at", "held_at")
    return found | {name: getattr(story, name) for name in times}


def _shown(row: StoryRow) -> dict[str, Any]:
    page = reverse("comments:thread", args=[row.id, row.slug or "-"])
    return asdict(row) | {"author": row.author or None, "page": page}


def _marks(ids: list[int], seen: Seen, viewer: User) -> dict[int, dict[str, bool]]:
    saved, hidden = own.marks(viewer, ids)
    watched, muted = story_watches(viewer, ids)
    marked = {"saved": saved, "hidden": hidden, "unwanted": own.unwanted(viewer, ids)}
    marked |= {"watched": watched, "muted": muted, "flagged": flagged_stories(viewer, ids)}
    return {pk: {"voted": seen[pk][1]} | {name: pk in those for name, those in marked.items()} for pk in ids}
