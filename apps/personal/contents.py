"""What an export holds: one file for each kind of rows. Another kind is another entry of KINDS.

A test finds tables that belong to people and are in no kind.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry as AdminEntry
from django.db.models import Model

from apps.accounts.models import PersonMute, User
from apps.comments.models import Comment, Visit
from apps.communities.models import Membership, TagMute
from apps.moderation.models import Flag, LogEntry
from apps.notifications.models import Kind as NotificationKind
from apps.notifications.models import Notification, PersonWatch, Preferences, StoryWatch, TagWatch
from apps.stories.models import DomainMute, HiddenStory, SavedStory, Story
from apps.votes.models import CommentVote, StoryVote

# Rows in memory at a time.
CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows of `model` whose `owner` is the person; `fields` are looked up by what stands after each name."""

    name: str
    about: str
    model: type[Model]
    owner: str
    fields: Mapping[str, str]

    def rows(self, person: User) -> Iterator[dict[str, Any]]:
        """The person's rows, oldest first. 1 query, of which CHUNK rows are in memory at a time."""
        found = self.model._default_manager.filter(**{self.owner: person.pk}).order_by("pk")
        for row in found.values_list(*self.fields.values()).iterator(chunk_size=CHUNK):
            yield dict(zip(self.fields, row, strict=True))


ABOUT_STORY = {"story": "story_id", "title": "story__title"}
AT = {"at": "created_at"}

KINDS = (
    Kind(
        "profile",
        "You. `about` is Markdown; `karma` are the points that others gave to what you wrote.",
        User,
        "pk",
        {
            **{"id": "pk", "name": "username", "email": "email", "about": "about", "karma": "karma"},
            **{"joined_at": "date_joined", "last_login_at": "last_login", "banned_until": "banned_until"},
            **{"is_moderator": "is_moderator", "is_administrator": "is_superuser"},
        },
    ),
    Kind(
        "email-addresses",
        "Your e-mail addresses.",
        EmailAddress,
        "user",
        {"email": "email", "is_verified": "verified", "is_primary": "primary"},
    ),
    Kind(
        "stories",
        "What you submitted. `text` is Markdown; `points` are those for it less the objections.",
        Story,
        "author",
        {
            **{"id": "pk", "community": "community__slug", "title": "title", "url": "url", "text": "body__markdown"},
            **{"is_own_work": "is_own_work", "points": "score", "at": "created_at", "edited_at": "edited_at"},
            **{"deleted_at": "deleted_at", "removed_at": "removed_at"},
        },
    ),
    Kind(
        "comments",
        "What you said. `text` is Markdown; `parent` is the comment that you answered.",
        Comment,
        "author",
        {
            **{"id": "pk", **ABOUT_STORY, "parent": "parent_id", "text": "body__markdown", "points": "score", **AT},
            **{"edited_at": "edited_at", "deleted_at": "deleted_at", "removed_at": "removed_at"},
        },
    ),
    Kind("story-votes", "Stories that you voted for.", StoryVote, "user", ABOUT_STORY | AT),
    Kind(
        "comment-votes",
        "Comments that you voted for.",
        CommentVote,
        "user",
        {"comment": "comment_id", "story": "comment__story_id", **AT},
    ),
    Kind("saved-stories", "Stories that you keep for later.", SavedStory, "user", ABOUT_STORY | AT),
    Kind("hidden-stories", "Stories that you have hidden.", HiddenStory, "user", ABOUT_STORY | AT),
    Kind("muted-people", "Whom you do not want to read.", PersonMute, "user", {"name": "person__username", **AT}),
    Kind("muted-tags", "Tags that you do not want to read.", TagMute, "user", {"tag": "tag__name", **AT}),
    Kind("muted-domains", "Sites that you do not want to read.", DomainMute, "user", {"domain": "domain", **AT}),
    Kind(
        "memberships",
        "Communities that you joined.",
        Membership,
        "user",
        {"community": "community__slug", "is_moderator": "is_moderator", "at": "joined_at"},
    ),
    Kind("visits", "How far you have read which thread.", Visit, "user", {**ABOUT_STORY, "read_until": "visited_at"}),
    Kind(
        "notifications",
        "What you were told of, and why.",
        Notification,
        "recipient",
        {"kind": "kind", **ABOUT_STORY, "comment": "comment_id", "mailed_at": "mailed_at", **AT},
    ),
    Kind(
        "notification-settings",
        "Where you are told of what.",
        Preferences,
        "user",
        {name: name for name in (*NotificationKind.values, "digest", "bounced_at")},
    ),
    Kind(
        "watched-stories",
        "Stories whose comments you want to hear of, or, where `is_mute`, do not.",
        StoryWatch,
        "user",
        {**ABOUT_STORY, "is_mute": "is_mute", **AT},
    ),
    Kind("watched-people", "Whose words you want to hear of.", PersonWatch, "user", {"name": "person__username", **AT}),
    Kind("watched-tags", "Tags whose stories you want to hear of.", TagWatch, "user", {"tag": "tag__name", **AT}),
    Kind(
        "moderation-of-you",
        "What moderators did to you. What they did to your stories and comments stands there, as `removed_at`.",
        LogEntry,
        "person",
        {"act": "act", "reason": "reason", "until": "until", **AT},
    ),
    Kind(
        "moderation-by-you",
        "What you did as a moderator.",
        LogEntry,
        "moderator",
        {"act": "act", "reason": "reason", "story": "story_id", "comment": "comment_id", **AT},
    ),
    Kind(
        "flags",
        "What you told moderators of. `settled_at` is when they, or its author, saw to it.",
        Flag,
        "user",
        {
            "story": "story_id",
            "comment": "comment_id",
            "reason": "reason",
            "note": "note",
            **AT,
            "settled_at": "settled_at",
        },
    ),
    Kind(
        "flags-settled-by-you",
        "Flags of others that you settled as a moderator.",
        Flag,
        "settled_by",
        {"story": "story_id", "comment": "comment_id", "at": "settled_at"},
    ),
    Kind(
        "administration-by-you",
        "What you did as an administrator.",
        AdminEntry,
        "user",
        {"at": "action_time", "what": "object_repr", "change": "change_message"},
    ),
)
