"""What one was told, and what one wants to hear of."""

from django.utils import timezone

from apps.accounts.actions import lock_person
from apps.accounts.permissions import access_person
from apps.api.endpoints import Endpoint, check_match, version_of
from apps.api.models import Scope
from apps.api.operations import Answer, MemberCall, operation
from apps.api.shapes import notifications as shapes
from apps.api.shapes.base import PageQuery, Values
from apps.api.sharing import page_of
from apps.communities.permissions import access_tag
from apps.core import cursors
from apps.notifications import queries
from apps.notifications.actions import reading, watching
from apps.notifications.models import Kind, Preferences
from apps.stories.permissions import access_story


class Inbox(Endpoint):
    """What one was told."""

    @operation(gives=shapes.Inbox, query=PageQuery)
    def get(self, call: MemberCall, query: Values) -> Answer:
        """Read one's notifications, newest first."""
        page = queries.inbox(call.user, cursor=cursors.parse(call.query_params, queries.NEWEST))
        return Answer(page_of(call, page, shapes.shown(page.rows, call.user)))


class InboxRead(Endpoint):
    """How far one has read them."""

    @operation(scope=Scope.WRITE, takes=shapes.ReadMark)
    def put(self, call: MemberCall, given: Values) -> Answer:
        """Mark notifications as read, up to one of them; never less far than before."""
        reading.mark_read(by=call.user, until=given["until"])
        return Answer()


class MyPreferences(Endpoint):
    """How one wants to be told."""

    @operation(gives=shapes.Preferences)
    def get(self, call: MemberCall) -> Answer:
        """Read where one is told of what."""
        return _chosen(queries.preferences_of(call.user))

    @operation(scope=Scope.ACCOUNT, takes=shapes.PreferencesEdit, gives=shapes.Preferences, refusals=(412,))
    def patch(self, call: MemberCall, given: Values) -> Answer:
        """Change some of it. Mail that was refused is tried again."""
        lock_person(call.user.pk)
        own = queries.preferences_of(call.user)
        check_match(call, _version(own))
        channels = {kind: given.get(kind, own.channel(kind)) for kind in Kind.values}
        return _chosen(reading.choose(by=call.user, channels=channels, digest=given.get("digest", own.digest)))


class MyWatches(Endpoint):
    """Whom and what one hears of."""

    @operation(gives=shapes.Watches)
    def get(self, call: MemberCall) -> Answer:
        """Read which people and tags one watches."""
        tags = [tag.name for tag in queries.watched_tags(call.user)]
        return Answer({"people": queries.watched_person_names(call.user), "tags": tags})


class StoryWatch(Endpoint):
    """Whether one hears of new comments on a story."""

    @operation(scope=Scope.WRITE)
    def put(self, call: MemberCall, pk: int) -> Answer:
        """Watch a story; a mute of it ends. Idempotent."""
        watching.watch_story(by=call.user, story=access_story(call.user, pk), now=timezone.now())
        return Answer()

    @operation(scope=Scope.WRITE)
    def delete(self, call: MemberCall, pk: int) -> Answer:
        """Watch it no longer. Idempotent."""
        watching.unwatch_story(by=call.user, story=access_story(call.user, pk))
        return Answer()


class ThreadMute(Endpoint):
    """Whether one hears of a thread at all."""

    @operation(scope=Scope.WRITE)
    def put(self, call: MemberCall, pk: int) -> Answer:
        """Mute a thread; a watch of it ends. Idempotent."""
        watching.mute_thread(by=call.user, story=access_story(call.user, pk), now=timezone.now())
        return Answer()

    @operation(scope=Scope.WRITE)
    def delete(self, call: MemberCall, pk: int) -> Answer:
        """Mute it no longer. Idempotent."""
        watching.unwatch_story(by=call.user, story=access_story(call.user, pk))
        return Answer()


class TagWatch(Endpoint):
    """Whether one hears of new stories with a tag."""

    @operation(scope=Scope.WRITE)
    def put(self, call: MemberCall, name: str) -> Answer:
        """Watch a tag. Idempotent."""
        watching.watch_tag(by=call.user, tag=access_tag(name), now=timezone.now())
        return Answer()

    @operation(scope=Scope.WRITE)
    def delete(self, call: MemberCall, name: str) -> Answer:
        """Watch it no longer. Idempotent."""
        watching.unwatch_tag(by=call.user, tag=access_tag(name))
        return Answer()


class PersonWatch(Endpoint):
    """Whether one hears of what somebody writes."""

    @operation(scope=Scope.WRITE)
    def put(self, call: MemberCall, username: str) -> Answer:
        """Watch a person. Idempotent."""
        watching.watch_person(by=call.user, person=access_person(username), now=timezone.now())
        return Answer()

    @operation(scope=Scope.WRITE)
    def delete(self, call: MemberCall, username: str) -> Answer:
        """Watch them no longer. Idempotent."""
        watching.unwatch_person(by=call.user, person=access_person(username))
        return Answer()


def _chosen(preferences: Preferences) -> Answer:
    return Answer(preferences, version=_version(preferences))


def _version(preferences: Preferences) -> str:
    """Of all that can be chosen."""
    return version_of(*map(str, (preferences.digest, *(preferences.channel(kind) for kind in Kind.values))))
