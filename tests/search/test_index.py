"""The index follows what people and moderators do, by jobs, and never holds what nobody may see."""

from datetime import timedelta

import pytest

from apps.accounts.actions import edit_profile, set_rights
from apps.accounts.models import User
from apps.comments.actions import delete_comment, edit_comment, post_comment
from apps.comments.models import Comment
from apps.communities.actions import define_tag
from apps.importing.actions import import_batch
from apps.jobs.models import Job
from apps.moderation.actions.acts import remove_comment, remove_story, restore_comment, restore_story
from apps.search import actions
from apps.search.models import Document
from apps.stories.actions import Draft, delete_story, edit_story, submit_story
from apps.stories.models import Story
from tests.factories import (
    NOW,
    CommentFactory,
    CommunityFactory,
    ModeratorFactory,
    PersonFactory,
    StoryFactory,
    TagFactory,
)
from tests.pagecache.acts import imported
from tests.search.indexing import documents, found, index_all, run_jobs

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("each_engine")]

DRAFT = Draft("Waves of sound", text="About *tides*.", tags=("physics",))


@pytest.fixture
def author() -> User:
    return PersonFactory.create()


@pytest.fixture
def moderator() -> User:
    return ModeratorFactory.create()


@pytest.fixture
def story(author: User) -> Story:
    """Submitted, and indexed."""
    TagFactory.create(name="physics")
    story = submit_story(by=author, community=CommunityFactory.create(), draft=DRAFT, now=NOW)
    run_jobs()
    return story


@pytest.fixture
def comment(author: User, story: Story) -> Comment:
    """Posted, and indexed."""
    comment = post_comment(by=author, story=story, text="Ebb and `flow`.", now=NOW)
    run_jobs()
    return comment


def test_a_story_is_found_by_title_and_text(story: Story) -> None:
    assert found("sound") == found("tide") == [("story", story.pk)]


def test_an_edited_story_is_found_by_its_new_words_only(author: User, story: Story) -> None:
    edit_story(by=author, story=story, draft=Draft("Particles", text="New.", tags=("physics",)), now=NOW)

    run_jobs()

    assert (found("sound"), found("particle")) == ([], [("story", story.pk)])


def test_a_deleted_story_is_not_found_even_before_its_job(author: User, story: Story, comment: Comment) -> None:
    delete_story(by=author, story=story, now=NOW)

    assert found("sound") == []
    run_jobs()
    assert documents() >= {("comment", comment.pk)}
    assert ("story", story.pk) not in documents()


def test_a_removed_story_takes_its_comments_along_and_back(moderator: User, story: Story, comment: Comment) -> None:
    remove_story(by=moderator, story=story, reason="Spam.", now=NOW)
    assert found("sound") == found("flow") == []

    run_jobs()
    assert not {("story", story.pk), ("comment", comment.pk)} & documents()

    restore_story(by=moderator, story=story, reason="No spam.", now=NOW)
    run_jobs()
    assert (found("sound"), found("flow")) == ([("story", story.pk)], [("comment", comment.pk)])


def test_a_held_story_is_in_no_index(story: Story) -> None:
    Story.objects.filter(pk=story.pk).update(held_at=NOW)
    assert found("sound") == []

    actions.index(kind="story", pk=story.pk)

    assert ("story", story.pk) not in documents()


def test_a_comment_is_found_until_it_is_gone(author: User, moderator: User, comment: Comment) -> None:
    edit_comment(by=author, comment=comment, text="Spring tide.", now=NOW)
    run_jobs()
    assert (found("flow"), found("spring")) == ([], [("comment", comment.pk)])

    remove_comment(by=moderator, comment=comment, reason="Rude.", now=NOW)
    assert found("spring") == []
    restore_comment(by=moderator, comment=comment, reason="Not rude.", now=NOW)
    run_jobs()
    assert found("spring") == [("comment", comment.pk)]

    delete_comment(by=author, comment=comment, now=NOW)
    assert found("spring") == []
    run_jobs()
    assert ("comment", comment.pk) not in documents()


def test_people_and_tags_are_found_by_what_their_names_begin_with() -> None:
    person = PersonFactory.create(username="GrayBeard")
    edit_profile(by=person, about="Sails.", now=NOW)
    tag = define_tag(category="Kinds", position=1, name="graphics", summary="Pictures.")
    run_jobs()

    assert found("is:person gray", "score") == found("is:person graybeard", "score") == [("person", person.pk)]
    assert found("is:person sails", "score") == [("person", person.pk)]
    assert found("is:tag gra", "score") == [("tag", tag.pk)]
    assert found("gray") == []


def test_who_can_no_longer_log_in_is_not_found(author: User) -> None:
    actions.index(kind="person", pk=author.pk)
    set_rights(person=author, is_moderator=False, is_staff=False, is_active=False)
    assert found(f"is:person {author.username}", "score") == []

    run_jobs()

    assert documents() == set()


def test_an_import_is_found_after_its_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "STEP", 2)
    import_batch(imported(1, 2, 3, 4, 5, 6), NOW)

    run_jobs()

    kinds = sorted(kind for kind, _ in documents() if kind != "tag")
    assert kinds.count("story") == 1
    assert kinds.count("comment") == 5


def test_indexing_twice_changes_nothing(story: Story) -> None:
    before = Document.objects.values().get(kind="story")

    actions.index(kind="story", pk=story.pk)

    assert Document.objects.values().get(kind="story") == before


def test_what_is_rolled_back_is_not_indexed(author: User) -> None:
    with pytest.raises(Exception, match="tags"):
        submit_story(by=author, community=CommunityFactory.create(), draft=Draft("No tags", text="x"), now=NOW)

    assert not Job.objects.filter(name="search.index", ids__kind="story").exists()


def test_a_thread_is_indexed_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "STEP", 2)
    story = StoryFactory.create()
    comments = [CommentFactory.create(story=story) for _ in range(5)]

    actions.index_thread(story_id=story.pk, after=0)
    run_jobs()

    assert documents() == {("comment", comment.pk) for comment in comments}


@pytest.mark.drifts(reason="rows lost without an action")
def test_documents_of_rows_that_are_no_more_go_with_a_rebuild() -> None:
    comment = CommentFactory.create()
    CommentFactory.create()
    index_all()
    Comment.objects.filter(pk=comment.pk).delete()

    index_all()

    assert ("comment", comment.pk) not in documents()


@pytest.mark.parametrize("kind", ["story", "comment", "person", "tag"])
def test_a_row_that_was_never_there_does_no_harm(kind: str) -> None:
    actions.index(kind=kind, pk=10**12)

    assert documents() == set()


def test_plain_words_stand_in_the_index(author: User) -> None:
    story = StoryFactory.create(title="A < B & C", text="x<y **un**real\n\n- one\n- two\n\n[link](https://a.example)")

    actions.index(kind="story", pk=story.pk)

    assert (document := Document.objects.get()).title == "A < B & C"
    assert document.body == "x<y unreal one two link"


def test_only_changes_since_are_indexed_by_id() -> None:
    old = CommentFactory.create(created_at=NOW - timedelta(days=1))

    actions.index_step(kind="comment", after=old.pk, last=old.pk + 10)

    assert documents() == set()
