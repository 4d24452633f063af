"""What is said of a story, a comment, a milestone, an act, a flag. Not here: to whom (actions.py)."""

from datetime import datetime
from typing import Any

from django.conf import settings

from apps.accounts.models import name_of
from apps.comments.models import Comment
from apps.moderation.models import Flag, LogEntry, story_of
from apps.stories.models import Story

Json = dict[str, Any]


def of_story(story: Story) -> Json:
    """A story with community and author loaded. 1 query, for its tags."""
    return {
        "id": story.pk,
        "title": story.title,
        "url": story.url,
        "page": _page(story),
        "community": story.community.slug,
        "author": name_of(story.author),
        "tags": sorted(story.tags.values_list("name", flat=True)),
        "created_at": _time(story.created_at),
    }


def of_comment(comment: Comment) -> Json:
    """A comment with its text, author, story and the story's community loaded."""
    return {
        "id": comment.pk,
        "story": comment.story_id,
        "parent": comment.parent_id,
        "page": _page(comment),
        "community": comment.story.community.slug,
        "author": name_of(comment.author),
        "html": comment.body.html,
        "created_at": _time(comment.created_at),
    }


def of_milestone(story: Story, points: int) -> Json:
    """A story that has at least `points`."""
    return of_story(story) | {"points": points}


def of_act(entry: LogEntry) -> Json:
    """What the public log says, with moderator, person and community loaded."""
    return {
        "id": entry.pk,
        "act": entry.act,
        "moderator": name_of(entry.moderator),
        # Not who wrote what is gone.
        "person": "" if entry.story_id else name_of(entry.person),
        "community": entry.community.slug if entry.community else "",
        "story": entry.story_id,
        "comment": entry.comment_id,
        "reason": entry.reason,
        "until": _time(entry.until) if entry.until else None,
        "created_at": _time(entry.created_at),
    }


def of_flag(flag: Flag) -> Json:
    """What is wrong with what, with its community loaded; neither who says so nor in which words."""
    return {
        "story": flag.story_id,
        "comment": flag.comment_id,
        "page": _page(flag.item),
        "community": story_of(flag.item).community.slug,
        "reason": flag.reason,
        "created_at": _time(flag.created_at),
    }


def _page(of: Story | Comment) -> str:
    return f"{settings.SITE_URL}{of.get_absolute_url()}"


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
