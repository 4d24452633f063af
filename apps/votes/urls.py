"""Addresses of votes."""

from django.urls import path

from apps.votes import views

app_name = "votes"
urlpatterns = [
    path("s/<int:pk>/vote", views.story_vote, name="story"),
    path("comments/<int:pk>/vote", views.comment_vote, name="comment"),
]
