"""All that people and operators do, each act on the same scene: what others see of it, and what nobody else sees."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.test import Client

from apps.accounts import actions as accounts
from apps.accounts.models import User
from apps.comments import actions as comments
from apps.comments.models import Comment
from apps.communities import actions as communities
from apps.communities.models import Community, Tag
from apps.core.connections import Fault
from apps.importing.actions import finish_preview, import_batch, request_preview
from apps.importing.items import Item, Terms, parse_item
from apps.moderation.actions import acts as moderation
from apps.moderation.actions import flags
from apps.moderation.models import LogEntry
from apps.notifications.actions import mailing, reading, telling, watching
from apps.notifications.letters import Delivery
from apps.notifications.models import Kind
from apps.personal.actions import erasure, exports, retention
from apps.personal.actions.votes import fold_votes, forget_owners
from apps.previews import actions as previews
from apps.previews.gathering import Found
from apps.previews.models import Preview
from apps.previews.parsing import Page
from apps.stories import actions as stories
from apps.stories.actions import Draft
from apps.stories.models import Story
from apps.votes import actions as votes
from apps.votes.models import StoryVote
from tests import scene
from tests.factories import (
    NOW,
    CategoryFactory,
    CommentFactory,
    CommunityFactory,
    PersonFactory,
    StoryFactory,
    TagFactory,
)
from tests.folding import fold
from tests.importing import items
from tests.scene import Scene
from tests.search.indexing import index_all

SIGN_UP = {"username": "new", "email": "new@example.org", "password1": scene.PASSWORD}
WHY: dict[str, Any] = {"reason": "Why.", "now": NOW}


@dataclass(frozen=True)
class World:
    """A scene on which everything can be done, and undone.

    `fan` has voted; `removed` is by a moderator, `gone` by its author; `tied` is below the lower of two stories that
    rank the same. `leaver` has closed the account, `lurker` never confirmed an address.
    """

    scene: Scene
    town: Community
    rust: Tag
    fan: User
    banned: User
    leaver: User
    lurker: User
    removed: Story
    removed_comment: Comment
    gone: Comment
    tied: Comment

    def pages(self) -> list[str]:
        """The addresses of all pages that are the same for everybody, some of them more than once."""
        return [
            *(path for path in self.scene.public_pages() if not path.startswith(("/account/", "/api/"))),
            *self.scene.public_answers(),
            *(f"/api/v1/stories/{self.removed.pk}", f"/api/v1/comments/{self.removed_comment.pk}"),
            *("/u/sam/", "/u/sam/stories/", "/u/sam/comments/", "/u/bo/", "/u/ann/comments/"),
            *("/u/fan/", "/u/fan/stories/", "/u/fan/comments/"),
            *("/t/rust/", "/t/css/", "/d/example.com/", "/d/example.net/hottest", "/c/side/", "/c/side/about"),
            *(self.removed.get_absolute_url(), self.removed_comment.get_absolute_url()),
        ]


Act = Callable[[World], object]


def build() -> World:
    """Set the scene, an hour before NOW."""
    here = scene.build(NOW - timedelta(hours=1))
    by, town, sam = here.moderator, here.story.community, here.stranger
    css = TagFactory.create(name="css", category=CategoryFactory.create(name="Kinds"))
    fan, banned, talker, leaver, lurker = (
        PersonFactory.create(username=name) for name in ("fan", "bo", "ann", "lee", "lu")
    )
    EmailAddress.objects.create(user=lurker, email=lurker.email)
    removed = StoryFactory.create(title="Spam", author=sam, community=CommunityFactory.create(slug="side"))
    CommentFactory.create(story=removed, author=talker)
    CommentFactory.create(story=here.story, author=talker)
    gone = CommentFactory.create(parent=here.comment, author=talker)
    CommentFactory.create(parent=gone)
    CommentFactory.create(story=StoryFactory.create(title="Lee's", author=leaver), author=leaver)
    erasure.erase_account(by=leaver, with_texts=True, now=NOW)
    equals = StoryFactory.create_batch(2, url="https://example.net/", author=talker, tags=(css,), base_ups=8)
    tied, _ = (CommentFactory.create(story=story) for story in equals)
    comments.delete_comment(by=talker, comment=gone, now=NOW)
    moderation.remove_story(by=by, story=removed, **WHY)
    moderation.ban_person(by=by, person=banned, days=7, **WHY)
    communities.appoint_moderator(person=here.member, community=town, now=NOW)
    votes.cast_story_vote(by=fan, story=here.story, now=NOW)
    votes.cast_comment_vote(by=fan, comment=here.comment, now=NOW)
    fold()
    stories.save_story(by=fan, story=here.story, now=NOW)
    list(votes.recount(repair=True))
    import_batch(imported(1, 2), NOW)
    index_all()
    rust, removed_comment = Tag.objects.get(name="rust"), Comment.objects.get(removed_at__isnull=False)
    return World(here, town, rust, fan, banned, leaver, lurker, removed, removed_comment, gone, tied)


def found(title: str) -> Found:
    """What a page says that has a title and nothing more."""
    return Found(Page(title, "", "", "", ""))


def edited(story: Story, **changed: Any) -> Draft:
    """What the author would send to change nothing, but for what is `changed`."""
    return Draft(**{"title": story.title, "text": story.body.markdown, "tags": ("django", "rust")} | changed)


def imported(*numbers: int) -> list[Item]:
    """A story and comments on it, as an archive has them."""
    found = [items.comment(number, 1) if number > 1 else items.story(1, tags=["rust"]) for number in numbers]
    return [parse_item(json.dumps(item).encode(), Terms(now=NOW, community="town")) for item in found]


def folded(vote: Act) -> Act:
    """The vote, and what the job does a moment later."""
    return lambda world: (vote(world), fold())


# Each changes a page. What stands after the name of an action tells two acts apart.
SEEN: dict[str, Act] = {
    "accounts: sign up": lambda w: Client().post("/account/signup/", SIGN_UP),
    "accounts.edit_profile": lambda w: accounts.edit_profile(by=w.fan, about="Hello.", now=NOW),
    "accounts.set_rights to moderate": lambda w: accounts.set_rights(
        person=w.fan, is_moderator=True, is_staff=False, is_active=True
    ),
    "accounts.set_rights to nothing": lambda w: accounts.set_rights(
        person=w.scene.stranger, is_moderator=False, is_staff=False, is_active=False
    ),
    "communities.join_community": lambda w: communities.join_community(by=w.fan, community=w.town, now=NOW),
    "communities.leave_community": lambda w: communities.leave_community(by=w.scene.member, community=w.town),
    "communities.appoint_moderator": lambda w: communities.appoint_moderator(
        person=w.scene.moderator, community=w.town, now=NOW
    ),
    "communities.dismiss_moderator": lambda w: communities.dismiss_moderator(person=w.scene.member, community=w.town),
    "communities.define_community anew": lambda w: communities.define_community(slug="new", name="New", now=NOW),
    "communities.define_community again": lambda w: communities.define_community(
        slug="town", name="City", summary="For some.", rules="None.", now=NOW
    ),
    "communities.define_category": lambda w: communities.define_category(name="Kinds", position=9),
    "communities.define_tag": lambda w: communities.define_tag(
        category="Kinds", position=1, name="rust", summary="Iron.", hotness_mod=2.0, is_active=False
    ),
    "stories.submit_story with a link": lambda w: stories.submit_story(
        by=w.fan, community=w.town, draft=Draft("A link", url="https://example.com/b", tags=("rust",)), now=NOW
    ),
    "stories.submit_story with a text": lambda w: stories.submit_story(
        by=w.fan, community=w.town, draft=Draft("A text", text="Well.", tags=("css", "django")), now=NOW
    ),
    "stories.edit_story title": lambda w: stories.edit_story(
        by=w.scene.member, story=w.scene.story, draft=edited(w.scene.story, title="Better"), now=NOW
    ),
    "stories.edit_story tags": lambda w: stories.edit_story(
        by=w.scene.member, story=w.scene.story, draft=edited(w.scene.story, tags=("css", "django")), now=NOW
    ),
    "stories.edit_story title of a locked one": lambda w: stories.edit_story(
        by=w.scene.member, story=w.scene.locked, draft=edited(w.scene.locked, title="Better"), now=NOW
    ),
    "stories.delete_story": lambda w: stories.delete_story(by=w.scene.member, story=w.scene.story, now=NOW),
    "stories.delete_story in the log": lambda w: stories.delete_story(by=w.scene.member, story=w.scene.locked, now=NOW),
    "previews.keep_preview": lambda w: previews.keep_preview(
        story_id=w.scene.story.pk, found=found("Looked at closely"), attempt=1, now=NOW
    ),
    "previews.drop_preview": lambda w: previews.drop_preview(story_id=w.scene.story.pk),
    "comments.post_comment": lambda w: comments.post_comment(by=w.fan, story=w.scene.story, text="Yes.", now=NOW),
    "comments.post_comment below another": lambda w: comments.post_comment(
        by=w.fan, story=w.scene.story, parent=w.scene.reply, text="Yes.", now=NOW
    ),
    "comments.edit_comment": lambda w: comments.edit_comment(
        by=w.scene.stranger, comment=w.scene.comment, text="No.", now=NOW
    ),
    "comments.delete_comment": lambda w: comments.delete_comment(by=w.scene.member, comment=w.scene.reply, now=NOW),
    "votes.cast_story_vote": folded(lambda w: votes.cast_story_vote(by=w.scene.stranger, story=w.scene.story, now=NOW)),
    "votes.retract_story_vote": folded(lambda w: votes.retract_story_vote(by=w.fan, story=w.scene.story, now=NOW)),
    "votes.cast_comment_vote": folded(
        lambda w: votes.cast_comment_vote(by=w.scene.member, comment=w.scene.comment, now=NOW)
    ),
    "votes.cast_comment_vote on the submitter's": folded(
        lambda w: votes.cast_comment_vote(by=w.fan, comment=w.scene.reply, now=NOW)
    ),
    "votes.cast_comment_vote that lifts the story": folded(
        lambda w: votes.cast_comment_vote(by=w.fan, comment=w.tied, now=NOW)
    ),
    "votes.retract_comment_vote": folded(
        lambda w: votes.retract_comment_vote(by=w.fan, comment=w.scene.comment, now=NOW)
    ),
    "moderation.remove_story": lambda w: moderation.remove_story(by=w.scene.moderator, story=w.scene.story, **WHY),
    "moderation.restore_story": lambda w: moderation.restore_story(by=w.scene.moderator, story=w.removed, **WHY),
    "moderation.lock_thread": lambda w: moderation.lock_thread(by=w.scene.moderator, story=w.scene.story, **WHY),
    "moderation.unlock_thread": lambda w: moderation.unlock_thread(by=w.scene.moderator, story=w.scene.locked, **WHY),
    "moderation.remove_comment": lambda w: moderation.remove_comment(
        by=w.scene.moderator, comment=w.scene.comment, **WHY
    ),
    "moderation.remove_comment that is deleted": lambda w: moderation.remove_comment(
        by=w.scene.moderator, comment=w.gone, **WHY
    ),
    "moderation.restore_comment": lambda w: moderation.restore_comment(
        by=w.scene.moderator, comment=w.removed_comment, **WHY
    ),
    "moderation.ban_person": lambda w: moderation.ban_person(by=w.scene.moderator, person=w.fan, days=2, **WHY),
    "moderation.unban_person": lambda w: moderation.unban_person(by=w.scene.moderator, person=w.banned, **WHY),
    "personal.erase_account": lambda w: erasure.erase_account(by=w.scene.stranger, with_texts=False, now=NOW),
    "personal.erase_some comments": lambda w: erasure.erase_some(person_id=w.leaver.pk, with_texts=True, now=NOW),
    "personal.erase_some stories": lambda w: [
        erasure.erase_some(person_id=w.leaver.pk, with_texts=True, now=NOW) for _ in range(2)
    ],
    "personal.drop_unconfirmed": lambda w: retention.drop_unconfirmed(now=NOW + timedelta(days=15)),
    "importing.import_batch": lambda w: import_batch(imported(1, 2, 3), NOW),
}

# Each is one person's own business, or done already: no page says anything of it.
UNSEEN: dict[str, Act] = {
    "accounts.set_groups": lambda w: accounts.set_groups(person=w.fan, groups=[]),
    "accounts.mute_person": lambda w: accounts.mute_person(by=w.fan, person=w.banned, now=NOW),
    "accounts.unmute_person": lambda w: accounts.unmute_person(by=w.fan, person=w.banned),
    "communities.join_community again": lambda w: communities.join_community(
        by=w.scene.member, community=w.town, now=NOW
    ),
    "communities.leave_community without being there": lambda w: communities.leave_community(
        by=w.fan, community=w.town
    ),
    "communities.mute_tag": lambda w: communities.mute_tag(by=w.fan, tag=w.rust, now=NOW),
    "communities.unmute_tag": lambda w: communities.unmute_tag(by=w.fan, tag=w.rust),
    "stories.save_story": lambda w: stories.save_story(by=w.fan, story=w.scene.locked, now=NOW),
    "stories.unsave_story": lambda w: stories.unsave_story(by=w.fan, story=w.scene.story),
    "stories.hide_story": lambda w: stories.hide_story(by=w.fan, story=w.scene.story, now=NOW),
    "stories.unhide_story": lambda w: stories.unhide_story(by=w.fan, story=w.scene.story),
    "stories.mute_domain": lambda w: stories.mute_domain(by=w.fan, domain="example.org", now=NOW),
    "stories.unmute_domain": lambda w: stories.unmute_domain(by=w.fan, domain="example.org"),
    "previews.keep_preview that failed": lambda w: previews.keep_preview(
        story_id=w.scene.story.pk, found=Found(fault=Fault.REFUSED), attempt=1, now=NOW
    ),
    "previews.drop_preview that is not there": lambda w: previews.drop_preview(story_id=w.removed.pk),
    "previews.order_fetches": lambda w: previews.order_fetches(previews=Preview.objects.all()),
    "previews.order_drops": lambda w: previews.order_drops(previews=Preview.objects.all()),
    "comments.record_visit": lambda w: comments.record_visit(by=w.fan, story=w.scene.story, until=NOW, now=NOW),
    "notifications.watch_story": lambda w: watching.watch_story(by=w.fan, story=w.scene.story, now=NOW),
    "notifications.mute_thread": lambda w: watching.mute_thread(by=w.fan, story=w.scene.story, now=NOW),
    "notifications.unwatch_story": lambda w: watching.unwatch_story(by=w.fan, story=w.scene.story),
    "notifications.watch_tag": lambda w: watching.watch_tag(by=w.fan, tag=w.rust, now=NOW),
    "notifications.unwatch_tag": lambda w: watching.unwatch_tag(by=w.fan, tag=w.rust),
    "notifications.watch_person": lambda w: watching.watch_person(by=w.fan, person=w.banned, now=NOW),
    "notifications.tell_of_comment": lambda w: telling.tell_of_comment(comment=w.scene.comment, now=NOW),
    "notifications.tell_of_story": lambda w: telling.tell_of_story(story=w.scene.story, now=NOW),
    "notifications.tell_of_edit": lambda w: telling.tell_of_edit(target=w.scene.story, now=NOW),
    "notifications.tell_watchers": lambda w: telling.tell_watchers(target=w.scene.story, after=0, now=NOW),
    "notifications.tell_of_act": lambda w: telling.tell_of_act(entry=LogEntry.objects.all()[0], now=NOW),
    "notifications.unwatch_person": lambda w: watching.unwatch_person(by=w.fan, person=w.banned),
    "notifications.mark_read": lambda w: reading.mark_read(by=w.scene.member, until=10**9),
    "notifications.choose": lambda w: reading.choose(by=w.fan, channels=dict.fromkeys(Kind, "off"), digest="daily"),
    "notifications.stop_mail": lambda w: reading.stop_mail(person_id=w.fan.pk, about=["reply", "digest"]),
    "notifications.forget_read": lambda w: reading.forget_read(after=0, now=NOW),
    "notifications.note_delivery": lambda w: mailing.note_delivery(
        person_id=w.fan.pk, delivery=Delivery(is_refused=True), now=NOW
    ),
    "notifications.enqueue_digests": lambda w: mailing.enqueue_digests(after=0, now=NOW),
    "moderation.flag_story": lambda w: flags.flag_story(by=w.fan, story=w.scene.story, reason="spam", now=NOW),
    "moderation.flag_comment": lambda w: flags.flag_comment(by=w.fan, comment=w.scene.comment, reason="spam", now=NOW),
    "moderation.unflag": lambda w: flags.unflag(by=w.fan, item=w.scene.story),
    "moderation.settle_flags": lambda w: flags.settle_flags(by=w.scene.moderator, item=w.scene.comment, now=NOW),
    "votes.cast_story_vote again": lambda w: votes.cast_story_vote(by=w.fan, story=w.scene.story, now=NOW),
    "votes.retract_comment_vote without one": lambda w: votes.retract_comment_vote(
        by=w.scene.member, comment=w.scene.comment, now=NOW
    ),
    "votes.begin_recount": lambda w: votes.begin_recount(now=NOW),
    "votes.recount without drift": lambda w: list(votes.recount(repair=True)),
    "personal.request_export": lambda w: exports.request_export(by=w.fan, now=NOW),
    "personal.finish_export": lambda w: exports.finish_export(export_id=1, num_bytes=1, now=NOW),
    "personal.drop_export": lambda w: exports.drop_export(person=w.fan),
    "personal.drop_expired": lambda w: exports.drop_expired(now=NOW),
    "personal.end_sessions": lambda w: erasure.end_sessions(keys=["x"]),
    "personal.drop_sessions": lambda w: retention.drop_sessions(now=NOW),
    "personal.drop_flags": lambda w: retention.drop_flags(now=NOW),
    "personal.drop_visits": lambda w: retention.drop_visits(now=NOW),
    "personal.forget_some": lambda w: retention.forget_some(now=NOW),
    "personal.forget_owners": lambda w: forget_owners(now=NOW),
    "personal.fold_votes": lambda w: fold_votes(StoryVote.objects.filter(user=w.fan)),
    "importing.request_preview": lambda w: request_preview(file="x", now=NOW),
    "importing.finish_preview": lambda w: finish_preview(preview_id=1, report="x"),
    "importing.import_batch again": lambda w: import_batch(imported(1, 2), NOW),
}
