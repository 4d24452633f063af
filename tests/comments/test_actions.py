"""Writing, changing and deleting comments."""

from datetime import timedelta

import pytest

from apps.accounts.models import User
from apps.accounts.permissions import Banned
from apps.comments import actions
from apps.comments.models import EDIT_WINDOW, MAX_DEPTH, TEXT_LENGTH, Comment, CommentText, Visit
from apps.comments.permissions import EditingClosed, ThreadClosed
from apps.core.errors import Invalid, NotAllowed
from apps.stories.models import COMMENT_WINDOW, Story
from tests.factories import NOW, CommentFactory, PersonFactory, StoryFactory

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def post(story: Story, text: str = "Well said.", parent: Comment | None = None) -> Comment:
    return actions.post_comment(by=PersonFactory.create(), story=story, parent=parent, text=text, now=LATER)


def author(item: Story | Comment) -> User:
    assert item.author
    return item.author


def test_a_comment_is_kept_counted_and_lifts_the_thread() -> None:
    story = StoryFactory.create()

    comment = post(story, "It is *so*.")

    story.refresh_from_db()
    assert (comment.body.markdown, comment.body.html) == ("It is *so*.", "<p>It is <em>so</em>.</p>")
    assert (story.num_comments, story.comment_points, story.active_at) == (1, 2, LATER)


def test_a_reply_knows_its_place() -> None:
    root = CommentFactory.create()
    reply = post(root.story, parent=root)

    answer = post(root.story, parent=reply)

    root.refresh_from_db()
    assert (answer.parent_id, answer.root_id, answer.depth) == (reply.pk, root.pk, 2)
    assert answer.ancestor_ids == [root.pk, reply.pk]
    assert (root.num_replies, root.num_descendants) == (1, 2)


def test_the_submitters_own_comment_lifts_no_rank() -> None:
    story = StoryFactory.create()

    actions.post_comment(by=author(story), story=story, text="Mine.", now=LATER)

    story.refresh_from_db()
    assert (story.num_comments, story.comment_points) == (1, 0)


@pytest.mark.parametrize("change", ["locked_at", "removed_at", "deleted_at"])
def test_a_closed_or_gone_story_takes_no_comment(change: str) -> None:
    story = StoryFactory.create(**{change: NOW})

    with pytest.raises(ThreadClosed):
        post(story)


def test_an_old_story_takes_no_comment() -> None:
    story = StoryFactory.create(created_at=LATER - COMMENT_WINDOW)

    with pytest.raises(ThreadClosed):
        post(story)


@pytest.mark.parametrize("change", ["removed_at", "deleted_at"])
def test_a_comment_that_is_gone_cannot_be_answered(change: str) -> None:
    parent = CommentFactory.create(**{change: NOW})

    with pytest.raises(NotAllowed):
        post(parent.story, parent=parent)


def test_a_banned_person_writes_nothing() -> None:
    person = PersonFactory.create(banned_until=LATER + timedelta(seconds=1))

    with pytest.raises(Banned):
        actions.post_comment(by=person, story=StoryFactory.create(), text="Still here.", now=LATER)


@pytest.mark.parametrize(
    "text", ["", " \n\t ", "\x00\x01", "\u202e", "\u200b", "x" * (TEXT_LENGTH + 1), "\U0001f30a" * 20_001]
)
def test_empty_and_endless_texts_are_refused(text: str) -> None:
    story = StoryFactory.create()

    with pytest.raises(Invalid):
        post(story, text)

    assert not Comment.objects.exists()


def test_the_longest_text_is_kept_whole() -> None:
    comment = post(StoryFactory.create(), "x" * TEXT_LENGTH)

    assert len(comment.body.markdown) == TEXT_LENGTH


def test_hostile_text_is_kept_as_typed_and_shown_inert() -> None:
    comment = post(StoryFactory.create(), "<script>alert(1)</script> [x](javascript:alert(1)) \x00\u202e")

    assert comment.body.markdown == "<script>alert(1)</script> [x](javascript:alert(1))"
    assert "<script" not in comment.body.html
    assert "href" not in comment.body.html


def test_a_form_sent_twice_gives_one_comment() -> None:
    story, person = StoryFactory.create(), PersonFactory.create()

    twice = [actions.post_comment(by=person, story=story, text="Once.", now=LATER) for _ in range(2)]

    story.refresh_from_db()
    assert twice[0] == twice[1]
    assert story.num_comments == 1


def test_the_same_words_later_or_elsewhere_are_another_comment() -> None:
    story, person = StoryFactory.create(), PersonFactory.create()
    first = actions.post_comment(by=person, story=story, text="Agreed.", now=LATER)

    actions.post_comment(by=person, story=story, parent=first, text="Agreed.", now=LATER)
    actions.post_comment(by=person, story=story, text="Agreed.", now=LATER + timedelta(hours=1))

    assert Comment.objects.count() == 3


def test_replies_below_the_last_level_become_siblings() -> None:
    comment = CommentFactory.create()
    for _ in range(MAX_DEPTH + 1):
        comment = post(comment.story, parent=comment)

    deepest = Comment.objects.filter(depth=MAX_DEPTH - 1)

    assert deepest.count() == 3
    assert len(set(deepest.values_list("parent", "path"))) == 1


def test_a_comment_that_waited_for_the_lock_does_not_turn_time_back() -> None:
    story = StoryFactory.create()
    post(story)

    actions.post_comment(by=PersonFactory.create(), story=story, text="Slower.", now=LATER - timedelta(seconds=1))

    story.refresh_from_db()
    assert story.active_at == LATER


def test_an_edit_replaces_the_text_and_is_marked() -> None:
    comment = CommentFactory.create()

    actions.edit_comment(by=author(comment), comment=comment, text="Or *not*.", now=LATER)

    comment = Comment.objects.select_related("body").get(pk=comment.pk)
    assert (comment.body.markdown, comment.body.html) == ("Or *not*.", "<p>Or <em>not</em>.</p>")
    assert comment.edited_at == LATER


def test_only_the_author_edits_and_only_in_time() -> None:
    comment = CommentFactory.create()
    gone = CommentFactory.create(deleted_at=NOW)

    for by, target, now in (
        (PersonFactory.create(), comment, LATER),
        (author(comment), comment, NOW + EDIT_WINDOW),
        (author(gone), gone, LATER),
    ):
        with pytest.raises(EditingClosed):
            actions.edit_comment(by=by, comment=target, text="Changed.", now=now)


def test_an_edit_to_nothing_is_refused() -> None:
    comment = CommentFactory.create(text="Something.")

    with pytest.raises(Invalid):
        actions.edit_comment(by=author(comment), comment=comment, text=" ", now=LATER)

    assert CommentText.objects.get(pk=comment.pk).markdown == "Something."


def test_a_deleted_comment_loses_its_text_and_its_place_in_all_counts() -> None:
    parent = CommentFactory.create()
    comment = CommentFactory.create(parent=parent, created_at=LATER)

    actions.delete_comment(by=author(comment), comment=comment, now=LATER)

    parent = Comment.objects.select_related("story").get(pk=parent.pk)
    assert CommentText.objects.get(pk=comment.pk).markdown == ""
    assert (parent.num_replies, parent.num_descendants) == (0, 0)
    assert (parent.story.num_comments, parent.story.active_at) == (1, NOW)


def test_only_the_author_deletes_and_only_once() -> None:
    comment = CommentFactory.create()

    with pytest.raises(NotAllowed):
        actions.delete_comment(by=PersonFactory.create(), comment=comment, now=LATER)
    for now in (LATER, LATER + timedelta(hours=1)):
        actions.delete_comment(by=author(comment), comment=comment, now=now)

    assert Comment.objects.get().deleted_at == LATER
    assert Story.objects.get().num_comments == 0


def test_a_visit_is_remembered_and_never_moves_back() -> None:
    story, person = StoryFactory.create(), PersonFactory.create()

    for until in (NOW, LATER, LATER, NOW):
        actions.record_visit(by=person, story=story, until=until, now=NOW + timedelta(days=1))

    assert Visit.objects.get().visited_at == LATER
