"""How a story ranks and why. Pure formulas; the tallies come from the Story row."""

import math
from dataclasses import dataclass
from datetime import datetime

from apps.core.ranking import controversy
from apps.stories.models import Story

# One unit of hotness: a story as old as this needs ten times the points to stand beside a new one.
HOTNESS_WINDOW_SECONDS = 79_200
OWN_WORK_BONUS = 0.25
COMMENT_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Rank:
    """The parts of a story's hotness, in units of 22 hours: hotness = points + base + age, rounded."""

    points: float
    base: float
    age: float
    counted_comment_points: float

    @property
    def hotness(self) -> float:
        """The sort key of the front page: higher is hotter, and time alone never changes it."""
        return round(self.points + self.base + self.age, 7)


def rank(*, score: int, comment_points: float, base: float, created_at: datetime) -> Rank:
    """The rank of a story.

    `comment_points` is the sum of (score + 1) over comments by others than the submitter; half of it counts,
    at most as much as the score, nothing when `base` (tag modifiers and bonus) or the score is negative.
    Source: Lobsters' story ranking, sorted descending here.
    """
    counted = 0.0 if base < 0 else max(0.0, min(float(score), COMMENT_WEIGHT * comment_points))
    order = math.log10(max(abs(score + 1) + counted, 1.0))
    sign = (score > 0) - (score < 0)
    return Rank(
        points=order * sign,
        base=base,
        age=created_at.timestamp() / HOTNESS_WINDOW_SECONDS,
        counted_comment_points=counted,
    )


def base_of(story: Story, modifiers: list[float]) -> float:
    """The part of a rank that neither votes nor time change: its tags' modifiers, and a bonus for own work."""
    return sum(modifiers) + (OWN_WORK_BONUS if story.is_own_work and story.url else 0.0)


def rank_of(story: Story, modifiers: list[float]) -> Rank:
    """The rank of a story as it stands; `modifiers` are those of its tags."""
    return rank(
        score=story.score,
        comment_points=story.comment_points,
        base=base_of(story, modifiers),
        created_at=story.created_at,
    )


def refresh(story: Story, modifiers: list[float]) -> None:
    """Set what follows from the tallies: score, controversy, hotness. Saves nothing."""
    story.score = story.ups - story.flags
    story.controversy = controversy(story.ups, story.flags)
    story.hotness = rank_of(story, modifiers).hotness
