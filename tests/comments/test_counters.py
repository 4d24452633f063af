"""Whatever people do in whatever order, every counter says what the rows say."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from apps.accounts.models import User
from apps.comments import actions as comments
from apps.comments.models import Comment
from apps.comments.queries.pending import has_pending
from apps.core.errors import DomainError
from apps.moderation.actions import acts as moderation
from apps.stories.models import Story
from apps.votes import actions as votes
from tests.factories import NOW, ModeratorFactory, PersonFactory, StoryFactory, TagFactory
from tests.folding import fold

WHO = st.integers(0, 3)
WHICH = st.integers(0, 50)


class Community(RuleBasedStateMachine):
    """Four people and a moderator around one story. Refusals are part of life: they must change nothing."""

    def __init__(self) -> None:
        super().__init__()
        # Each example starts from an empty database, and leaves one.
        self.example = transaction.atomic()
        self.example.__enter__()
        self.now: datetime = NOW
        self.people: list[User] = PersonFactory.create_batch(4)
        self.moderator = ModeratorFactory.create()
        self.story: Story

    def teardown(self) -> None:
        fold()
        self.every_counter_is_right()
        assert not has_pending()
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    def comment(self, which: int) -> Comment | None:
        written = list(Comment.objects.order_by("pk"))
        return written[which % len(written)] if written else None

    def attempt(self, action: Callable[..., Any], **arguments: Any) -> None:
        """Do it some time later, unless there is no comment to do it to, or it is refused."""
        self.now += timedelta(minutes=7)
        if None in arguments.values():
            return
        try:
            action(**arguments, now=self.now)
        except DomainError:
            return

    @initialize(modifier=st.sampled_from([0.0, 0.5, -0.25]))
    def submit(self, modifier: float) -> None:
        tag = TagFactory.create(name=f"weight{modifier}", hotness_mod=modifier)
        self.story = StoryFactory.create(author=self.people[0], tags=(tag,))

    @rule(who=WHO, text=st.sampled_from(["Yes.", "No.", "Perhaps."]))
    def post(self, who: int, text: str) -> None:
        self.attempt(comments.post_comment, by=self.people[who], story=self.story, text=text)

    @rule(who=WHO, which=WHICH, text=st.sampled_from(["Yes.", "No.", "Perhaps."]))
    def reply(self, who: int, which: int, text: str) -> None:
        parent = self.comment(which)
        self.attempt(comments.post_comment, by=self.people[who], story=self.story, parent=parent, text=text)

    @rule(which=WHICH)
    def edit(self, which: int) -> None:
        if (comment := self.comment(which)) and comment.author:
            self.attempt(comments.edit_comment, by=comment.author, comment=comment, text="Or so.")

    @rule(which=WHICH)
    def delete(self, which: int) -> None:
        if (comment := self.comment(which)) and comment.author:
            self.attempt(comments.delete_comment, by=comment.author, comment=comment)

    @rule(which=WHICH)
    def remove(self, which: int) -> None:
        self.attempt(moderation.remove_comment, by=self.moderator, comment=self.comment(which), reason="Rude.")

    @rule(which=WHICH)
    def restore(self, which: int) -> None:
        self.attempt(moderation.restore_comment, by=self.moderator, comment=self.comment(which), reason="Not so.")

    @rule(who=WHO, which=WHICH)
    def vote(self, who: int, which: int) -> None:
        self.attempt(votes.cast_comment_vote, by=self.people[who], comment=self.comment(which))

    @rule(who=WHO, which=WHICH)
    def retract(self, who: int, which: int) -> None:
        self.attempt(votes.retract_comment_vote, by=self.people[who], comment=self.comment(which))

    @rule(who=WHO)
    def vote_for_story(self, who: int) -> None:
        self.attempt(votes.cast_story_vote, by=self.people[who], story=self.story)

    @rule(who=WHO)
    def retract_from_story(self, who: int) -> None:
        self.attempt(votes.retract_story_vote, by=self.people[who], story=self.story)

    @rule()
    def fold(self) -> None:
        fold()

    @invariant()
    def every_counter_is_right(self) -> None:
        assert list(votes.recount(repair=False)) == []


@pytest.mark.django_db
def test_counters_are_right_after_every_step() -> None:
    run_state_machine_as_test(
        Community,
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
