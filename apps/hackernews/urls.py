"""The API's addresses, as it documents them, below `/hn/`."""

from django.urls import include, path

from apps.hackernews import queries, views

version_0 = [
    path("item/<int:item>.json", views.item, name="item"),
    path("user/<str:username>.json", views.user, name="user"),
    path("maxitem.json", views.newest_item, name="newest_item"),
    path("updates.json", views.updates, name="updates"),
    *(path(f"{name}.json", views.listing, {"name": name}, name="listing") for name in queries.LISTS),
    path("<path:path>", views.nothing, name="nothing"),
]

app_name = "hackernews"
urlpatterns = [path("hn/v0/", include(version_0))]
