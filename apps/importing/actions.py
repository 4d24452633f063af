"""Taking in a batch of items: all of it in one transaction, every counter right at its end.

Not here: files and batches (runs.py), rows in memory (building.py, threads.py).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from apps.accounts.models import User
from apps.comments.models import Comment, CommentText
from apps.importing import building, people, places, rows
from apps.importing.items import Item, Key
from apps.importing.models import ImportedItem
from apps.importing.threads import Above, Tallies, parents_first, place
from apps.pagecache import purging
from apps.stories import ranking
from apps.stories.models import Story, StoryTag, StoryText

# Which story or which comment an item has become.
Place = tuple[int | None, int | None]


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
    """Rows that new ones hang below: `stories` by primary key, and everything by key of its item."""

    stories: dict[int, Story]
    by_key: dict[Key, Above]


@transaction.atomic
def import_batch(items: Sequence[Item], now: datetime) -> Outcome:
    """Take in those of `items` that are not here yet and whose parent is here, or among them. Idempotent.

    An item whose parent is in neither waits. Cost: about 20 statements for any number of items; the stories that
    get comments stay locked until the end.
    """
    here = _here(items)
    new: dict[Key, Item] = {}
    for item in items:
        if item.key not in here:
            new.setdefault(item.key, item)
    upper = _upper({key: here[key] for item in new.values() if (key := item.parent_key) in here})
    order = list(parents_first(new, upper.by_key))
    placed = {item.key for item in order}
    waiting = [i for i, item in enumerate(items) if item.key in new and item.key not in placed]
    told = [item for item in order if item.kind == "story"]
    said = [item for item in order if item.kind == "comment"]
    num_people = _take_in(told, said, upper, now) if order else 0
    if order:
        # A batch touches more lists, threads and people than are worth naming.
        purging.purge_everything()
    return Outcome(len(told), len(said), num_people, len(items) - len(order) - len(waiting), waiting)


def _here(items: Iterable[Item]) -> dict[Key, Place]:
    """Which of the items and of their parents have been taken in. 1 query for each source."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for item in items:
        wanted[item.source] |= {item.id, item.parent}
    here: dict[Key, Place] = {}
    for source, ids in wanted.items():
        found = ImportedItem.objects.filter(source=source, source_id__in=ids)
        for source_id, story_id, comment_id in found.values_list("source_id", "story_id", "comment_id"):
            here[source, source_id] = story_id, comment_id
    return here


def _upper(wanted: Mapping[Key, Place]) -> _Upper:
    """What these items became. 3 queries; stories are locked, as always before their comments."""
    comment_ids = [comment_id for _, comment_id in wanted.values() if comment_id]
    story_ids = {story_id for story_id, _ in wanted.values() if story_id}
    story_ids.update(Comment.objects.filter(pk__in=comment_ids).values_list("story_id", flat=True))
    stories = Story.objects.select_for_update(no_key=True).order_by("pk").in_bulk(story_ids)
    comments = Comment.objects.in_bulk(comment_ids)
    by_key: dict[Key, Above] = {
        key: stories[story_id] if story_id else comments[comment_id or 0]
        for key, (story_id, comment_id) in wanted.items()
    }
    return _Upper(stories, by_key)


def _take_in(told: Sequence[Item], said: Sequence[Item], upper: _Upper, now: datetime) -> int:
    """Write stories and comments, each after its parent, and all that follows. Returns how many people are new."""
    authors, num_people = _authors([*told, *said])
    stories = _stories(told, authors, now)
    old = dict(upper.stories)
    upper.stories.update((story.pk, story) for story in stories)
    upper.by_key.update((item.key, story) for item, story in zip(told, stories, strict=True))
    comments = _comments(said, authors, upper)
    tallies = Tallies()
    for story in stories:
        tallies.count_points(story)
    for comment in comments:
        tallies.count_comment(comment, upper.stories[comment.story_id])
    _write_stories(told, stories, tallies)
    _write_comments(said, comments, tallies)
    _change_old(old, tallies)
    rows.add(User, ["karma"], [(karma, pk) for pk, karma in sorted(tallies.karma.items())])
    return num_people


def _authors(items: Iterable[Item]) -> tuple[dict[Key, int], int]:
    """Ids of the authors by source and name, and how many of them are new."""
    seen: dict[str, dict[str, datetime]] = defaultdict(dict)
    for item in items:
        if item.author:
            times = seen[item.source]
            times[item.author] = min(times.get(item.author, item.created_at), item.created_at)
    ids: dict[Key, int] = {}
    num_new = 0
    for source, times in seen.items():
        found, created = people.import_people(source, times)
        ids |= {(source, name): pk for name, pk in found.items()}
        num_new += created
    return ids, num_new


def _stories(told: Sequence[Item], authors: Mapping[Key, int], now: datetime) -> list[Story]:
    communities = places.communities({item.community for item in told}, now)
    return [
        building.story(item, pk=pk, author_id=authors.get(item.author_key), community_id=communities[item.community])
        for item, pk in zip(told, rows.reserve_keys(Story, len(told)), strict=True)
    ]


def _comments(said: Sequence[Item], authors: Mapping[Key, int], upper: _Upper) -> list[Comment]:
    comments = []
    for item, pk in zip(said, rows.reserve_keys(Comment, len(said)), strict=True):
        comment = building.comment(item, pk=pk, author_id=authors.get(item.author_key))
        place(comment, upper.by_key[item.parent_key])
        upper.by_key[item.key] = comment
        comments.append(comment)
    return comments


def _write_stories(told: Sequence[Item], stories: Sequence[Story], tallies: Tallies) -> None:
    tags = places.tags({tag for item in told for tag in item.tags})
    for item, story in zip(told, stories, strict=True):
        tallies.add_to_story(story)
        ranking.refresh(story, [tags[name].hotness_mod for name in item.tags])
    rows.insert_objects(stories)
    pairs = list(zip(told, stories, strict=True))
    texts = [(story.pk, *text) for item, story in pairs if any(text := building.text(item))]
    rows.insert(StoryText, ["story_id", "markdown", "html"], texts)
    tagged = [(story.pk, tags[name].pk) for item, story in pairs for name in item.tags]
    rows.insert(StoryTag, ["story_id", "tag_id"], tagged)
    origins = [(*item.key, story.pk) for item, story in pairs]
    rows.insert(ImportedItem, ["source", "source_id", "story_id"], origins)


def _write_comments(said: Sequence[Item], comments: Sequence[Comment], tallies: Tallies) -> None:
    for comment in comments:
        tallies.move_to_comment(comment)
    rows.insert_objects(comments)
    pairs = list(zip(said, comments, strict=True))
    rows.insert(
        CommentText, ["comment_id", "markdown", "html"], [(row.pk, *building.text(item)) for item, row in pairs]
    )
    origins = [(*item.key, comment.pk) for item, comment in pairs]
    rows.insert(ImportedItem, ["source", "source_id", "comment_id"], origins)


def _change_old(stories: Mapping[int, Story], tallies: Tallies) -> None:
    """Bring the counters of what was there before up to date. 1 query, 2 writes."""
    counts = sorted((pk, tallies.replies.get(pk, 0), count) for pk, count in tallies.descendants.items())
    rows.add(Comment, ["num_replies", "num_descendants"], [(replies, below, pk) for pk, replies, below in counts])
    modifiers: dict[int, list[float]] = defaultdict(list)
    found = StoryTag.objects.filter(story__in=stories).values_list("story_id", "tag__hotness_mod")
    for story_id, modifier in found:
        modifiers[story_id].append(modifier)
    for story in stories.values():
        tallies.add_to_story(story)
        ranking.refresh(story, modifiers[story.pk])
    columns = ["num_comments", "comment_points", "active_at", "hotness"]
    rows.update(Story, columns, [[getattr(row, name) for name in (*columns, "pk")] for row in stories.values()])
