"""Items as sources send them, and the recount that all counters must agree with."""

from collections import Counter
from typing import Any

from apps.accounts.models import User
from apps.comments.models import Comment
from apps.core.ranking import wilson
from apps.importing.models import ImportedItem
from apps.stories.models import Story
from apps.stories.ranking import rank_of
from tests.factories import NOW

TIME = int(NOW.timestamp()) - 30 * 86_400


def story(number: int, **fields: Any) -> dict[str, Any]:
    """A link story; a field given as None is left out."""
    item = {"id": number, "type": "story", "by": "maren", "time": TIME, "title": f"Story {number}", "score": 5}
    item |= {"url": f"https://example.org/{number}"}
    return _without_nones(item | fields)


def comment(number: int, parent: int | str, **fields: Any) -> dict[str, Any]:
    """A comment; a field given as None is left out."""
    item = {"id": number, "type": "comment", "by": "okonkwo", "time": TIME + number, "parent": parent, "score": 2}
    return _without_nones(item | {"text": f"<p>Comment {number}"} | fields)


def story_of(number: int | str, source: str = "hackernews") -> Story:
    """The story that an item became."""
    imported = ImportedItem.objects.get(source=source, source_id=str(number))
    assert imported.story
    return imported.story


def comment_of(number: int | str, source: str = "hackernews") -> Comment:
    """The comment that an item became."""
    imported = ImportedItem.objects.get(source=source, source_id=str(number))
    assert imported.comment
    return imported.comment


def counters() -> dict[str, Any]:
    """Every counter as stored."""
    return {
        "stories": {
            row.pk: (row.num_comments, row.comment_points, row.active_at, row.hotness) for row in Story.objects.all()
        },
        "comments": {
            row.pk: (row.num_replies, row.num_descendants, row.depth, row.confidence) for row in Comment.objects.all()
        },
        "karma": dict(User.objects.values_list("pk", "karma")),
    }


def recount() -> dict[str, Any]:
    """Every counter as the rows alone say, counted as plainly as possible."""
    stories = {row.pk: row for row in Story.objects.all()}
    comments = {row.pk: row for row in Comment.objects.all()}
    above = {pk: _ancestors(row, comments) for pk, row in comments.items()}
    live = [row for row in comments.values() if not row.is_gone]
    karma: Counter[int | None] = Counter()
    written: list[Story | Comment] = [*stories.values(), *comments.values()]
    for item in written:
        karma[item.author_id] += item.ups - (1 if item.base_ups >= 1 else 0)
    for row in stories.values():
        mine = [comment for comment in live if comment.story_id == row.pk]
        row.num_comments = len(mine)
        row.comment_points = sum(comment.score + 1 for comment in mine if comment.author_id != row.author_id)
        row.active_at = max([row.created_at, *(comment.created_at for comment in mine)])
        row.hotness = rank_of(row, [tag.hotness_mod for tag in row.tags.all()]).hotness
    return {
        "stories": {
            pk: (row.num_comments, row.comment_points, row.active_at, row.hotness) for pk, row in stories.items()
        },
        "comments": {
            pk: (
                sum(child.parent_id == pk for child in live),
                sum(pk in above[child.pk] for child in live),
                len(above[pk]),
                wilson(row.ups, row.flags),
            )
            for pk, row in comments.items()
        },
        "karma": {pk: karma[pk] for pk in User.objects.values_list("pk", flat=True)},
    }


def content() -> list[Any]:
    """All that imports wrote, without primary keys: equal when two of them made the same site."""
    stories = {row.story_id: row.source_id for row in ImportedItem.objects.exclude(story=None)}
    comments = {row.comment_id: row.source_id for row in ImportedItem.objects.exclude(comment=None)}
    numbers = counters()
    places = [
        (comments[row.pk], stories[row.story_id], comments.get(row.parent_id or 0), comments.get(row.root_id or 0))
        for row in Comment.objects.all()
    ]
    return [
        sorted((stories[pk], values) for pk, values in numbers["stories"].items()),
        sorted((comments[pk], values) for pk, values in numbers["comments"].items()),
        sorted(places, key=str),
        sorted(User.objects.values_list("username", "karma")),
    ]


def _ancestors(row: Comment, comments: dict[int, Comment]) -> list[int]:
    found = []
    while row.parent_id:
        found.append(row.parent_id)
        row = comments[row.parent_id]
    return found


def _without_nones(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if value is not None}
