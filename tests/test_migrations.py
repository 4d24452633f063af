"""Migrations run while the previous release serves: what would stop or break it is found here."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, migrations, models
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.models import ModelOperation
from django.db.migrations.state import ProjectState

from apps.comments.models import Comment
from apps.core.schema import AddIndexConcurrently
from apps.stories.models import Story

TITLE = models.Index(fields=["title"], name="stories_by_title")
NOW = ProjectState.from_apps(Story._meta.apps)
ADVICE = """Migrations run while the previous release serves (docs/releases.md).
- An index: AddIndexConcurrently of apps/core/schema.py, and `atomic = False`, so that nobody waits while it is built.
- A constraint: on new tables only. On others add it NOT VALID by RunSQL, and validate it in the next migration.
- A field: null=True or db_default=…, since the previous release adds rows without it.
- A field that goes: first an AlterField to null=True or db_default=…, since this release adds rows without it.
- Another type, a shorter text, no more NULL, another name: a new field instead, filled by a command; the old one goes.
"""


def hindrances(migration: Migration, state: ProjectState) -> Iterator[str]:
    """Operations that make a release beside it wait or fail; a table that the migration itself makes is free.

    `state` is that of before.
    """
    state, new = state.clone(), set[str]()
    for operation in migration.operations:
        if isinstance(operation, migrations.CreateModel):
            new.add(operation.name.lower())
        if table_of(operation) not in new and hinders(operation, migration.app_label, state):
            yield f"{migration.app_label}.{migration.name}: {operation.describe()}"
        operation.state_forwards(migration.app_label, state)


def table_of(operation: Operation) -> str:
    name = getattr(operation, "model_name", "") or (operation.name if isinstance(operation, ModelOperation) else "")
    return name.lower()


def hinders(operation: Operation, app_label: str, state: ProjectState) -> bool:
    def before(name: str) -> "models.Field[Any, Any]":
        field: models.Field[Any, Any] = state.models[app_label, table_of(operation)].get_field(name)
        return field

    match operation:
        case AddIndexConcurrently():
            return False
        case migrations.AddField(field=field):
            return not may_be_left_out(field) or field.unique
        case migrations.RemoveField(name=name):
            return not may_be_left_out(before(name))
        case migrations.AlterField(name=name, field=field):
            return is_stricter(field, before(name))
        case migrations.AddIndex() | migrations.AddConstraint():
            return True
        case migrations.RenameField() | migrations.RenameModel() | migrations.AlterModelTable():
            return True
    return False


def may_be_left_out(field: "models.Field[Any, Any]") -> bool:
    """Whether rows are added by a release that knows nothing of it."""
    return field.null or bool(field.many_to_many) or field.has_db_default()


def is_stricter(field: "models.Field[Any, Any]", before: "models.Field[Any, Any]") -> bool:
    """Whether the table is written anew, or refuses what was right."""
    is_shorter = (field.max_length or 0) < (before.max_length or 0)
    is_narrower = (before.null and not field.null) or (field.unique and not before.unique)
    return field.get_internal_type() != before.get_internal_type() or is_shorter or is_narrower


def state_before(loader: MigrationLoader, migration: Migration) -> ProjectState:
    return loader.project_state((migration.app_label, migration.name), at_end=False)


def made_up(*operations: Operation) -> Migration:
    migration = Migration("0002_made_up", "stories")
    migration.operations = operations  # type: ignore[misc]  # an instance has its own
    return migration


def test_migrations_let_the_previous_release_work() -> None:
    loader = MigrationLoader(None)
    on_disk = loader.disk_migrations.values()
    ours = [found for found in on_disk if type(found).__module__.startswith("apps.") and not found.initial]

    wrong = [words for migration in ours for words in hindrances(migration, state_before(loader, migration))]

    assert not wrong, f"{ADVICE}Change these: {wrong}"


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddIndex("story", TITLE),
        migrations.AddConstraint("story", models.UniqueConstraint(fields=["title"], name="stories_one_title")),
        migrations.AddField("story", "mood", models.CharField(max_length=20)),
        migrations.AddField("story", "mood", models.CharField(max_length=20, null=True, unique=True)),
        migrations.RemoveField("story", "title"),
        migrations.AlterField("story", "title", models.TextField()),
        migrations.AlterField("story", "title", models.CharField(max_length=20)),
        migrations.AlterField("story", "removed_at", models.DateTimeField()),
        migrations.RenameField("story", "title", "heading"),
        migrations.RenameModel("Story", "Tale"),
    ],
)
def test_what_stops_or_breaks_the_previous_release_is_found(operation: Operation) -> None:
    assert list(hindrances(made_up(operation), NOW))


@pytest.mark.parametrize(
    "operation",
    [
        AddIndexConcurrently("story", TITLE),
        migrations.AddField("story", "mood", models.CharField(max_length=20, null=True)),
        migrations.AddField("story", "mood", models.CharField(max_length=20, db_default="calm")),
        migrations.AlterField("story", "title", models.CharField(max_length=1000)),
        migrations.RemoveField("story", "removed_at"),
    ],
)
def test_what_the_previous_release_can_live_with_is_not(operation: Operation) -> None:
    assert not list(hindrances(made_up(operation), NOW))


def test_a_new_table_may_have_what_it_likes() -> None:
    table = migrations.CreateModel("Mood", [("id", models.BigAutoField(primary_key=True))])
    index = migrations.AddIndex("mood", models.Index(fields=["id"], name="moods"))

    assert not list(hindrances(made_up(table, index), NOW))


@pytest.mark.django_db(transaction=True)
def test_an_index_is_added_and_dropped_outside_a_transaction_on_either_database() -> None:
    before = ProjectState.from_apps(Story._meta.apps)
    operation = AddIndexConcurrently("story", TITLE)
    after = before.clone()
    operation.state_forwards("stories", after)

    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("stories", editor, before, after)
    assert TITLE.name in indexes_of(Story)

    with connection.schema_editor(atomic=False) as editor:
        operation.database_backwards("stories", editor, after, before)
    assert TITLE.name not in indexes_of(Story)


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL leaves room in its pages")
def test_pages_of_comments_have_room_for_their_counts() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reloptions FROM pg_class WHERE relname = %s", [Comment._meta.db_table])

        assert cursor.fetchone() == (["fillfactor=90"],)


def indexes_of(model: type[models.Model]) -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, model._meta.db_table))
