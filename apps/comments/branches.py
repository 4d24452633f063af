"""How rows in reading order become branches within branches. Not here: which rows a page shows (threads.py)."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from apps.comments.queries.rows import CommentRow


def nested(rows: Sequence[CommentRow]) -> Iterator[tuple[CommentRow, list[CommentRow]]]:
    """Each row with the rows whose branches end after it, innermost first; none when its replies follow."""
    unfinished: list[CommentRow] = []
    for row, following in zip_longest(rows, rows[1:]):
        unfinished.append(row)
        level = following.level if following else 0
        yield row, [unfinished.pop() for _ in range(len(unfinished) - level)]
