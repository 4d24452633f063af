"""Questions whose SQL is made once: for what every page of a member asks, making it costs more than running it."""

from collections.abc import Callable, Sequence
from functools import cache, wraps
from typing import Any

from django.db import connections, models, router

Build = Callable[[int, Sequence[int]], models.QuerySet[Any, Any]]
Ask = Callable[[int, Sequence[int]], list[tuple[Any, ...]]]

# Stands for the person while the SQL is made, as the numbers below it stand for the ids: no row has one of them.
PERSON = -1


def prepared(build: Build) -> Ask:
    """Have the SQL of a query about a person and some rows made once for each number of rows.

    `build` gets ids and may compare with them, nothing else. Rows come as the driver gives them: ask for numbers and
    texts. Costs about 50 µs besides the database; by Django's way 300 µs, with four subqueries 2,500 µs.
    """

    @cache
    def statement(num_ids: int) -> tuple[type[models.Model], str, tuple[Any, ...]]:
        rows = build(PERSON, _stand_ins(num_ids))
        return rows.model, *rows.query.sql_with_params()

    @wraps(build)
    def ask(person_id: int, ids: Sequence[int]) -> list[tuple[Any, ...]]:
        if not ids:
            return []
        model, sql, parameters = statement(len(ids))
        values = {PERSON: person_id, **dict(zip(_stand_ins(len(ids)), ids, strict=True))}
        with connections[router.db_for_read(model)].cursor() as cursor:
            cursor.execute(sql, [values.get(parameter, parameter) for parameter in parameters])
            return list(cursor.fetchall())

    return ask


def _stand_ins(num_ids: int) -> Sequence[int]:
    return range(PERSON - num_ids, PERSON)
