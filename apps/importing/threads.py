"""Where imported comments stand, and what they add to the counters of what is above them. Pure: no queries."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from apps.comments.models import MAX_DEPTH, Comment
from apps.importing.items import Item, Key
from apps.stories.models import Story

Above = Story | Comment


def parents_first(items: Mapping[Key, Item], rooted: Iterable[Key]) -> Iterator[Item]:
    """Those of `items` that are stories, or below one of them or of `rooted`; each after its parent.

    The rest are orphans, cycles, and what hangs below them.
    """
    replies: dict[Key, list[Item]] = defaultdict(list)
    for item in items.values():
        if item.kind == "comment":
            replies[item.parent_key].append(item)
    stories = [item for item in items.values() if item.kind == "story"]
    yield from stories
    waiting = deque([*(item.key for item in stories), *rooted])
    while waiting:
        below = replies.pop(waiting.popleft(), ())
        yield from below
        waiting.extend(item.key for item in below)


def place(comment: Comment, above: Above) -> None:
    """Put `comment` below `above`; below a comment on the last level it becomes that comment's sibling."""
    if isinstance(above, Story):
        comment.story_id = above.pk
        return
    comment.story_id = above.story_id
    if above.depth == MAX_DEPTH - 1:
        comment.parent_id, comment.root_id = above.parent_id, above.root_id
        comment.path, comment.depth = above.path, above.depth
    else:
        comment.parent_id, comment.root_id = above.pk, above.root_id or above.pk
        comment.path = f"{above.path}.{above.pk}" if above.path else str(above.pk)
        comment.depth = above.depth + 1


@dataclass(slots=True)
class Tallies:
    """What the new rows of a batch add to counters, by primary key."""

    replies: Counter[int] = field(default_factory=Counter)
    descendants: Counter[int] = field(default_factory=Counter)
    comments: Counter[int] = field(default_factory=Counter)
    comment_points: Counter[int] = field(default_factory=Counter)
    active_at: dict[int, datetime] = field(default_factory=dict)
    karma: Counter[int] = field(default_factory=Counter)

    def count_points(self, row: Above) -> None:
        """Add the points that others gave to the author's karma."""
        if row.author_id and row.base_ups > 1:
            self.karma[row.author_id] += row.base_ups - 1

    def count_comment(self, comment: Comment, story: Story) -> None:
        """Add a placed comment; one that is gone counts nowhere but in karma."""
        self.count_points(comment)
        if comment.is_gone:
            return
        if comment.parent_id:
            self.replies[comment.parent_id] += 1
            self.descendants.update(comment.ancestor_ids)
        self.comments[story.pk] += 1
        self.active_at[story.pk] = max(self.active_at.get(story.pk, story.active_at), comment.created_at)
        if comment.author_id != story.author_id:
            self.comment_points[story.pk] += comment.score + 1

    def add_to_story(self, story: Story) -> None:
        """Raise the story's own counters."""
        story.num_comments += self.comments[story.pk]
        story.comment_points += self.comment_points[story.pk]
        story.active_at = self.active_at.get(story.pk, story.active_at)

    def move_to_comment(self, comment: Comment) -> None:
        """Set the counters of a new comment; what then is left belongs to comments that were there before."""
        comment.num_replies = self.replies.pop(comment.pk, 0)
        comment.num_descendants = self.descendants.pop(comment.pk, 0)
