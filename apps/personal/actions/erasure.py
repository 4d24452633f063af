"""The end of an account: hidden in the request, then erased by jobs, a bounded step at a time.

The row of the person stays without anything of theirs, so that what hangs on it still adds up: replies, votes by
others, the log. Rows that point to a person with on_delete=CASCADE are theirs, and go by themselves.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.admin.models import LogEntry as AdminEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import CASCADE, BigIntegerField, ManyToOneRel, Q

from apps.accounts.models import User, erased_name
from apps.comments import actions as comments
from apps.comments.models import Comment, CommentText
from apps.comments.tags import appearances
from apps.communities.actions import leave_community
from apps.communities.models import Membership
from apps.core.errors import Conflict
from apps.jobs import actions as jobs
from apps.pagecache import purging
from apps.pagecache.tags import viewer
from apps.personal.actions.exports import drop_export
from apps.personal.actions.votes import fold_votes
from apps.stories import actions as stories
from apps.stories.models import Story, StoryText
from apps.votes.models import CommentVote, StoryVote

# Whatever the person had under way when the account was closed is committed by then.
REST = timedelta(minutes=1)
# Stories and comments, each of which costs a dozen queries, and other rows, of one step.
TEXTS = 25
ROWS = 1000
ERASED_TITLE = "[erased]"
WITH_TEXT = Q(body__markdown__gt="") | Q(body__html__gt="")


class LastAdministrator(Conflict):
    """A site without an administrator could not be helped."""

    code = "last-administrator"
    message = "You are the last administrator of this site. Appoint another one first, then delete your account."


@transaction.atomic
def erase_account(*, by: User, with_texts: bool, now: datetime) -> None:
    """Hide the account of `by` and end its sessions for good, and have all that is theirs erased by jobs. Idempotent.

    What they wrote stays without their name, or goes too. Raises LastAdministrator. Cost: 12 queries; all kept pages
    are rendered anew, since a name can stand on any of them.
    """
    administrators = User.objects.select_for_update(no_key=True).filter(is_superuser=True, is_active=True)
    if {person.pk for person in administrators.order_by("pk")} == {by.pk}:
        raise LastAdministrator
    person = User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if not person.is_active:
        return
    _hide(person)
    EmailAddress.objects.filter(user=person).delete()
    drop_export(person=person)
    jobs.enqueue("search.index", kind="person", pk=person.pk)
    jobs.enqueue("personal.end_sessions", person_id=person.pk)
    jobs.enqueue("personal.erase", not_before=now + REST, person_id=person.pk, with_texts=int(with_texts))
    purging.purge(viewer(person.pk))
    purging.purge_everything()


@transaction.atomic
def erase_some(*, person_id: int, with_texts: bool, now: datetime) -> None:
    """Erase a step of what is left of a person who is hidden, and have the next one done by another job. Idempotent.

    Cost: a dozen queries for each of TEXTS, or as many as ROWS need.
    """
    person = User.objects.get(pk=person_id, is_active=False)
    texts: list[Step] = [_erase_comments, _erase_stories] if with_texts else []
    steps: list[Step] = [*texts, _fold_votes, _leave_communities, _drop_rows, _drop_traces]
    if any(step(person, now) for step in steps):
        jobs.enqueue("personal.erase", person_id=person_id, with_texts=int(with_texts))


@transaction.atomic
def end_sessions(*, keys: list[str]) -> None:
    """Delete these sessions. The person has been logged out before: nobody comes in by one of an inactive account."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for key in keys:
        store(key).delete()


# Does at most so much at once; whether there was something to do, and so may be more.
Step = Callable[[User, datetime], bool]


def _hide(person: User) -> None:
    person.username = erased_name(person.pk)
    person.email = person.about = person.about_html = ""
    person.is_active = person.is_staff = person.is_superuser = person.is_moderator = False
    person.last_login = person.banned_until = None
    # What they were told goes later, and nothing of it is unread to anybody.
    person.num_unread, person.read_until = 0, BigIntegerField.MAX_BIGINT
    person.set_unusable_password()
    person.save()


def _erase_comments(person: User, now: datetime) -> bool:
    left = Comment.objects.filter(WITH_TEXT | Q(deleted_at=None), author=person)
    chosen = list(left.select_related("author").order_by("pk")[:TEXTS])
    # Stories are locked by number, as an import locks them.
    for comment in sorted(chosen, key=lambda comment: comment.story_id):
        if not comment.is_gone:
            comments.delete_comment(by=person, comment=comment, now=now)
        else:
            Comment.objects.filter(pk=comment.pk).update(deleted_at=now)
            CommentText.objects.filter(comment=comment).update(markdown="", html="")
            purging.purge(*appearances(comment))
    return bool(chosen)


def _erase_stories(person: User, now: datetime) -> bool:
    left = Story.objects.filter(WITH_TEXT | Q(deleted_at=None) | ~Q(title=ERASED_TITLE, url=""), author=person)
    for story in (chosen := list(left.order_by("pk")[:TEXTS])):
        story = stories.lock_story(story.pk)
        if not story.is_gone:
            stories.delete_story(by=person, story=story, now=now)
        elif story.url:
            jobs.enqueue("previews.drop", story=story.pk)
        stories.purge_story(story)
        story.title, story.slug, story.url, story.normalized_url, story.domain = ERASED_TITLE, "", "", "", ""
        story.deleted_at = now
        story.save(update_fields=["title", "slug", "url", "normalized_url", "domain", "deleted_at"])
        StoryText.objects.filter(story=story).update(markdown="", html="")
    return bool(chosen)


def _fold_votes(person: User, now: datetime) -> bool:
    return any(fold_votes(model.objects.filter(user=person)) for model in (StoryVote, CommentVote))


def _leave_communities(person: User, now: datetime) -> bool:
    places = list(Membership.objects.filter(user=person).select_related("community").order_by("community")[:TEXTS])
    for place in places:
        leave_community(by=person, community=place.community)
    return bool(places)


def _drop_rows(person: User, now: datetime) -> bool:
    """Delete rows of one table that belongs to people, whichever app has it."""
    for relation in User._meta.get_fields(include_hidden=True):
        if isinstance(relation, ManyToOneRel) and relation.on_delete is CASCADE:
            rows = relation.related_model._base_manager.filter(**{relation.field.name: person})
            if keys := list(rows.values_list("pk", flat=True)[:ROWS]):
                relation.related_model._base_manager.filter(pk__in=keys).delete()
                return True
    return False


def _drop_traces(person: User, now: datetime) -> bool:
    """Take the name out of what administrators did to the account. The last step."""
    people = ContentType.objects.get_for_model(User)
    AdminEntry.objects.filter(content_type=people, object_id=str(person.pk)).update(object_repr=person.username)
    return False
