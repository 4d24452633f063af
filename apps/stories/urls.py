"""Addresses of stories and lists."""

from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter

from apps.stories import views
from apps.stories.queries.lists import ORDERS, WINDOWS


class OrderConverter(StringConverter):
    """The name of an order."""

    regex = "|".join(ORDERS)


class WindowConverter(StringConverter):
    """The span of a "top" list."""

    regex = "|".join(WINDOWS)


register_converter(OrderConverter, "order")
register_converter(WindowConverter, "window")


def lists(prefix: str, view: views.ListView, name: str) -> list[URLPattern]:
    """A list in its first order at `prefix`, and in every other order below it."""
    return [
        path(prefix, view, name=name),
        path(f"{prefix}<order:order>", view, name=f"{name}_ordered"),
        path(f"{prefix}top/<window:window>", view, {"order": "top"}, name=f"{name}_top"),
    ]


app_name = "stories"
urlpatterns = [
    *lists("", views.front_page, "front"),
    *lists("c/<slug:slug>/", views.community, "community"),
    *lists("t/<str:names>/", views.tag, "tag"),
    *lists("d/<str:domain>/", views.domain, "domain"),
    *lists("u/<str:username>/stories/", views.person, "person"),
    path("submit", views.submit, name="submit"),
    path("submit/duplicate", views.duplicate, name="duplicate"),
    path("saved", views.saved, name="saved"),
    path("hidden", views.hidden, name="hidden"),
    path("mutes", views.mutes, name="mutes"),
    path("s/<int:pk>/edit", views.edit, name="edit"),
    path("s/<int:pk>/deletion", views.deletion, name="deletion"),
    path("s/<int:pk>/rank", views.rank, name="rank"),
    path("s/<int:pk>/saved", views.save, name="save"),
    path("s/<int:pk>/hidden", views.hide, name="hide"),
    path("d/<str:domain>/mute", views.mute_domain, name="mute_domain"),
]
