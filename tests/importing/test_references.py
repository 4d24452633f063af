"""References of imported rows are right, whether the database checks each or not."""

import pytest
from django.db import IntegrityError, connection, models

from apps.accounts.models import User
from apps.comments.models import Comment, CommentText
from apps.importing import references
from apps.importing.models import ImportedItem, ImportedPerson
from apps.stories.models import Story, StoryTag, StoryText
from tests.factories import PersonFactory
from tests.importing.conftest import Import
from tests.importing.items import comment, content, story

pytestmark = pytest.mark.django_db
only_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="only PostgreSQL can leave the checks of references out"
)
IMPORTED = (Story, StoryText, StoryTag, Comment, CommentText, ImportedItem, ImportedPerson)
FIRST = [story(1, tags=["a"], text="Words"), comment(2, 1), comment(3, 2, by="maren")]
THEN = [story(4, tags=["a", "b"]), comment(5, 3), comment(6, 5, by="new"), comment(7, 1, deleted=True, by=None)]


def answers(question: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return [answer for (answer,) in cursor.fetchall()]


@pytest.fixture
def without_rights() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE importing_nobody")
        cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO importing_nobody")
        cursor.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO importing_nobody")
        cursor.execute("SET LOCAL ROLE importing_nobody")


@pytest.mark.parametrize("model", IMPORTED)
def test_every_reference_leads_to_a_row(import_items: Import, model: type[models.Model]) -> None:
    import_items(*FIRST)
    import_items(*THEN)

    rows = model._default_manager.all()
    assert rows.exists()
    for field in model._meta.concrete_fields:
        if target := field.related_model:
            assert isinstance(target, type)
            known = target._default_manager.values("pk")
            assert not rows.exclude(**{field.name: None}).exclude(**{f"{field.name}__in": known}).exists()


@only_postgresql
def test_a_role_with_the_right_leaves_the_checks_out_for_new_rows_alone() -> None:
    with references.unchecked():
        inside = answers("SHOW session_replication_role")

    assert inside == ["replica"]
    assert answers("SHOW session_replication_role") == ["origin"]


@only_postgresql
@pytest.mark.usefixtures("without_rights")
def test_a_role_without_the_right_has_each_reference_checked() -> None:
    with references.unchecked():
        assert answers("SHOW session_replication_role") == ["origin"]


@only_postgresql
def test_either_way_the_same_is_taken_in(import_items: Import, request: pytest.FixtureRequest) -> None:
    import_items(*FIRST, *THEN)
    unchecked = content()
    Comment.objects.all().delete()
    Story.objects.all().delete()
    User.objects.all().delete()
    request.getfixturevalue("without_rights")

    import_items(*FIRST, *THEN)

    assert content() == unchecked


@only_postgresql
def test_what_has_been_deleted_meanwhile_is_not_referred_to() -> None:
    person = PersonFactory.create()

    with pytest.raises(IntegrityError, match="deleted what the new rows refer to"):
        references.hold(User, [person.pk, person.pk + 1])


@only_postgresql
def test_no_trigger_of_our_own_would_be_left_out_too() -> None:
    assert answers("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal") == []
