"""The layout of a page, for every shape of tree."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from apps.comments.threads import REPLIES_SHOWN, Place, Twig, lay_out

# For each comment: what it answers (counted back from it, 0 for nothing), and whether it is still there.
TREES = st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=60)


def grown(tree: list[tuple[int, bool]]) -> list[Twig]:
    """The whole tree, ids from 1; who is gone and has nothing live below is left out, as in the database."""
    parents = {at: (at - back if 0 < back < at else None) for at, (back, _) in enumerate(tree, start=1)}
    below: Counter[int] = Counter()
    for at, (_, is_live) in enumerate(tree, start=1):
        above = parents[at] if is_live else None
        while above:
            below[above] += 1
            above = parents[above]
    twigs = [Twig(at, parents[at], below[at], is_live) for at, (_, is_live) in enumerate(tree, start=1)]
    return [twig for twig in twigs if twig.size]


def picked(twigs: list[Twig], limit: int) -> tuple[list[Twig], set[int]]:
    """What the database picks: level by level the first replies of each, up to `limit`; and where that ends."""
    waiting = [twig for twig in twigs if twig.parent_id is None]
    found = []
    while waiting:
        twig = waiting.pop(0)
        found.append(twig)
        waiting += [reply for reply in twigs if reply.parent_id == twig.id][:REPLIES_SHOWN]
    ids, left_out = [twig.id for twig in found[:limit]], found[limit:]
    ended_at = ids.index(left_out[0].parent_id) if left_out and left_out[0].parent_id else 0
    return sorted(found[:limit], key=lambda twig: twig.id), set(ids[ended_at:] if left_out else ())


def laid_out(twigs: list[Twig], limit: int = 1000) -> list[Place]:
    chosen, unfinished = picked(twigs, limit)
    return lay_out([twig.id for twig in chosen if twig.parent_id is None], chosen, unfinished)


@given(TREES, st.integers(1, 80))
def test_each_comment_stands_once_below_what_it_answers(tree: list[tuple[int, bool]], limit: int) -> None:
    by_id = {twig.id: twig for twig in grown(tree)}

    places = laid_out(list(by_id.values()), limit)

    branch: list[int] = []
    for place in places:
        del branch[place.level :]
        assert by_id[place.id].parent_id == (branch[-1] if branch else None)
        branch.append(place.id)
    assert len({place.id for place in places}) == len(places)


@given(TREES, st.integers(1, 80))
def test_what_is_shown_and_what_is_cut_is_everything(tree: list[tuple[int, bool]], limit: int) -> None:
    twigs = {twig.id: twig for twig in grown(tree)}
    places = laid_out(list(twigs.values()), limit)

    shown = sum(twigs[place.id].is_live for place in places)
    roots = [twigs[place.id] for place in places if not place.level]

    assert shown + sum(place.cut for place in places) == sum(root.size for root in roots)


@given(TREES, st.integers(1, 80))
def test_replies_are_shown_from_the_first_one_on(tree: list[tuple[int, bool]], limit: int) -> None:
    twigs = grown(tree)
    shown = {place.id for place in laid_out(twigs, limit)}

    for twig in twigs:
        replies = [reply.id for reply in twigs if reply.parent_id == twig.id]
        there = [reply for reply in replies if reply in shown]
        assert there == replies[: len(there)]
        assert len(there) <= REPLIES_SHOWN


def test_a_short_thread_is_shown_whole() -> None:
    twigs = [Twig(1, None, 2, True), Twig(2, 1, 1, True), Twig(3, 2, 0, True), Twig(4, None, 0, True)]

    assert laid_out(twigs) == [Place(1, 0, 0), Place(2, 1, 0), Place(3, 2, 0), Place(4, 0, 0)]


def test_the_eleventh_reply_is_cut_with_all_below_it() -> None:
    replies = [Twig(at, 1, 0, True) for at in range(2, 12)]
    twigs = [Twig(1, None, 12, True), *replies, Twig(12, 1, 1, True), Twig(13, 12, 0, True)]

    assert laid_out(twigs)[0] == Place(1, 0, 2)


def test_a_family_that_does_not_fit_is_left_out_whole() -> None:
    twigs = [Twig(1, None, 3, True), Twig(2, 1, 0, True), Twig(3, 1, 0, True), Twig(4, 1, 0, True)]

    assert laid_out(twigs, limit=3) == [Place(1, 0, 3)]


@given(TREES, st.data())
def test_a_count_that_is_late_hides_nothing(tree: list[tuple[int, bool]], data: st.DataObject) -> None:
    twigs = grown(tree)
    late = [twig._replace(num_descendants=data.draw(st.integers(0, 9))) for twig in twigs]

    places = laid_out(late)

    assert [(place.id, place.level) for place in places] == [(place.id, place.level) for place in laid_out(twigs)]


def test_nothing_is_laid_out_as_nothing() -> None:
    assert lay_out([], []) == []
