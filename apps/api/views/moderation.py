"""Moderation: what was done, and doing it."""

from collections.abc import Callable

from django.utils import timezone

from apps.accounts.permissions import access_person
from apps.api.endpoints import Endpoint
from apps.api.models import Scope
from apps.api.operations import Answer, Call, MemberCall, operation
from apps.api.shapes import moderation as shapes
from apps.api.shapes.base import PageQuery, Values
from apps.api.sharing import page_of
from apps.comments.permissions import access_comment
from apps.core import cursors
from apps.moderation import queries
from apps.moderation.actions import acts
from apps.moderation.models import LogEntry
from apps.stories.permissions import access_story

Act = LogEntry.Act
ACTIONS: dict[str, Callable[..., LogEntry]] = {
    Act.REMOVE_STORY: acts.remove_story,
    Act.RESTORE_STORY: acts.restore_story,
    Act.LOCK_STORY: acts.lock_thread,
    Act.UNLOCK_STORY: acts.unlock_thread,
    Act.REMOVE_COMMENT: acts.remove_comment,
    Act.RESTORE_COMMENT: acts.restore_comment,
    Act.BAN_PERSON: acts.ban_person,
    Act.UNBAN_PERSON: acts.unban_person,
}


class Log(Endpoint):
    """The public log of moderation, to which every act adds its entry."""

    @operation(gives=shapes.Log, query=PageQuery, is_public=True)
    def get(self, call: Call, query: Values) -> Answer:
        """Read what moderators did and why, newest first."""
        page = queries.log(cursor=cursors.parse(call.query_params, queries.NEWEST))
        return Answer(page_of(call, page, [shapes.shown(entry) for entry in page.rows]))

    @operation(scope=Scope.MODERATE, takes=shapes.Act, gives=shapes.Entry, status=201)
    def post(self, call: MemberCall, given: Values) -> Answer:
        """Moderate: remove or restore a story or comment, lock or unlock a thread, ban a person or lift the ban."""
        act = ACTIONS[given["act"]]
        entry = act(by=call.user, reason=given["reason"], now=timezone.now(), **_targets(call, given))
        return Answer(shapes.shown(entry))


def _targets(call: MemberCall, given: Values) -> dict[str, object]:
    """The rows that the act is about. Raises NotFound."""
    found: dict[str, object] = {name: given[name] for name in ("days",) if name in given}
    if "story" in given:
        found["story"] = access_story(call.user, given["story"])
    if "comment" in given:
        found["comment"] = access_comment(call.user, given["comment"])
    if "person" in given:
        found["person"] = access_person(given["person"])
    return found
