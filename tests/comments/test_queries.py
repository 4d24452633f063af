"""Threads of every shape, page by page."""

from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl

import pytest

from apps.comments import actions
from apps.comments.models import Comment
from apps.comments.queries import around, lists, pages
from apps.comments.queries.levels import ROOTS_SHOWN
from apps.comments.queries.rows import ORDERS, CommentRow
from apps.comments.threads import REPLIES_SHOWN, SHOWN
from apps.core import cursors
from apps.core.cursors import Cursor, Page
from apps.stories.models import Story
from tests.comments.forest import grow
from tests.conftest import CountQueries
from tests.factories import NOW, CommentFactory, PersonFactory, StoryFactory

pytestmark = pytest.mark.django_db
Open = Callable[[Cursor | None], Page[CommentRow]]


def cursor(link: str, order: str) -> Cursor | None:
    return cursors.parse(dict(parse_qsl(link.removeprefix("?"))), ORDERS[order])


def thread_of(story: Story, order: str = "best") -> Open:
    return lambda at: pages.thread(story, order=order, cursor=at)


def replies_to(pk: int, order: str = "best") -> Open:
    comment = Comment.objects.get(pk=pk)
    return lambda at: pages.replies(comment, order=order, cursor=at)


def all_pages(open_page: Open, order: str = "best") -> Iterator[Page[CommentRow]]:
    page = open_page(None)
    yield page
    while page.next:
        page = open_page(cursor(page.next, order))
        yield page


def read(open_page: Open, order: str = "best") -> Iterator[int]:
    """Ids as somebody meets them who turns every page and follows every "more replies" instead of reading there."""
    for page in all_pages(open_page, order):
        below = 10**9
        for row in page.rows:
            if row.level > below:
                continue
            below = 10**9
            yield row.id
            if row.cut:
                yield from read(replies_to(row.id, order), order)
                below = row.level


def ids(rows: list[CommentRow]) -> list[int]:
    return [row.id for row in rows]


def test_a_thread_of_any_size_needs_three_queries(count_queries: CountQueries) -> None:
    author = PersonFactory.create()
    stories = [StoryFactory.create(), StoryFactory.create()]
    for story, size in zip(stories, (10, 1000), strict=True):
        grow(story, author, size)

    for story in stories:
        with count_queries() as made:
            pages.thread(story, order="best", cursor=None)
        assert len(made) == 3, made


def test_an_empty_thread_is_an_empty_page() -> None:
    page = pages.thread(StoryFactory.create(), order="best", cursor=None)

    assert (page.rows, page.previous, page.next) == ([], "", "")


def test_replies_follow_what_they_answer_in_the_pages_order() -> None:
    story = StoryFactory.create()
    low, high = CommentFactory.create(story=story), CommentFactory.create(story=story, base_ups=9)
    reply = CommentFactory.create(parent=low)
    better = CommentFactory.create(parent=low, base_ups=5)

    rows = pages.thread(story, order="best", cursor=None).rows

    assert [(row.id, row.level) for row in rows] == [(high.pk, 0), (low.pk, 0), (better.pk, 1), (reply.pk, 1)]


@pytest.mark.parametrize("order", ORDERS)
def test_all_comments_on_a_level_stand_in_order(order: str) -> None:
    story = StoryFactory.create()
    grow(story, PersonFactory.create(), 300)
    keys = ORDERS[order]
    expected = list(Comment.objects.filter(parent=None).order_by(*keys.columns()).values_list("pk", flat=True))

    roots = [row.id for page in all_pages(thread_of(story, order), order) for row in page.rows if not row.level]

    assert roots == expected


@pytest.mark.parametrize("order", ORDERS)
def test_pages_backwards_are_the_pages_forwards(order: str) -> None:
    story = StoryFactory.create()
    grow(story, PersonFactory.create(), 200, roots=0.9)
    forwards = [ids(page.rows) for page in all_pages(thread_of(story, order), order)]
    *_, page = all_pages(thread_of(story, order), order)

    backwards = [ids(page.rows)]
    while page.previous:
        page = thread_of(story, order)(cursor(page.previous, order))
        backwards.append(ids(page.rows))

    assert backwards == forwards[::-1]
    assert len(forwards) > 3


def test_no_page_is_longer_than_its_caps() -> None:
    story = StoryFactory.create()
    grow(story, PersonFactory.create(), 2000, roots=0.05)

    for page in all_pages(thread_of(story)):
        roots = [row for row in page.rows if not row.level]
        by_parent: dict[int | None, int] = {}
        for row in page.rows:
            by_parent[row.parent_id] = by_parent.get(row.parent_id, 0) + 1
        assert len(page.rows) <= SHOWN
        assert len(roots) <= ROOTS_SHOWN
        assert max((number for parent, number in by_parent.items() if parent), default=0) <= REPLIES_SHOWN


@pytest.mark.parametrize("roots", [0.001, 0.5])
def test_ten_thousand_comments_are_each_met_once_while_others_arrive(roots: float) -> None:
    story, author = StoryFactory.create(created_at=NOW), PersonFactory.create()
    written = {comment.pk for comment in grow(story, author, 10_000, roots=roots)}
    root = Comment.objects.filter(parent=None).latest("pk")

    met: list[int] = []
    for number, pk in enumerate(read(thread_of(story))):
        met.append(pk)
        if number % 2500 == 0:
            parent = root if number else None
            actions.post_comment(by=author, story=story, parent=parent, text=f"Late {number}.", now=NOW)

    assert len(met) == len(set(met))
    assert written <= set(met)


def test_placeholders_stay_while_live_replies_hang_below_them() -> None:
    gone = CommentFactory.create(deleted_at=NOW)
    reply = CommentFactory.create(parent=gone)
    thread = thread_of(gone.story)

    held = thread(None).rows
    assert reply.author
    actions.delete_comment(by=reply.author, comment=reply, now=NOW)
    pruned = thread(None).rows

    assert [(row.id, row.is_gone) for row in held] == [(gone.pk, True), (reply.pk, False)]
    assert pruned == []


def test_many_placeholders_are_reached_by_the_link_to_more() -> None:
    root = CommentFactory.create()
    for _ in range(REPLIES_SHOWN + 2):
        CommentFactory.create(parent=CommentFactory.create(parent=root, removed_at=NOW))

    met = list(read(thread_of(root.story)))

    assert sorted(met) == list(Comment.objects.order_by("pk").values_list("pk", flat=True))


def test_a_comment_shows_where_it_stands(count_queries: CountQueries) -> None:
    root = CommentFactory.create()
    parent = CommentFactory.create(parent=root)
    comment = CommentFactory.create(parent=parent)
    others = [CommentFactory.create(parent=parent, base_ups=points) for points in range(2, 9)]
    CommentFactory.create(parent=parent, deleted_at=NOW)
    comment = Comment.objects.get(pk=comment.pk)

    with count_queries() as made:
        above, beside = around.ancestors(comment), around.siblings(comment)

    assert ids(above) == [root.pk, parent.pk]
    assert ids(beside) == [other.pk for other in others[: -around.SIBLINGS_SHOWN - 1 : -1]]
    assert len(made) == 2, made


def test_roots_have_other_roots_beside_them_and_nothing_above(count_queries: CountQueries) -> None:
    root = CommentFactory.create()
    other = CommentFactory.create(story=root.story)
    CommentFactory.create()

    assert around.ancestors(root) == []
    assert ids(around.siblings(root)) == [other.pk]


def test_lists_hold_what_is_live_below_stories_that_are_shown(count_queries: CountQueries) -> None:
    person = PersonFactory.create()
    older, newer = CommentFactory.create_batch(2, author=person)
    CommentFactory.create(author=person, deleted_at=NOW)
    CommentFactory.create(author=person, removed_at=NOW)
    for change in ("removed_at", "held_at"):
        CommentFactory.create(author=person, story=StoryFactory.create(**{change: NOW}))
    stranger = CommentFactory.create()

    with count_queries() as made:
        own, every = lists.by_person(person, cursor=None), lists.newest(cursor=None)

    assert ids(own.rows) == [newer.pk, older.pk]
    assert ids(every.rows) == [stranger.pk, newer.pk, older.pk]
    assert own.rows[0].story_title == newer.story.title
    assert len(made) == 2, made


def test_lists_say_nothing_of_a_story_that_its_author_has_deleted() -> None:
    story = StoryFactory.create(title="My secret", deleted_at=NOW)
    CommentFactory.create(story=story)

    (row,) = lists.newest(cursor=None).rows

    assert (row.story_title, row.story_slug) == ("", "")
