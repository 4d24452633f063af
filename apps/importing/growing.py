"""Items of a community of any size that nobody has written: for load and depth. Not here: taking them in (runs.py)."""

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from operator import itemgetter
from typing import Any

from apps.comments.models import MAX_DEPTH
from apps.importing import workload
from apps.importing.reading import Record
from apps.importing.words import Writer, name

SPAN = timedelta(days=365)
THREAD_AGE = timedelta(days=14)
REPLY_SHARE = 0.5
LINK_SHARE = 0.75
FLAGGED_SHARE = 0.04
# Seconds from a text to the average answer.
PATIENCE = 3 * 3600
TAGS = ("python", "linux", "web", "databases", "security", "testing", "hardware", "ask", "culture", "show")

ItemForm = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """How large a community: `thread` is the number of comments of one more story; `seed` decides all the rest."""

    stories: int
    comments: int
    people: int
    thread: int = 0
    seed: int = 0

    @property
    def size(self) -> int:
        """Items in all."""
        return self.stories + self.comments + (self.thread + 1 if self.thread else 0)

    @property
    def source(self) -> str:
        """A name of its own for each plan, so that the same one twice adds nothing."""
        return f"grown-{self.seed}-{self.stories}-{self.comments}-{self.people}-{self.thread}"


def grow(plan: Plan, now: datetime) -> Iterator[ItemForm]:
    """The items of a plan, over the year before `now`, in the Hacker News item form: each story, then its thread.

    The same for the same arguments; memory is flat but for the weights of the people.
    """
    gardener = _Gardener(plan, now)
    start = now - SPAN
    for number, size in enumerate(_thread_sizes(plan)):
        age = (number + gardener.rng.random()) / plan.stories
        yield from gardener.story_with_thread(start + age * SPAN, size)
    if plan.thread:
        yield from gardener.story_with_thread(now - THREAD_AGE, plan.thread)


def as_records(items: Iterable[ItemForm], path: str) -> Iterator[Record]:
    """The items as lines of a file called `path`."""
    for number, item in enumerate(items, start=1):
        yield Record(path, number, json.dumps(item).encode())


def _thread_sizes(plan: Plan) -> Iterator[int]:
    """How many comments each story gets: as the distribution has it, scaled so that the sum is right."""
    total = sum(_weights(plan))
    done, up_to = 0, 0
    for weight in _weights(plan):
        up_to += weight
        due = plan.comments * up_to // total
        yield due - done
        done = due


def _weights(plan: Plan) -> Iterator[int]:
    rng = random.Random(f"thread sizes {plan.seed}")  # noqa: S311  # nothing secret is drawn
    return (1 + 10 * workload.comments_per_story.draw(rng) for _ in range(plan.stories))


class _Gardener:
    """Draws people, points and texts; numbers the items."""

    def __init__(self, plan: Plan, now: datetime) -> None:
        self.rng = random.Random(f"community {plan.seed}")  # noqa: S311  # nothing secret is drawn
        self._writer = Writer(self.rng)
        self._newest = int(now.timestamp())
        self._last_id = 0
        self._people = range(plan.people)
        self._weights = list(accumulate(1 + workload.votes_per_person.draw(self.rng) for _ in self._people))

    def story_with_thread(self, created_at: datetime, size: int) -> Iterator[ItemForm]:
        """A story, then `size` comments, each after its parent."""
        story = self._story(int(created_at.timestamp()), size)
        yield story
        placed: list[tuple[int, int, int]] = []
        for _ in range(size):
            parent, depth, parent_time = self._parent(placed) or (story["id"], -1, story["time"])
            time = min(parent_time + 60 + int(self.rng.expovariate(1 / PATIENCE)), self._newest)
            comment = self._item("comment", time, workload.votes_per_comment)
            yield comment | {"parent": parent, "text": self._writer.text(3)}
            placed.append((comment["id"], depth + 1, time))

    def _parent(self, placed: list[tuple[int, int, int]]) -> tuple[int, int, int] | None:
        """An earlier comment, likelier a late and a deep one; None for the story itself."""
        if not placed or self.rng.random() >= REPLY_SHARE:
            return None
        first, second = (placed[-1 - int(len(placed) * self.rng.random() ** 3)] for _ in range(2))
        chosen = max(first, second, key=itemgetter(1))
        return chosen if chosen[1] < MAX_DEPTH - 1 else None

    def _story(self, time: int, num_comments: int) -> ItemForm:
        story = self._item("story", time, workload.votes_per_story)
        story |= {"title": self._writer.title(), "descendants": num_comments}
        story["tags"] = sorted(set(self.rng.choices(TAGS, k=2)))
        if self.rng.random() < LINK_SHARE:
            return story | {"url": f"https://{name(story['id'] % 997)}.example/{story['id']}"}
        return story | {"text": self._writer.text(6)}

    def _item(self, kind: str, time: int, votes: workload.Distribution) -> ItemForm:
        self._last_id += 1
        (person,) = self.rng.choices(self._people, cum_weights=self._weights)
        item = {"id": self._last_id, "type": kind, "by": name(person), "time": time, "score": 1 + votes.draw(self.rng)}
        return item | {"flags": self.rng.randint(1, 5)} if self.rng.random() < FLAGGED_SHARE else item
