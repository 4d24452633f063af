"""One vote: its row, and a delta for what it is on, if that row is new or gone. Not here: who may vote.

On PostgreSQL one statement, committed by itself. It neither writes nor locks what the vote is on, so however many vote
on one story, nobody waits. On SQLite, where only one can write at a time anyway, the delta is folded at once.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from apps.accounts.models import User
from apps.comments import folding
from apps.comments.models import Comment
from apps.stories.models import Story

CAST = """
    INSERT INTO votes_{kind}vote ({kind}_id, user_id, created_at) VALUES (%(item)s, %(user)s, %(now)s)
    ON CONFLICT ({kind}_id, user_id) DO NOTHING RETURNING {kind}_id, user_id, 1
"""
RETRACT = """
    DELETE FROM votes_{kind}vote WHERE {kind}_id = %(item)s AND user_id = %(user)s RETURNING {kind}_id, user_id, -1
"""
NOTE = "INSERT INTO {deltas} ({kind}_id, user_id, ups) "


def cast(by: User, item: Story | Comment, now: datetime) -> None:
    """Note the vote, unless it is there."""
    _change(CAST, item, {"item": item.pk, "user": by.pk, "now": connection.ops.adapt_datetimefield_value(now)})


def retract(by: User, item: Story | Comment) -> None:
    """Take the vote away, if there is one."""
    _change(RETRACT, item, {"item": item.pk, "user": by.pk})


def _change(sql: str, item: Story | Comment, values: Mapping[str, Any]) -> None:
    kind = item._meta.model_name
    change = sql.format(kind=kind)
    note = NOTE.format(kind=kind, deltas=type(item).deltas.field.model._meta.db_table)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"WITH changed AS ({change}) {note} SELECT * FROM changed", values)  # noqa: S608  # names are the models'
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change, values)
        if changed := cursor.fetchall():
            cursor.execute(f"{note} VALUES (%s, %s, %s)", changed[0])
            if isinstance(item, Story):
                folding.fold(stories=[item.pk])
            else:
                folding.fold(comments=[item.pk], stories=[item.story_id])
