"""Addresses of the canary."""

from django.urls import path

from apps.canary import views

app_name = "canary"
urlpatterns = [
    path("canary", views.canary, name="canary"),
    path("canary/songs", views.songs, name="songs"),
]
