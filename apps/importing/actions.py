"""Taking in a batch of items: all of it in one transaction, every counter right at its end.

Not here: files and batches (runs.py), rows in memory (building.py, threads.py).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from apps.accounts.models import User
from apps.comments.models import Comment, CommentText
from apps.communities.models import Tag
from apps.core.text import clean
from apps.importing import building, people, places, references, rows
from apps.importing.items import Item, Key
from apps.importing.models import ImportedItem, ImportPreview
from apps.importing.threads import Position, below, count_replies, parents_first
from apps.jobs import actions as jobs
from apps.pagecache import purging
from apps.stories import ranking
from apps.stories.models import Story, StoryTag, StoryText

# Which story or which comment an item has become.
Known = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a batch: numbers of new rows and of items already there; the positions of those that wait."""

    stories: int = 0
    comments: int = 0
    people: int = 0
    known: int = 0
    waiting: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Upper:
    """What new comments hang below: `stories` by primary key, and everything's position by key of its item."""

    stories: dict[int, Story]
    by_key: dict[Key, Position]


@transaction.atomic
def request_preview(*, file: str, now: datetime) -> ImportPreview:
    """Have a job find out what an import of `file`, in the folder for imports, would bring. 2 writes."""
    preview = ImportPreview.objects.create(file=file, requested_at=now)
    jobs.enqueue("importing.preview", preview_id=preview.pk)
    return preview


@transaction.atomic
def finish_preview(*, preview_id: int, report: str) -> None:
    """Write down what a job has found. Idempotent. 1 write."""
    ImportPreview.objects.filter(pk=preview_id).update(report=clean(report))


@transaction.atomic
def import_batch(items: Sequence[Item], now: datetime) -> Outcome:
    """Take in those of `items` that are not here yet and whose parent is here, or among them. Idempotent.

    An item whose parent is in neither waits. Cost: about 20 statements for any number of items; the stories that
    get comments stay locked until the end.
    """
    here = _here(items)
    new: dict[Key, Item] = {}
    for item in items:
        if (key := item.key) not in here:
            new.setdefault(key, item)
    upper = _upper({key: here[key] for item in new.values() if (key := item.parent_key) in here})
    order = dict(parents_first(new, upper.by_key))
    waiting = [i for i, item in enumerate(items) if (key := item.key) in new and key not in order]
    told = {key: item for key, item in order.items() if item.kind == "story"}
    said = {key: item for key, item in order.items() if item.kind == "comment"}
    num_people = _take_in(told, said, upper, now) if order else 0
    if order:
        # A batch touches more lists, threads and people than are worth naming.
        purging.purge_everything()
    return Outcome(len(told), len(said), num_people, len(items) - len(order) - len(waiting), waiting)


def _here(items: Iterable[Item]) -> dict[Key, Known]:
    """Which of the items and of their parents have been taken in. 1 query for each source."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for item in items:
        wanted[item.source] |= {item.id, item.parent}
    here: dict[Key, Known] = {}
    for source, ids in wanted.items():
        found = rows.find(ImportedItem, ["source_id", "story_id", "comment_id"], source, "source_id", ids)
        here |= {(source, source_id): (story_id, comment_id) for source_id, story_id, comment_id in found}
    return here


def _upper(wanted: Mapping[Key, Known]) -> _Upper:
    """What these items became. 4 queries; stories are locked, as always before their comments."""
    comment_ids = [comment_id for _, comment_id in wanted.values() if comment_id]
    story_ids = {story_id for story_id, _ in wanted.values() if story_id}
    story_ids.update(Comment.objects.filter(pk__in=comment_ids).values_list("story_id", flat=True))
    stories = Story.objects.select_for_update(no_key=True).order_by("pk").in_bulk(story_ids)
    found = Comment.objects.filter(pk__in=comment_ids)
    columns = ("pk", "story_id", "parent_id", "root_id", "path", "depth")
    comments = {position[0]: Position(*position) for position in found.values_list(*columns)}
    references.hold(Comment, comments.keys())
    by_key = {
        key: Position(story_id, story_id) if story_id else comments[comment_id or 0]
        for key, (story_id, comment_id) in wanted.items()
    }
    return _Upper(stories, by_key)


def _take_in(told: Mapping[Key, Item], said: Mapping[Key, Item], upper: _Upper, now: datetime) -> int:
    """Write stories and comments, each after its parent, and all that follows. Returns how many people are new."""
    authors, num_people = _authors([*told.values(), *said.values()])
    stories = _stories(told, authors, now)
    old = dict(upper.stories)
    upper.stories.update((story.pk, story) for story in stories)
    upper.by_key.update((key, Position(story.pk, story.pk)) for key, story in zip(told, stories, strict=True))
    positions = _positions(said, upper.by_key)
    _count_on_stories(said.values(), positions, authors, upper.stories)
    tags = places.tags({tag for item in told.values() for tag in item.tags})
    with references.unchecked():
        _write_stories(told, stories, tags)
        _write_comments(said, positions, authors)
    _change_stories(old)
    _add_karma([*told.values(), *said.values()], authors)
    return num_people


def _authors(items: Iterable[Item]) -> tuple[dict[Key, int], int]:
    """Ids of the authors by source and name, and how many of them are new."""
    seen: dict[str, dict[str, datetime]] = defaultdict(dict)
    for item in items:
        if author := item.author:
            times = seen[item.source]
            if author not in times or item.created_at < times[author]:
                times[author] = item.created_at
    ids: dict[Key, int] = {}
    num_new = 0
    for source, times in seen.items():
        found, created = people.import_people(source, times)
        ids |= {(source, name): pk for name, pk in found.items()}
        num_new += created
    return ids, num_new


def _stories(told: Mapping[Key, Item], authors: Mapping[Key, int], now: datetime) -> list[Story]:
    communities = places.communities({item.community for item in told.values()}, now)
    return [
        building.story(item, pk=pk, author_id=authors.get(item.author_key), community_id=communities[item.community])
        for item, pk in zip(told.values(), rows.reserve_keys(Story, len(told)), strict=True)
    ]


def _positions(said: Mapping[Key, Item], by_key: dict[Key, Position]) -> list[Position]:
    positions = []
    for (key, item), pk in zip(said.items(), rows.reserve_keys(Comment, len(said)), strict=True):
        by_key[key] = position = below(by_key[item.parent_key], pk)
        positions.append(position)
    return positions


def _count_on_stories(
    said: Iterable[Item], positions: Sequence[Position], authors: Mapping[Key, int], stories: Mapping[int, Story]
) -> None:
    """Raise the counters of new and of old stories; a comment that is gone counts nowhere but in karma."""
    submitters = {pk: story.author_id for pk, story in stories.items()}
    for item, position in zip(said, positions, strict=True):
        if not item.is_live:
            continue
        story = stories[position.story_id]
        story.num_comments += 1
        story.active_at = max(story.active_at, item.created_at)
        if authors.get(item.author_key) != submitters[position.story_id]:
            story.comment_points += item.ups - item.flags + 1


def _write_stories(told: Mapping[Key, Item], stories: Sequence[Story], tags: Mapping[str, Tag]) -> None:
    pairs = list(zip(told.values(), stories, strict=True))
    for item, story in pairs:
        ranking.refresh(story, [tags[name].hotness_mod for name in item.tags])
    rows.insert_objects(stories)
    texts = [(story.pk, item.markdown, item.html) for item, story in pairs if item.markdown or item.html]
    rows.insert(StoryText, ["story_id", "markdown", "html"], texts)
    tagged = [(story.pk, tags[name].pk) for item, story in pairs for name in item.tags]
    rows.insert(StoryTag, ["story_id", "tag_id"], tagged)
    origins = [(*key, story.pk) for key, story in zip(told, stories, strict=True)]
    rows.insert(ImportedItem, ["source", "source_id", "story_id"], origins)


def _write_comments(said: Mapping[Key, Item], positions: Sequence[Position], authors: Mapping[Key, int]) -> None:
    replies = count_replies(positions, [item.is_live for item in said.values()])
    pairs = list(zip(said.values(), positions, strict=True))
    comments = [
        building.comment(
            item,
            position,
            author_id=authors.get(item.author_key),
            num_replies=replies.direct.pop(position.pk, 0),
            num_descendants=replies.all.pop(position.pk, 0),
        )
        for item, position in pairs
    ]
    rows.insert(Comment, building.COMMENT_COLUMNS, comments)
    texts = [(position.pk, item.markdown, item.html) for item, position in pairs]
    rows.insert(CommentText, ["comment_id", "markdown", "html"], texts)
    origins = [(*key, position.pk) for key, position in zip(said, positions, strict=True)]
    rows.insert(ImportedItem, ["source", "source_id", "comment_id"], origins)
    # What is left belongs to comments that were there before.
    old = sorted((replies.direct.get(pk, 0), count, pk) for pk, count in replies.all.items())
    rows.add(Comment, ["num_replies", "num_descendants"], old)


def _change_stories(stories: Mapping[int, Story]) -> None:
    """Bring what was there before up to date. 1 query, 1 write."""
    modifiers: dict[int, list[float]] = defaultdict(list)
    found = StoryTag.objects.filter(story__in=stories).values_list("story_id", "tag__hotness_mod")
    for story_id, modifier in found:
        modifiers[story_id].append(modifier)
    for story in stories.values():
        ranking.refresh(story, modifiers[story.pk])
    columns = ["num_comments", "comment_points", "active_at", "hotness"]
    rows.update(Story, columns, [[getattr(row, name) for name in (*columns, "pk")] for row in stories.values()])


def _add_karma(items: Iterable[Item], authors: Mapping[Key, int]) -> None:
    """Add the points that others gave to the authors' karma."""
    karma: Counter[int] = Counter()
    for item in items:
        if item.ups > 1 and item.author:
            karma[authors[item.author_key]] += item.ups - 1
    rows.add(User, ["karma"], [(points, pk) for pk, points in sorted(karma.items())])
