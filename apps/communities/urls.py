"""Addresses of communities and tags."""

from django.urls import path

from apps.communities import views

app_name = "communities"
urlpatterns = [
    path("c/", views.communities, name="communities"),
    path("c/<slug:slug>/about", views.about, name="about"),
    path("c/<slug:slug>/membership", views.membership, name="membership"),
    path("t/", views.tags, name="tags"),
    path("t/<str:name>/mute", views.mute_tag, name="mute_tag"),
]
