"""Hotness against vectors computed elsewhere, and its parts."""

from datetime import UTC, datetime

import pytest

from apps.stories.models import Story
from apps.stories.queries.single import rank_parts
from apps.stories.ranking import rank
from tests.factories import CommentFactory, StoryFactory, TagFactory

MOMENT = datetime.fromtimestamp(1_700_000_000, UTC)


# The vectors count half the comments' points and sort ascending; ours are whole and descending.
@pytest.mark.parametrize(
    ("score", "counted", "base", "expected"),
    [
        (1, 0, 0, -21464.9474946),
        (10, 4, 0, -21465.8225559),
        (50, 80, 0.25, -21466.9007860),
        (0, 3, 0, -21464.6464646),
    ],
)
def test_hotness_follows_the_known_vectors(score: int, counted: float, base: float, expected: float) -> None:
    found = rank(score=score, comment_points=2 * counted, base=base, created_at=MOMENT)

    assert found.hotness == pytest.approx(-expected, abs=1e-6)


def test_comments_count_at_most_as_much_as_the_score() -> None:
    found = rank(score=5, comment_points=1000, base=0, created_at=MOMENT)

    assert found.counted_comment_points == 5


def test_comments_on_a_subject_that_ranks_lower_do_not_count() -> None:
    found = rank(score=5, comment_points=1000, base=-0.1, created_at=MOMENT)

    assert found.counted_comment_points == 0


def test_a_disliked_story_ranks_below_one_without_points() -> None:
    disliked, plain = (rank(score=score, comment_points=0, base=0, created_at=MOMENT).hotness for score in (-5, 0))

    assert disliked < plain


def test_ten_times_the_points_are_worth_twenty_two_hours() -> None:
    early = rank(score=99, comment_points=0, base=0, created_at=MOMENT)
    late = rank(score=9, comment_points=0, base=0, created_at=datetime.fromtimestamp(1_700_000_000 + 79_200, UTC))

    assert early.hotness == pytest.approx(late.hotness)


@pytest.mark.django_db
def test_the_parts_of_a_rank_add_up_to_the_stored_hotness() -> None:
    tags = (TagFactory.create(hotness_mod=0.5), TagFactory.create(name="slow", hotness_mod=-0.25))
    story = StoryFactory.create(url="https://example.org", is_own_work=True, base_ups=7, base_flags=1, tags=tags)
    CommentFactory.create(story=story, base_ups=4)
    story = Story.objects.get(pk=story.pk)

    found, modifiers = rank_parts(story)

    assert sum(modifiers.values()) + 0.25 == found.base
    assert found.counted_comment_points == 2.5
    assert round(found.points + found.base + found.age, 7) == story.hotness
