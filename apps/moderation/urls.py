"""Addresses of moderation."""

from django.urls import path

from apps.moderation import views

app_name = "moderation"
urlpatterns = [
    path("moderation/log", views.log, name="log"),
    path("moderation/flags", views.flagged, name="flagged"),
    path("s/<int:pk>/flag", views.story_flag, name="story_flag"),
    path("s/<int:pk>/flags/dismissal", views.story_dismissal, name="story_dismissal"),
    path("comments/<int:pk>/flag", views.comment_flag, name="comment_flag"),
    path("comments/<int:pk>/flags/dismissal", views.comment_dismissal, name="comment_dismissal"),
    path("s/<int:pk>/removal", views.story_removal, name="story_removal"),
    path("s/<int:pk>/lock", views.story_lock, name="story_lock"),
    path("comments/<int:pk>/removal", views.comment_removal, name="comment_removal"),
    path("u/<str:username>/ban", views.ban, name="ban"),
]
