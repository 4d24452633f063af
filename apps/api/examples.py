"""An example of each shape, as the description of the API shows it. Not here: what shapes mean (shapes/)."""

from typing import Any

VIEWER = {
    **{"voted": True, "saved": False, "hidden": False, "unwanted": False},
    **{"watched": True, "muted": False, "flagged": False},
}
COMMENT_VIEWER = {"voted": False, "flagged": False}
STORY: dict[str, Any] = {
    "id": 42,
    "title": "SQLite is enough",
    "url": "https://example.org/sqlite",
    "domain": "example.org",
    "community": "town",
    "tags": ["databases"],
    "author": "mia",
    "is_own_work": True,
    "created_at": "2026-03-01T12:00:00Z",
    "score": 8,
    "num_comments": 2,
    "locked_at": None,
    "page": "/s/42/sqlite-is-enough",
    "viewer": VIEWER,
}
COMMENT: dict[str, Any] = {
    "id": 7,
    "story": 42,
    "story_title": "SQLite is enough",
    "parent": None,
    "depth": 0,
    "author": "sam",
    "created_at": "2026-03-01T12:30:00Z",
    "edited_at": None,
    "deleted_at": None,
    "removed_at": None,
    "score": 3,
    "num_descendants": 1,
    "html": "<p>For <em>whom</em>?</p>",
    "page": "/comments/7",
    "viewer": COMMENT_VIEWER,
}
PERSON: dict[str, Any] = {
    "username": "mia",
    "karma": 120,
    "joined_at": "2025-01-01T09:00:00Z",
    "about_html": "<p>I build things.</p>",
    "is_moderator": False,
    "banned_until": None,
}
COMMUNITY = {"slug": "town", "name": "Town", "summary": "For all.", "num_members": 12}
TAG = {"name": "databases", "category": "Subjects", "summary": "", "hotness_mod": 0.0, "is_active": True}
ENTRY: dict[str, Any] = {
    "id": 3,
    "act": "ban-person",
    "moderator": "mo",
    "reason": "Spam, again.",
    "community": None,
    "story": None,
    "comment": None,
    "person": "bo",
    "until": "2026-03-08T12:00:00Z",
    "created_at": "2026-03-01T12:00:00Z",
}
VOTE = {"story": 42, "comment": None, "created_at": "2026-03-01T13:00:00Z"}
FLAG = {
    **{"story": None, "comment": 7, "reason": "unkind", "note": "Calls names."},
    **{"created_at": "2026-03-01T13:00:00Z", "settled_at": None},
}
FLAGGED: dict[str, Any] = {
    **{"story": 42, "comment": 7, "title": "SQLite is enough", "community": "town", "author": "sam"},
    **{"excerpt": "For whom?", "num_flags": 3, "reasons": {"unkind": 2, "spam": 1}, "notes": ["Calls names."]},
    **{"since": "2026-03-01T13:00:00Z", "page": "/comments/7"},
}
ENDS = {"previous": None, "next": "https://news.example.org/api/v1/…?after=…"}
CUT = {"parent": 7, "num_comments": 1, "next": "https://news.example.org/api/v1/stories/42/comments?parent=7"}
CHANGE = {"kind": "story", "id": 42}

NOTIFICATION = {
    "id": 12,
    "kind": "reply",
    "actor": "sam",
    "act": "answered you on",
    "title": "SQLite is enough",
    "excerpt": "For whom?",
    "reason": "",
    "page": "/comments/7",
    "created_at": "2026-03-01T12:30:00Z",
    "is_unread": True,
}

PREFERENCES = {
    **{"moderation": "mail", "reply": "mail", "mention": "mail"},
    **{"story": "site", "person": "site", "tag": "off", "digest": "weekly"},
}
RESULT: dict[str, Any] = {
    "kind": "story",
    "title_html": "<mark>SQLite</mark> is enough",
    "text_html": "For most sites, <mark>SQLite</mark> is all they need.",
    "story": STORY,
    "comment": None,
    "person": None,
    "tag": None,
}

PREVIEW = {
    **{"title": "Appropriate uses", "description": "What it is made for.", "site_name": "Example"},
    **{"image": "/previews/0/42-5f3a.webp", "width": 320, "height": 180},
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "Story": STORY,
    "StoryViewer": VIEWER,
    "StoryReader": VIEWER | {"visited_at": None},
    "Stories": {"items": [STORY], **ENDS},
    "StoryDetail": STORY
    | {
        "html": "<p>Most sites are small.</p>",
        "markdown": "Most sites are small.",
        "edited_at": None,
        "deleted_at": None,
        "removed_at": None,
        "held_at": None,
        "is_open": True,
        "preview": PREVIEW,
        "viewer": VIEWER | {"visited_at": "2026-03-01T12:45:00Z"},
    },
    "Preview": PREVIEW,
    "Rank": {
        "hotness": 22380.5,
        "points": 0.95,
        "base": 0.25,
        "age": 22379.3,
        "counted_comment_points": 2.0,
        "modifiers": {"databases": 0.0},
    },
    "StoryDraft": {
        "community": "town",
        "title": "SQLite is enough",
        "url": "https://example.org/sqlite",
        "tags": ["databases"],
    },
    "StoryEdit": {"title": "SQLite is often enough"},
    "Typed": {"text": "For *whom*?"},
    "Rendered": {"html": "<p>For <em>whom</em>?</p>"},
    "Visit": {"until": "2026-03-01T12:45:00Z"},
    "Comment": COMMENT,
    "CommentViewer": COMMENT_VIEWER,
    "Comments": {"items": [COMMENT], **ENDS},
    "CommentDetail": COMMENT | {"markdown": "For *whom*?", "ancestors": []},
    "Cut": CUT,
    "Thread": {"items": [COMMENT], **ENDS, "cuts": [CUT], "total": 2},
    "CommentText": {"text": "For *whom*?"},
    "CommentDraft": {"text": "For those who like it *simple*.", "parent": 7},
    "PersonRow": {name: PERSON[name] for name in ("username", "karma", "joined_at")},
    "People": {"items": [{name: PERSON[name] for name in ("username", "karma", "joined_at")}]},
    "Person": PERSON,
    "Me": PERSON | {"about": "I build things.", "unread": 2, "scopes": ["read", "write"], "communities": ["town"]},
    "Profile": {"about": "I build things."},
    "Mutes": {"people": ["bo"], "tags": ["crypto"], "domains": ["example.net"]},
    "Vote": VOTE,
    "Votes": {"items": [VOTE], **ENDS},
    "Community": COMMUNITY,
    "Communities": {"items": [COMMUNITY]},
    "CommunityDetail": COMMUNITY
    | {"rules_html": "<p>Be kind.</p>", "moderators": ["mo"], "created_at": "2025-01-01T09:00:00Z"},
    "Tag": TAG,
    "Tags": {"items": [TAG]},
    "Entry": ENTRY,
    "Log": {"items": [ENTRY], **ENDS},
    "Act": {"act": "ban-person", "person": "bo", "days": 7, "reason": "Spam, again."},
    "FlagDraft": {"reason": "unkind", "note": "Calls names."},
    "OwnFlag": FLAG,
    "OwnFlags": {"items": [FLAG], **ENDS},
    "Flagged": FLAGGED,
    "FlaggedPage": {"items": [FLAGGED], **ENDS},
    "Notification": NOTIFICATION,
    "Inbox": {"items": [NOTIFICATION], **ENDS},
    "ReadMark": {"until": 12},
    "Watches": {"people": ["sam"], "tags": ["databases"]},
    "Preferences": PREFERENCES,
    "PreferencesEdit": {"mention": "mail", "digest": "weekly"},
    "Result": RESULT,
    "Results": {"items": [RESULT], **ENDS, "total": 1, "since": None},
    "Change": CHANGE,
    "Updates": {
        "items": [CHANGE],
        "next": "https://news.example.org/api/v1/updates?since=8812~1204~1772366400",
        "has_more": False,
    },
}
