"""Addresses of people."""

from django.urls import path

from apps.accounts import views

app_name = "accounts"
urlpatterns = [
    path("u/", views.people, name="people"),
    path("u/<str:username>/", views.profile, name="profile"),
    path("u/<str:username>/mute", views.mute, name="mute"),
    path("settings", views.settings, name="settings"),
]
