"""Addresses of the API. What visitors may read is kept like pages, under the tags of what it shows."""

from django.urls import include, path
from oauth2_provider.views import OAuthServerMetadataView, RevokeTokenView, TokenView

from apps.accounts.tags import PEOPLE, person
from apps.api.sharing import shared
from apps.api.views import (
    access,
    comments,
    docs,
    flags,
    markdown,
    moderation,
    notifications,
    people,
    places,
    search,
    stories,
    updates,
)
from apps.comments.tags import NEWEST_COMMENTS, comment
from apps.communities.tags import COMMUNITIES, VOCABULARY, community, tagged
from apps.moderation.tags import LOG
from apps.search.tags import INDEX
from apps.stories.tags import FRONT_PAGE, STORY_TITLES, domain, story

app_name = "api"
v1 = [
    path("stories", shared(stories.Stories, tags=[FRONT_PAGE]), name="stories"),
    path("stories/<int:pk>", shared(stories.OneStory, tags=[story]), name="story"),
    path("stories/<int:pk>/rank", shared(stories.StoryRank, tags=[story, VOCABULARY]), name="rank"),
    path("stories/<int:pk>/comments", shared(comments.Thread, tags=[story]), name="thread"),
    path("stories/<int:pk>/vote", stories.StoryVote.as_view(), name="story_vote"),
    path("stories/<int:pk>/flag", flags.StoryFlag.as_view(), name="story_flag"),
    path("stories/<int:pk>/flags", flags.StoryFlags.as_view(), name="story_flags"),
    path("stories/<int:pk>/saved", stories.StorySaved.as_view(), name="story_saved"),
    path("stories/<int:pk>/hidden", stories.StoryHidden.as_view(), name="story_hidden"),
    path("stories/<int:pk>/visit", stories.StoryVisit.as_view(), name="visit"),
    path("stories/<int:pk>/watch", notifications.StoryWatch.as_view(), name="story_watch"),
    path("stories/<int:pk>/mute", notifications.ThreadMute.as_view(), name="thread_mute"),
    path("comments", shared(comments.Comments, tags=[NEWEST_COMMENTS, STORY_TITLES]), name="comments"),
    path("comments/<int:pk>", shared(comments.OneComment, tags=[comment]), name="comment"),
    path("comments/<int:pk>/vote", comments.CommentVote.as_view(), name="comment_vote"),
    path("comments/<int:pk>/flag", flags.CommentFlag.as_view(), name="comment_flag"),
    path("comments/<int:pk>/flags", flags.CommentFlags.as_view(), name="comment_flags"),
    path("communities", shared(places.Communities, tags=[COMMUNITIES]), name="communities"),
    path("communities/<slug:slug>", shared(places.OneCommunity, tags=[community]), name="community"),
    path("communities/<slug:slug>/stories", shared(stories.CommunityStories, tags=[community]), name="in_community"),
    path("communities/<slug:slug>/membership", places.Membership.as_view(), name="membership"),
    path("tags", shared(places.Tags, tags=[VOCABULARY]), name="vocabulary"),
    path("tags/<str:names>/stories", shared(stories.TaggedStories, tags=[tagged]), name="tagged"),
    path("tags/<str:name>/mute", places.TagMute.as_view(), name="tag_mute"),
    path("tags/<str:name>/watch", notifications.TagWatch.as_view(), name="tag_watch"),
    path("domains/<str:domain>/stories", shared(stories.DomainStories, tags=[domain]), name="from_domain"),
    path("domains/<str:domain>/mute", stories.DomainMute.as_view(), name="domain_mute"),
    path("people", shared(people.People, tags=[PEOPLE]), name="people"),
    path("people/<str:username>", shared(people.OnePerson, tags=[person]), name="person"),
    path("people/<str:username>/stories", shared(stories.PersonStories, tags=[person]), name="by_person"),
    path(
        "people/<str:username>/comments",
        # Each comes with the number of those below it, by whomever.
        shared(comments.PersonComments, tags=[person, NEWEST_COMMENTS, STORY_TITLES]),
        name="comments_by_person",
    ),
    path("people/<str:username>/mute", people.PersonMute.as_view(), name="person_mute"),
    path("people/<str:username>/watch", notifications.PersonWatch.as_view(), name="person_watch"),
    path("flags", flags.Flags.as_view(), name="flags"),
    path("log", shared(moderation.Log, tags=[LOG, STORY_TITLES]), name="log"),
    path(
        "search",
        shared(search.Search, tags=[INDEX, FRONT_PAGE, NEWEST_COMMENTS, STORY_TITLES, PEOPLE]),
        name="search",
    ),
    path("updates", shared(updates.Updates, tags=[FRONT_PAGE, NEWEST_COMMENTS]), name="updates"),
    path("markdown", markdown.Markdown.as_view(), name="markdown"),
    path("me", people.Myself.as_view(), name="me"),
    path("me/saved", people.MySaved.as_view(), name="my_saved"),
    path("me/hidden", people.MyHidden.as_view(), name="my_hidden"),
    path("me/mutes", people.MyMutes.as_view(), name="my_mutes"),
    path("me/votes", people.MyVotes.as_view(), name="my_votes"),
    path("me/flags", flags.MyFlags.as_view(), name="my_flags"),
    path("me/watches", notifications.MyWatches.as_view(), name="my_watches"),
    path("me/preferences", notifications.MyPreferences.as_view(), name="preferences"),
    path("me/inbox", notifications.Inbox.as_view(), name="inbox"),
    path("me/inbox/read", notifications.InboxRead.as_view(), name="inbox_read"),
]
# The names are django-oauth-toolkit's, by which it describes itself to apps.
oauth = [
    path("oauth/authorize", access.Consent.as_view(), name="authorize"),
    path("oauth/token", access.readable(TokenView.as_view()), name="token"),
    path("oauth/revoke", access.readable(RevokeTokenView.as_view()), name="revoke-token"),
    path(".well-known/oauth-authorization-server", OAuthServerMetadataView.as_view(), name="oauth-server-metadata"),
]
urlpatterns = [
    path("api/v1/", include(v1)),
    path("api/docs", docs.docs, name="docs"),
    path("api/openapi.json", docs.description, name="description"),
    path("settings/tokens", access.tokens, name="tokens"),
    path("settings/tokens/<int:pk>/revocation", access.token_revocation, name="token_revocation"),
    path("settings/apps", access.apps, name="apps"),
    path("settings/apps/<int:pk>/deletion", access.app_deletion, name="app_deletion"),
    path("settings/apps/<int:pk>/revocation", access.app_revocation, name="app_revocation"),
]
