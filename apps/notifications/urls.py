"""Addresses of the inbox, of watches, and of choices about mail."""

from django.urls import path

from apps.notifications import views

app_name = "notifications"
urlpatterns = [
    path("inbox", views.inbox, name="inbox"),
    path("inbox/mark", views.mark, name="mark"),
    path("settings/notifications", views.preferences, name="preferences"),
    path("unsubscribe/<str:token>", views.unsubscribe, name="unsubscribe"),
    path("s/<int:pk>/watch", views.watch_story, name="watch_story"),
    path("s/<int:pk>/mute", views.mute_thread, name="mute_thread"),
    path("t/<str:name>/watch", views.watch_tag, name="watch_tag"),
    path("u/<str:username>/watch", views.watch_person, name="watch_person"),
]
