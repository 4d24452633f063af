"""People, and what is one's own."""

from django.utils import timezone

from apps.accounts import actions, queries
from apps.accounts.models import User
from apps.accounts.permissions import access_person
from apps.api.endpoints import Endpoint, check_match, version_of
from apps.api.models import Scope
from apps.api.operations import Answer, Call, MemberCall, operation
from apps.api.shapes import people as shapes
from apps.api.shapes import stories
from apps.api.shapes.base import PageQuery, Values
from apps.api.sharing import page_of
from apps.communities.queries import joined_slugs, muted_tag_names
from apps.core import cursors
from apps.stories.queries.own import KEPT_ORDER, hidden_stories, muted_domains, saved_stories
from apps.votes.queries import LAST_CAST, votes_on


class People(Endpoint):
    """People by karma."""

    @operation(gives=shapes.People, is_public=True)
    def get(self, call: Call) -> Answer:
        """Read who has the most karma."""
        return Answer({"items": queries.people_by_karma()})


class OnePerson(Endpoint):
    """One person."""

    @operation(gives=shapes.Person, is_public=True)
    def get(self, call: Call, username: str) -> Answer:
        """Read a profile."""
        return Answer(_person(access_person(username)))


class PersonMute(Endpoint):
    """Whether one wants to read somebody."""

    @operation(scope=Scope.WRITE)
    def put(self, call: MemberCall, username: str) -> Answer:
        """Mute a person. Idempotent."""
        actions.mute_person(by=call.user, person=access_person(username), now=timezone.now())
        return Answer()

    @operation(scope=Scope.WRITE)
    def delete(self, call: MemberCall, username: str) -> Answer:
        """Mute them no longer. Idempotent."""
        actions.unmute_person(by=call.user, person=access_person(username))
        return Answer()


class Myself(Endpoint):
    """Whoever asks."""

    @operation(gives=shapes.Me)
    def get(self, call: MemberCall) -> Answer:
        """Read who one is, and what one's token is good for."""
        return _me(call, call.user)

    @operation(scope=Scope.ACCOUNT, takes=shapes.Profile, gives=shapes.Me, refusals=(412,))
    def patch(self, call: MemberCall, given: Values) -> Answer:
        """Change one's profile."""
        check_match(call, version_of(actions.lock_person(call.user.pk).about))
        return _me(call, actions.edit_profile(by=call.user, about=given["about"], now=timezone.now()))


class MySaved(Endpoint):
    """What one keeps for later."""

    @operation(gives=stories.Stories, query=PageQuery)
    def get(self, call: MemberCall, query: Values) -> Answer:
        """Read one's saved stories, last saved first."""
        page = saved_stories(call.user, cursor=cursors.parse(call.query_params, KEPT_ORDER))
        return Answer(page_of(call, page, stories.shown(page.rows, call.user)))


class MyHidden(Endpoint):
    """What one does not want to see in lists."""

    @operation(gives=stories.Stories, query=PageQuery)
    def get(self, call: MemberCall, query: Values) -> Answer:
        """Read one's hidden stories, last hidden first."""
        page = hidden_stories(call.user, cursor=cursors.parse(call.query_params, KEPT_ORDER))
        return Answer(page_of(call, page, stories.shown(page.rows, call.user)))


class MyVotes(Endpoint):
    """What one has voted for."""

    @operation(gives=shapes.Votes, query=shapes.VotesQuery)
    def get(self, call: MemberCall, query: Values) -> Answer:
        """Read one's votes, last cast first: on stories, or on comments."""
        page = votes_on(query["on"], call.user, cursor=cursors.parse(call.query_params, LAST_CAST))
        return Answer(page_of(call, page, [{"story": None, "comment": None} | row for row in page.rows]))


class MyMutes(Endpoint):
    """Whom and what one does not want to read."""

    @operation(gives=shapes.Mutes)
    def get(self, call: MemberCall) -> Answer:
        """Read one's mutes."""
        person = call.user
        people, tags = queries.muted_person_names(person), muted_tag_names(person)
        return Answer({"people": people, "tags": tags, "domains": muted_domains(person)})


def _me(call: MemberCall, person: User) -> Answer:
    own = {"about": person.about, "unread": person.num_unread, "communities": sorted(joined_slugs(person))}
    return Answer(_person(person) | own | {"scopes": sorted(call.auth.scopes)}, version=version_of(person.about))


def _person(person: User) -> dict[str, object]:
    names = ("username", "karma", "about_html", "is_moderator", "banned_until")
    return {name: getattr(person, name) for name in names} | {"joined_at": person.date_joined}
