"""What people do with stories: submit, edit, delete, save, hide; and how a story's tallies change."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from apps.accounts.models import User
from apps.accounts.permissions import check_may_write
from apps.changes import actions as changes
from apps.communities.models import Community, Tag
from apps.core.errors import Conflict, Invalid
from apps.core.text import clean, clean_line, render_markdown
from apps.jobs import actions as jobs
from apps.pagecache import purging
from apps.stories import ranking
from apps.stories.links import host_of, parse_url
from apps.stories.models import (
    MAX_TAGS,
    TEXT_LENGTH,
    TITLE_LENGTH,
    DomainMute,
    HiddenStory,
    SavedStory,
    Story,
    StoryTag,
    StoryText,
)
from apps.stories.permissions import EditingClosed, can_edit, check_can_delete
from apps.stories.queries.single import recent_duplicate, tag_modifiers, tag_names
from apps.stories.tags import STORY_TITLES, appearances

# The same title by the same person this soon is a form that was sent twice.
SENT_TWICE = timedelta(minutes=10)
# Scores that are worth telling of.
MILESTONES = (10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000)


class Duplicate(Conflict):
    """The page has been submitted in the last 30 days, or the form was sent twice."""

    code = "duplicate"
    message = "This has just been submitted."

    def __init__(self, story: Story) -> None:
        super().__init__(f"This was submitted {story.created_at:%B %-d}: join the discussion there.")
        self.story = story


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person typed for a story; `tags` are names."""

    title: str
    text: str = ""
    url: str = ""
    tags: tuple[str, ...] = ()
    is_own_work: bool = False


@transaction.atomic
def submit_story(*, by: User, community: Community, draft: Draft, now: datetime) -> Story:
    """Publish a link, a text or both. Raises Banned, Duplicate, Invalid.

    Cost: 13 queries, two more for a link. All submissions wait for each other, at the row of the oldest community, so
    that two people (or one impatient finger) cannot submit the same page at once, not even to different communities.
    """
    Community.objects.select_for_update(no_key=True).order_by("pk").first()
    check_may_write(by, now)
    story = Story(community=community, author=by, created_at=now, active_at=now, is_own_work=draft.is_own_work)
    if draft.url:
        link = parse_url(draft.url)
        story.url, story.normalized_url, story.domain = link.url, link.normalized_url, link.domain
    elif not clean(draft.text):
        raise Invalid("A story needs a link, a text, or both.", field="text")
    _write(story, draft)
    if duplicate := recent_duplicate(story.normalized_url, now) or _sent_twice(story, now):
        raise Duplicate(duplicate)
    story.save()
    _write_text_and_tags(story, draft)
    if story.url:
        jobs.enqueue("previews.fetch", story=story.pk)
    jobs.enqueue("notifications.story", "webhooks.story", story=story.pk)
    jobs.enqueue("search.index", kind="story", pk=story.pk)
    changes.note("story", story.pk, now)
    purging.purge(*appearances(story, draft.tags))
    return story


@transaction.atomic
def edit_story(*, by: User, story: Story, draft: Draft, now: datetime) -> Story:
    """Change title, text, tags. Raises Banned, EditingClosed, Invalid. The link stays: it is what was discussed."""
    story = lock_story(story.pk)
    check_may_write(by, now)
    if not can_edit(by, story, now):
        raise EditingClosed
    if not story.url and not clean(draft.text):
        raise Invalid("A story without a link needs a text.", field="text")
    story.is_own_work = draft.is_own_work
    story.edited_at = now
    _write(story, draft)
    story.save()
    old_tags = tag_names(story)
    StoryTag.objects.filter(story=story).delete()
    _write_text_and_tags(story, draft)
    jobs.enqueue("notifications.story_edit", story=story.pk)
    jobs.enqueue("search.index", kind="story", pk=story.pk)
    changes.note("story", story.pk, now)
    purging.purge(STORY_TITLES, *appearances(story, {*old_tags, *draft.tags}))
    return story


@transaction.atomic
def delete_story(*, by: User, story: Story, now: datetime) -> Story:
    """Take the story from all lists and drop its text and preview; the thread stays. Idempotent. Raises NotAllowed."""
    story = lock_story(story.pk)
    if story.deleted_at and story.author == by:
        return story
    check_can_delete(by, story)
    story.deleted_at = now
    story.save(update_fields=["deleted_at"])
    StoryText.objects.filter(story=story).update(markdown="", html="")
    if story.url:
        jobs.enqueue("previews.drop", story=story.pk)
    jobs.enqueue("moderation.settle", "search.index", kind="story", pk=story.pk)
    changes.note("story", story.pk, now)
    purge_story(story)
    return story


@transaction.atomic
def save_story(*, by: User, story: Story, now: datetime) -> None:
    """Keep the story in `by`'s list. Idempotent."""
    SavedStory.objects.get_or_create(user=by, story=story, defaults={"created_at": now})


@transaction.atomic
def unsave_story(*, by: User, story: Story) -> None:
    """Drop the story from `by`'s list. Idempotent."""
    SavedStory.objects.filter(user=by, story=story).delete()


@transaction.atomic
def hide_story(*, by: User, story: Story, now: datetime) -> None:
    """Leave the story out of the lists `by` sees. Idempotent."""
    HiddenStory.objects.get_or_create(user=by, story=story, defaults={"created_at": now})


@transaction.atomic
def unhide_story(*, by: User, story: Story) -> None:
    """List the story again. Idempotent."""
    HiddenStory.objects.filter(user=by, story=story).delete()


@transaction.atomic
def mute_domain(*, by: User, domain: str, now: datetime) -> None:
    """Leave stories from `domain` out of the lists `by` sees. Idempotent. Raises Invalid."""
    host = host_of(domain)
    if not host:
        raise Invalid("This is not the name of a web site.")
    DomainMute.objects.get_or_create(user=by, domain=host, defaults={"created_at": now})


@transaction.atomic
def unmute_domain(*, by: User, domain: str) -> None:
    """List stories from `domain` again. Idempotent."""
    DomainMute.objects.filter(user=by, domain=host_of(domain) or domain.lower()).delete()


def change_tallies(
    story: Story, *, ups: int = 0, comments: int = 0, comment_points: int = 0, active_at: datetime | None = None
) -> None:
    """Add to a story's tallies and rank it anew, inside the caller's transaction, which holds the row's lock.

    `active_at` replaces the time of the last comment. Cost: 1 read, 1 write; 1 more at a milestone.
    """
    before = story.score
    story.ups += ups
    story.num_comments += comments
    story.comment_points += comment_points
    story.active_at = active_at or story.active_at
    modifiers = tag_modifiers(story)
    ranking.refresh(story, list(modifiers.values()))
    story.save(update_fields=["ups", "score", "controversy", "num_comments", "comment_points", "active_at", "hotness"])
    for points in (number for number in MILESTONES if before < number <= story.score):
        # The key: a score that goes up and down around it reaches it once.
        jobs.enqueue("webhooks.milestone", key=f"milestone:{story.pk}:{points}", story=story.pk, points=points)
    purging.purge(*appearances(story, modifiers))


def lock_story(pk: int) -> Story:
    """The story's row, locked until the caller's transaction ends, with community and author, which are not.

    Stories are locked before their comments.
    """
    rows = Story.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("community", "author").get(pk=pk)


def purge_story(story: Story) -> None:
    """Have all pages that show or name the story rendered anew. 1 query: community and author are loaded."""
    purging.purge(STORY_TITLES, *appearances(story, tag_names(story)))


def _write(story: Story, draft: Draft) -> None:
    story.title = clean_line(draft.title)
    if not story.title:
        raise Invalid("A story needs a title.", field="title")
    # Measured here too: the normal form of some scripts is longer than what was typed.
    if len(story.title) > TITLE_LENGTH:
        raise Invalid(
            f"A title has at most {TITLE_LENGTH} characters; this one has {len(story.title):,}.", field="title"
        )
    story.set_slug()


def _write_text_and_tags(story: Story, draft: Draft) -> None:
    text = clean(draft.text)
    if len(text) > TEXT_LENGTH:
        raise Invalid(f"A text has at most {TEXT_LENGTH:,} characters; this one has {len(text):,}.", field="text")
    StoryText.objects.update_or_create(story=story, defaults={"markdown": text, "html": render_markdown(text)})
    names = set(draft.tags)
    tags = list(Tag.objects.filter(name__in=names, is_active=True))
    if not 1 <= len(names) <= MAX_TAGS or len(tags) != len(names):
        raise Invalid(f"Choose one to {MAX_TAGS} tags from the list.", field="tags")
    StoryTag.objects.bulk_create([StoryTag(story=story, tag=tag) for tag in tags])
    ranking.refresh(story, [tag.hotness_mod for tag in tags])
    story.save(update_fields=["score", "controversy", "hotness"])


def _sent_twice(story: Story, now: datetime) -> Story | None:
    recent = Story.objects.filter(author=story.author, title=story.title, created_at__gte=now - SENT_TWICE)
    return recent.filter(deleted_at=None).first()
