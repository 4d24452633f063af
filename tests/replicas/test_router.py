"""Which database serves which read, on a replica that lags as the test wants."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import connection, connections, models, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.replicas.router import Router
from apps.replicas.state import freshness
from tests.conftest import CountQueries
from tests.replicas.conftest import LaggingServer


def name_of(group: Group) -> str:
    return Group.objects.get(pk=group.pk).name


def test_outside_a_block_everything_is_read_from_the_primary(replica: LaggingServer) -> None:
    assert Group.objects.all().db == "default"


def test_read_goes_to_the_replica(replica: LaggingServer) -> None:
    with freshness():
        assert Group.objects.all().db == "replica1"


def test_block_that_needs_more_than_the_replica_has_reads_from_the_primary(replica: LaggingServer) -> None:
    with freshness(at_least=replica.replayed + 1):
        assert Group.objects.all().db == "default"


def test_block_inside_another_needs_what_both_need(replica: LaggingServer) -> None:
    with freshness(at_least=replica.replayed + 1), freshness():
        assert Group.objects.all().db == "default"


def test_choice_is_kept_for_the_block(replica: LaggingServer) -> None:
    with freshness(at_least=replica.replayed + 1):
        assert Group.objects.all().db == "default"
        replica.replay()
        assert Group.objects.all().db == "default"


def test_read_inside_a_transaction_sees_what_the_transaction_wrote(replica: LaggingServer) -> None:
    with freshness() as state, transaction.atomic():
        group = Group.objects.create(name="new")
        state.has_written = False

        assert name_of(group) == "new"


def test_read_after_a_write_sees_it(replica: LaggingServer) -> None:
    with freshness():
        group = Group.objects.create(name="new")

        assert name_of(group) == "new"


def test_read_after_a_raw_write_sees_it(replica: LaggingServer) -> None:
    with freshness():
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO auth_group (name) VALUES ('raw')")

        assert Group.objects.filter(name="raw").exists()


def test_raw_read_is_no_write(replica: LaggingServer) -> None:
    with freshness() as state, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM auth_group")

        assert not state.has_written


def test_relation_of_a_new_object_is_no_write(replica: LaggingServer) -> None:
    content_type = ContentType.objects.all()[0]
    replica.replay()

    with freshness() as state:
        Permission(content_type=content_type)

        assert not state.has_written
        assert Group.objects.all().db == "replica1"


def test_write_of_an_inner_block_counts_for_the_outer_one(replica: LaggingServer) -> None:
    with freshness() as outer:
        with freshness():
            Group.objects.create(name="new")

        assert outer.has_written


def test_what_hangs_on_a_row_from_the_primary_is_read_there(replica: LaggingServer) -> None:
    group = Group.objects.create(name="new")
    group.permissions.add(Permission.objects.earliest("pk"))

    with freshness():
        assert group.permissions.count() == 1
        group.refresh_from_db()
        models.prefetch_related_objects([group], "permissions")
        assert len(group.permissions.all()) == 1


def test_what_hangs_on_a_row_from_the_replica_is_read_from_the_replica(replica: LaggingServer) -> None:
    Group.objects.create(name="new")
    replica.replay()

    with freshness():
        assert Group.objects.get().permissions.all().db == "replica1"


def test_rows_from_both_may_be_related(replica: LaggingServer) -> None:
    with freshness():
        permission = Permission.objects.earliest("pk")
        group = Group.objects.create(name="new")

        group.permissions.add(permission)

        assert permission._state.db == "replica1"
        assert group.permissions.count() == 1


def test_validation_finds_a_parent_that_was_just_made(replica: LaggingServer) -> None:
    kind = ContentType.objects.create(app_label="replicas", model="new")

    with freshness(is_pinned=True):
        Permission(name="May", codename="may", content_type=kind).full_clean()


def test_validation_of_a_safe_block_would_not_find_it(replica: LaggingServer) -> None:
    kind = ContentType.objects.create(app_label="replicas", model="new")

    with freshness(), pytest.raises(ValidationError):
        Permission(name="May", codename="may", content_type_id=kind.pk).full_clean()


def test_get_or_create_looks_where_it_writes(replica: LaggingServer) -> None:
    Group.objects.create(name="there")

    with freshness():
        _, is_new = Group.objects.get_or_create(name="there")
        Group.objects.update_or_create(name="there", defaults={"name": "here"})

        assert not is_new
        assert Group.objects.get().name == "here"


def test_lock_deletion_and_bulk_go_to_the_primary(replica: LaggingServer) -> None:
    Group.objects.create(name="there")

    with freshness(), transaction.atomic():
        assert Group.objects.select_for_update().get().name == "there"
    with freshness():
        Group.objects.bulk_create([Group(name="more")])
        assert Group.objects.filter(name="there").delete()[0] == 1


def test_query_built_before_a_write_is_routed_when_it_runs(replica: LaggingServer) -> None:
    with freshness():
        lazy = Group.objects.order_by("name")
        Group.objects.create(name="new")

        assert [group.name for group in lazy] == ["new"]


def test_sessions_are_read_from_the_primary(replica: LaggingServer) -> None:
    Session.objects.create(session_key="key", session_data="", expire_date=timezone.now())

    with freshness():
        assert Session.objects.filter(session_key="key").exists()


def test_replica_that_lags_shows_the_past(replica: LaggingServer) -> None:
    Group.objects.create(name="new")

    with freshness():
        assert not Group.objects.exists()


def test_replicas_are_never_migrated(replica: LaggingServer) -> None:
    assert Router().allow_migrate("default", "auth")
    assert not Router().allow_migrate("replica1", "auth")


def test_read_goes_on_without_the_primary(replica: LaggingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    person = User.objects.create(username="ada")
    replica.replay()
    monkeypatch.setattr("apps.replicas.servers.fleet.primary.is_serving", False)

    with freshness(at_least=replica.replayed + 1, is_pinned=True):
        assert User.objects.get() == person
        assert User.objects.all().db == "replica1"


@pytest.mark.django_db
def test_test_that_is_rolled_back_reads_everything_where_it_writes() -> None:
    Group.objects.create(name="new")

    with freshness():
        assert connections["default"].in_atomic_block
        assert Router().db_for_read(Group) == "default"


def test_known_bound_routes_without_a_question(replica: LaggingServer, count_queries: CountQueries) -> None:
    with freshness(at_least=replica.replayed), count_queries() as first:
        list(Group.objects.all())
    asked = replica.num_questions

    with freshness(at_least=replica.replayed), count_queries() as second:
        list(Group.objects.all())

    assert asked == replica.num_questions == 1
    assert len(first) == len(second) == 1
