"""Operations for migrations that do more on PostgreSQL; on SQLite they leave plain tables and indexes."""

from django.contrib.postgres.operations import AddIndexConcurrently as PostgresAddIndexConcurrently
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddIndex, RunSQL
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

PARTITIONS = 16


class AddIndexConcurrently(PostgresAddIndexConcurrently):
    """Adds an index while everybody writes. The migration says `atomic = False`."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Build it; elsewhere as any index."""
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        else:
            AddIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Drop it in the same way."""
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
        else:
            AddIndex.database_backwards(self, app_label, schema_editor, from_state, to_state)


class FillFactor(Operation):
    """Leaves room in each page of a table, `percent` being filled, so that new versions of a row find a place there.

    Then no index is touched, as long as none holds a column that changes.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, model_name: str, percent: int) -> None:
        self.model_name = model_name
        self.percent = percent

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing: Django does not look inside pages."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Set it."""
        if schema_editor.connection.vendor == "postgresql":
            table = to_state.apps.get_model(app_label, self.model_name)._meta.db_table
            schema_editor.execute(f"ALTER TABLE {table} SET (fillfactor = {self.percent})")

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Take it back."""
        if schema_editor.connection.vendor == "postgresql":
            table = from_state.apps.get_model(app_label, self.model_name)._meta.db_table
            schema_editor.execute(f"ALTER TABLE {table} RESET (fillfactor)")

    def describe(self) -> str:
        """What `migrate` and `sqlmigrate` show."""
        return f"Fill pages of {self.model_name} to {self.percent} % (PostgreSQL)"


class RunSQLOn(RunSQL):
    """SQL for one kind of database, `vendor`; elsewhere nothing."""

    def __init__(self, vendor: str, sql: str, reverse_sql: str) -> None:
        super().__init__(sql, reverse_sql)
        self.vendor = vendor

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Run it."""
        if schema_editor.connection.vendor == self.vendor:
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Undo it."""
        if schema_editor.connection.vendor == self.vendor:
            super().database_backwards(app_label, schema_editor, from_state, to_state)


class PartitionByHash(Operation):
    """Splits a table by the hash of one column into PARTITIONS; models and queries stay as they are.

    For a table that the same migration has just made: it is made again. PostgreSQL wants the column in every unique
    index: the primary key becomes (id, column) in the database, and all unique constraints must name the column.
    """

    reduces_to_sql = True

    def __init__(self, model_name: str, field: str) -> None:
        self.model_name = model_name
        self.field = field

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing: Django sees one table with the key `id`."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Make the table again, in partitions."""
        if schema_editor.connection.vendor != "postgresql":
            return
        model = self._with_wider_key(app_label, to_state)
        table = model._meta.db_table
        column = model._meta.get_field(self.field).column  # type: ignore[union-attr]  # a column of the table itself
        schema_editor.delete_model(model)
        plain_sql = schema_editor.sql_create_table
        schema_editor.sql_create_table = f"{plain_sql} PARTITION BY HASH ({column})"
        schema_editor.create_model(model)
        schema_editor.sql_create_table = plain_sql
        schema_editor.execute(f"ALTER TABLE {table} ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY")
        for number in range(PARTITIONS):
            part = f"FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {number})"
            schema_editor.execute(f"CREATE TABLE {table}_{number:02} PARTITION OF {table} {part}")

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Nothing: the partitions go with their table."""

    def describe(self) -> str:
        """What `migrate` and `sqlmigrate` show."""
        return f"Split {self.model_name} by the hash of its {self.field} (PostgreSQL)"

    def _with_wider_key(self, app_label: str, state: ProjectState) -> type[models.Model]:
        state = state.clone()
        fields = state.models[app_label, self.model_name.lower()].fields
        fields |= {"id": models.BigIntegerField(), "pk": models.CompositePrimaryKey("id", self.field)}
        state.reload_model(app_label, self.model_name.lower())
        return state.apps.get_model(app_label, self.model_name)
