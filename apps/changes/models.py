"""The table of changes. Not here: who notes one (each app's actions)."""

from typing import Any

from django.db import models
from django.db.models.expressions import Func


class WritingTransaction(Func):
    """The number of the transaction that writes: on PostgreSQL they get it in this order. On SQLite one writes at a
    time, so that the order of rows will do.
    """

    template = "pg_current_xact_id()::text::bigint"
    output_field = models.BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Always the same."""
        return self.as_sql(compiler, connection, template="0", **context)


class Horizon(Func):
    """Below this number all transactions have ended, as far as the server that is asked has come, a replica too."""

    template = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    output_field = models.BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Above all."""
        return self.as_sql(compiler, connection, template="1", **context)


class ChangeQuerySet(models.QuerySet["Change"]):
    """Changes in an order to which nothing is ever added but at its end."""

    def settled(self) -> "ChangeQuerySet":
        """Those before which no other can appear: no older transaction is still at work."""
        return self.filter(transaction__lt=Horizon()).order_by("transaction", "id")


class Change(models.Model):
    """The `kind` of thing numbered `key` was made, changed, taken away or brought back."""

    kind = models.CharField(max_length=20)
    key = models.BigIntegerField()
    transaction = models.BigIntegerField(db_default=WritingTransaction())
    created_at = models.DateTimeField(db_index=True)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["transaction", "id"], name="changes_in_order")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
