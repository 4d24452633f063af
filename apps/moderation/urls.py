"""Addresses of moderation."""

from django.urls import path

from apps.moderation import views

app_name = "moderation"
urlpatterns = [
    path("moderation/log", views.log, name="log"),
    path("s/<int:pk>/removal", views.story_removal, name="story_removal"),
    path("s/<int:pk>/lock", views.story_lock, name="story_lock"),
    path("comments/<int:pk>/removal", views.comment_removal, name="comment_removal"),
    path("u/<str:username>/ban", views.ban, name="ban"),
]
