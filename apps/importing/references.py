"""What new rows refer to: held until the end of the transaction, so that it need not be checked row by row.

PostgreSQL looks up each reference of each new row by a query of its own, which is 40 % of its work for an import.
A batch has found or made all that its rows refer to. A role with the right to SET session_replication_role may leave
these look-ups out; deleting what is referred to is checked as ever. On SQLite they cost little.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import IntegrityError, connection, models

# Nothing is set, and no row found, without the right, which can be given since version 15.
LEAVE_OUT = """
    SELECT set_config('session_replication_role', 'replica', true)
    WHERE has_parameter_privilege('session_replication_role', 'SET')
"""
FIRST_WITH_RIGHTS = 15_00_00


def hold(model: type[models.Model], keys: Collection[int]) -> None:
    """Keep these rows from being deleted until the caller's transaction ends. 1 query; IntegrityError if one is gone.

    SQLite: the caller's transaction is the only one that writes.
    """
    if not keys or connection.vendor != "postgresql":
        return
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT FROM {table} WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE", [list(keys)])
        if cursor.rowcount < len(keys):
            raise IntegrityError(f"Somebody has just deleted what the new rows refer to in {table}.")


@contextmanager
def unchecked() -> Iterator[None]:
    """Within the caller's transaction, take references as they are, where the role may. At most 2 queries."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        if cursor.connection.info.server_version >= FIRST_WITH_RIGHTS:
            cursor.execute(LEAVE_OUT)
        yield
        # Only when all went well: an aborted transaction takes it back by itself.
        if cursor.rowcount == 1:
            cursor.execute("SET LOCAL session_replication_role = origin")
