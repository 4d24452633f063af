"""Files of any order and quality."""

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from unittest import mock

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.comments.models import Comment
from apps.importing import runs
from apps.importing.actions import Outcome, import_batch
from apps.importing.items import Item
from apps.importing.rejects import BadLine
from tests.factories import NOW
from tests.importing.conftest import Import, Write, as_line
from tests.importing.items import comment, comment_of, content, counters, recount, story, story_of

pytestmark = pytest.mark.django_db

ReadRejects = Callable[[], list[tuple[int, str]]]


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "BATCH_ITEMS", 3)


@pytest.mark.usefixtures("small_batches")
def test_a_file_with_its_newest_items_first_is_taken_in(import_items: Import) -> None:
    items = [story(1), *(comment(number, number - 1) for number in range(2, 30))]

    summary = import_items(*reversed(items))

    assert (summary.stories, summary.comments, summary.rejected, summary.waiting) == (1, 28, 0, 0)
    assert counters() == recount()


@pytest.mark.usefixtures("small_batches")
def test_a_child_finds_its_parent_in_another_file(write_items: Write, import_files: Import) -> None:
    children = write_items(comment(2, 1), comment(3, 2), name="children.jsonl")
    parents = write_items(story(1), name="parents.jsonl")

    summary = import_files(children, parents)

    assert (summary.stories, summary.comments, summary.rejected) == (1, 2, 0)


@pytest.mark.usefixtures("small_batches")
def test_orphans_and_cycles_are_rejected_and_all_else_is_taken_in(import_items: Import, rejects: ReadRejects) -> None:
    orphan, below_orphan = comment(2, 404), comment(3, 2)
    cycle = [comment(5, 7), comment(6, 5), comment(7, 6)]

    summary = import_items(orphan, below_orphan, story(1), *cycle, comment(8, 1), comment(9, 8), comment(10, 9))

    assert (summary.read, summary.stories, summary.comments, summary.rejected) == (9, 1, 3, 5)
    assert sorted(line for line, _ in rejects()) == [1, 2, 4, 5, 6]
    assert {reason.split(":")[0] for _, reason in rejects()} == {
        f"parent {number} not found" for number in (404, 2, 7, 5, 6)
    }


@pytest.mark.usefixtures("small_batches")
def test_an_interrupted_run_is_simply_run_again(
    write_items: Write, import_files: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(5)
    items = [story(1), *(comment(number, rng.randrange(1, number)) for number in range(2, 40))]
    rng.shuffle(items)
    path = write_items(*items)
    with undone():
        import_files(path)
        in_one_go = content()
    monkeypatch.setattr(runs, "import_batch", stopping_at(10))
    with pytest.raises(KeyboardInterrupt):
        import_files(path)
    assert counters() == recount()
    monkeypatch.setattr(runs, "import_batch", import_batch)

    summary = import_files(path)

    assert summary.known > 0
    assert content() == in_one_go


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"id": 2', "not JSON"),
        (b"[2]", "not a JSON object"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"id": 2, "type": "story", "title": "\xff"}', "not UTF-8 at byte 37"),
        (as_line(comment(2, 2)), "its own parent"),
        (as_line(story(2, type="comment")), "parent is not a number or a short text"),
        (as_line(story(2, id=True)), "id is not a number or a short text"),
        (as_line(story(2, id="x" * 41)), "longer than 40 characters"),
        (as_line(story(2, id="a\x00b")), "odd characters"),
        (as_line(story(2, time=86_399)), "absurd"),
        (as_line(story(2, time=int(NOW.timestamp()) + 90_000)), "absurd"),
        (as_line(story(2, time=10**30)), "absurd"),
        (as_line(story(2, time="today")), "time is not a whole number"),
        (as_line(story(2, time=None)), "time is missing"),
        (as_line(story(2, title=None)), "title is missing"),
        (as_line(story(2, title="\x00 \u202e")), "title is missing"),
        (as_line(story(2, title=5)), "title is not a text"),
        (as_line(story(2, by=None)), "by is missing"),
        (as_line(story(2, by="x" * 101)), "by is longer than 100 characters"),
        (as_line(story(2, score=1.5)), "score is not a whole number"),
        (as_line(story(2, score=10**12)), "absurd"),
        (as_line(story(2, tags="a b")), "tags are not a list"),
        (as_line(story(2, src_fmt="rtf")), "not html, markdown or plain"),
        (as_line(story(2, type="pollopt")), "'pollopt' is not taken in"),
        (as_line(story(2, text="x" * 10_000_000)), "text is longer than 200,000 characters"),
        (as_line(comment(2, 1, text="x" * 20_001, src_fmt="markdown")), "text is longer than 20,000 characters"),
        (b'{"kids": "' + b"x" * 17_000_000, "longer than 16 MB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_line_is_kept_with_its_reason(
    import_items: Import, rejects: ReadRejects, line: bytes, reason: str
) -> None:
    summary = import_items(story(1), line, b"", comment(3, 1))

    assert (summary.read, summary.stories, summary.comments, summary.rejected) == (3, 1, 1, 1)
    ((number, told),) = rejects()
    assert number == 2
    assert reason in told


def test_strict_stops_at_the_first_bad_line(import_items: Import) -> None:
    with pytest.raises(BadLine, match="line 2: it is its own parent"):
        import_items(story(1), comment(2, 2), story(3), strict=True)


def test_rejects_of_an_earlier_run_do_not_stay(import_items: Import, rejects: ReadRejects) -> None:
    import_items(b"bad")

    import_items(story(1))

    assert rejects() == []


def test_control_characters_are_taken_out(import_items: Import) -> None:
    import_items(story(1, title="a\x00b\x07\ud800c", by="m\x00aren"), comment(2, 1, text="raw \x00 nul"))

    author = story_of(1).author
    assert story_of(1).title == "abc"
    assert author is not None
    assert author.username == "maren"
    assert comment_of(2).story_id == story_of(1).pk


def forests() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Up to twenty items in any order: parents may be missing, come later, or lead in a circle."""
    fate = st.sampled_from(({}, {}, {}, {"deleted": True}, {"dead": True}, {"deleted": True, "by": None}))
    points = st.fixed_dictionaries({"score": st.integers(-5, 9) | st.none(), "flags": st.integers(0, 3)})
    spread = st.fixed_dictionaries({"by": st.sampled_from("abc"), "time": st.integers(10**9, 10**9 + 1000)})
    shape = st.tuples(st.integers(-2, 12), fate, points, spread)

    def build(shapes: list[Any]) -> list[dict[str, Any]]:
        return [
            (comment(number, parent) if parent > 0 else story(number)) | extra | score | fate
            for number, (parent, fate, score, extra) in enumerate(shapes, start=1)
        ]

    return st.lists(shape, min_size=1, max_size=20).map(build).flatmap(st.permutations)


@given(items=forests(), batch_size=st.integers(1, 8))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_forest_in_any_order_has_right_counters(
    items: list[dict[str, Any]], batch_size: int, write_items: Write, import_files: Import
) -> None:
    with undone(), mock.patch.object(runs, "BATCH_ITEMS", batch_size):
        summary = import_files(write_items(*items))

        assert summary.stories + summary.comments + summary.rejected == len(items)
        assert summary.comments == Comment.objects.count()
        assert counters() == recount()


@contextmanager
def undone() -> Iterator[None]:
    """Takes back what is written inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def stopping_at(number: int) -> Callable[[Sequence[Item], datetime], Outcome]:
    """import_batch, interrupted at batch `number`."""
    calls = itertools.count(1)

    def import_or_stop(items: Sequence[Item], now: datetime) -> Outcome:
        if next(calls) == number:
            raise KeyboardInterrupt
        return import_batch(items, now)

    return import_or_stop
