"""Addresses of feeds: `/feeds/<format>` before the path of the page."""

from django.urls import include, path, register_converter
from django.urls.converters import StringConverter

from apps.feeds import views
from apps.feeds.formats import FORMATS
from apps.stories.urls import lists


class FormatConverter(StringConverter):
    """The name of a format."""

    regex = "|".join(FORMATS)


register_converter(FormatConverter, "feed")

pages = [
    *lists("", views.front_page, "front"),
    *lists("c/<slug:slug>/", views.community, "community"),
    *lists("t/<str:names>/", views.tag, "tag"),
    *lists("d/<str:domain>/", views.domain, "domain"),
    *lists("u/<str:username>/stories/", views.person, "person"),
    path("u/<str:username>/comments/", views.persons_comments, name="persons_comments"),
    path("comments/", views.newest_comments, name="newest_comments"),
    path("s/<int:pk>/<slug:slug>", views.thread, name="thread"),
    path("moderation/log", views.log, name="log"),
    path("search", views.search, name="search"),
    path("inbox/<str:key>", views.inbox, name="inbox"),
]

app_name = "feeds"
urlpatterns = [path("feeds/<feed:form>/", include(pages))]
