"""A small community with something on every page, and the addresses of all pages."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.urls import reverse

from apps.accounts.models import User
from apps.comments.models import Comment
from apps.communities.actions import define_community, join_community
from apps.moderation.actions.acts import lock_thread, remove_comment
from apps.notifications.actions.telling import tell_of_comment
from apps.notifications.stopping import EVERYTHING, Stop
from apps.previews.models import Preview
from apps.stories.models import Story
from tests.factories import CommentFactory, ModeratorFactory, PersonFactory, StoryFactory, TagFactory
from tests.search.indexing import index_all

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Scene:
    """Who is there: `member` wrote the story and a reply to `comment`, which `stranger` wrote."""

    member: User
    stranger: User
    moderator: User
    story: Story
    locked: Story
    comment: Comment
    reply: Comment

    def public_pages(self) -> list[str]:
        """What everybody may open."""
        return [
            *("/", "/newest", "/active", "/top", "/top/year", "/rising", "/controversial", "/most-commented"),
            *("/c/", "/c/town/", "/c/town/about", "/t/", "/t/django/", "/t/django,rust/", "/d/example.org/"),
            *("/u/", "/u/mia/", "/u/mia/stories/", "/u/mia/comments/", "/comments/", "/moderation/log", "/api/docs"),
            *("/search", "/search?q=story", "/search?q=is%3Aperson"),
            self.story.get_absolute_url(),
            self.locked.get_absolute_url(),
            *(self.comment.get_absolute_url(), self.reply.get_absolute_url()),
            reverse("stories:rank", args=[self.story.pk]),
            f"/s/{self.story.pk}/arrivals/?ids={self.comment.pk}%2C{self.reply.pk}",
            *("/account/password/reset/", "/account/password/reset/done/", "/account/password/reset/key/1-x/"),
            *("/account/confirm-email/", "/account/confirm-email/x/", "/account/inactive/"),
        ]

    def public_answers(self) -> list[str]:
        """What every program may read."""
        story, comment = f"/api/v1/stories/{self.story.pk}", f"/api/v1/comments/{self.comment.pk}"
        lists = [
            *("/api/v1/stories", "/api/v1/communities/town/stories", "/api/v1/tags/django,rust/stories"),
            *("/api/v1/domains/example.org/stories", "/api/v1/people/mia/stories"),
        ]
        return [
            *lists,
            *(f"{path}?order=newest" for path in lists),
            *(story, f"{story}/rank", f"{story}/comments", f"/api/v1/stories/{self.locked.pk}"),
            *("/api/v1/comments", comment, "/api/v1/people/sam/comments", "/api/v1/log"),
            *("/api/v1/communities", "/api/v1/communities/town", "/api/v1/tags"),
            *("/api/v1/search?q=story", "/api/v1/search?q=mia&order=score"),
            *("/api/v1/people", "/api/v1/people/mia", "/api/v1/people/sam"),
        ]

    def pages_with_feeds(self) -> list[str]:
        """Lists that can be followed."""
        return [
            *("/", "/newest", "/active", "/top/week", "/top/year", "/rising", "/controversial", "/most-commented"),
            *("/c/town/", "/c/town/newest", "/t/django/", "/t/django,rust/top/all", "/d/example.org/"),
            *("/u/mia/stories/", "/u/mia/comments/", "/comments/", "/moderation/log", self.story.get_absolute_url()),
        ]

    def program_pages(self) -> list[str]:
        """What programs open."""
        lists = [f"/hn/v0/{name}.json" for name in ("topstories", "maxitem", "updates", "user/mia", "item/1")]
        feeds = [*self.pages_with_feeds(), "/search?q=story", "/inbox/1-x"]
        return [*(f"/feeds/rss{path}" for path in feeds), *lists]

    def visitor_pages(self) -> list[str]:
        """What is for people who are not logged in."""
        stop = Stop(self.member.pk, EVERYTHING)
        return ["/account/login/", "/account/signup/", stop.address.removeprefix(settings.SITE_URL)]

    def member_pages(self) -> list[str]:
        """What `member` may open besides."""
        return [
            *(
                "/submit",
                "/settings",
                "/settings/notifications",
                "/settings/data",
                "/settings/tokens",
                "/settings/apps",
                "/saved",
                "/hidden",
                "/mutes",
                "/inbox",
            ),
            *("/account/email/", "/account/password/change/", "/account/logout/"),
            *(reverse("stories:edit", args=[self.story.pk]), reverse("stories:deletion", args=[self.story.pk])),
            *(reverse("comments:edit", args=[self.reply.pk]), reverse("comments:deletion", args=[self.reply.pk])),
            reverse("comments:reply", args=[self.comment.pk]),
            reverse("moderation:comment_flag", args=[self.comment.pk]),
        ]

    def moderator_pages(self) -> list[str]:
        """What `moderator` may open besides."""
        return [
            *(reverse("moderation:story_removal", args=[self.story.pk]), "/u/mia/ban"),
            *(reverse("moderation:story_lock", args=[self.story.pk]), self.story.get_absolute_url()),
            reverse("moderation:comment_removal", args=[self.comment.pk]),
            *(reverse("moderation:story_flag", args=[self.story.pk]), "/moderation/flags"),
        ]


def build(now: datetime) -> Scene:
    """Set the scene at `now`."""
    town = define_community(slug="town", name="Town", summary="For all.", rules="1. Be *kind*.", now=now)
    member, stranger = (
        PersonFactory.create(username="mia", password=make_password(PASSWORD)),
        PersonFactory.create(username="sam"),
    )
    moderator = ModeratorFactory.create(username="mo")
    tags = (TagFactory.create(name="django"), TagFactory.create(name="rust", hotness_mod=-0.5))
    earlier = now - timedelta(hours=2)
    fields = {"community": town, "author": member, "tags": tags, "created_at": earlier}
    story = StoryFactory.create(url="https://example.org/a", text="Why I *wrote* it.", base_ups=8, **fields)
    Preview.objects.create(story=story, title="Of doors", description="Why they open, and shut.", fetched_at=now)
    locked = StoryFactory.create(title="A locked story", **fields)
    comment = CommentFactory.create(story=story, author=stranger, text="    code = 1\n\n> quote\n\nText.", base_ups=3)
    reply = CommentFactory.create(parent=comment, author=member)
    tell_of_comment(comment=comment, now=now)
    for _ in range(3):
        CommentFactory.create(story=story)
    removed = CommentFactory.create(parent=comment)
    CommentFactory.create(parent=removed)
    remove_comment(by=moderator, comment=removed, reason="Rude.", now=now)
    lock_thread(by=moderator, story=locked, reason="Enough said.", now=now)
    for person in (member, moderator):
        join_community(by=person, community=town, now=now)
    index_all()
    return Scene(member, stranger, moderator, story, locked, comment, reply)
