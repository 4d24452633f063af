"""Addresses of threads and comments."""

from django.urls import path

from apps.comments import views

app_name = "comments"
urlpatterns = [
    path("s/<int:pk>/<slug:slug>", views.thread, name="thread"),
    path("s/<int:pk>/comments/", views.post, name="post"),
    path("s/<int:pk>/visit/", views.visit, name="visit"),
    path("s/<int:pk>/arrivals/", views.arrivals, name="arrivals"),
    path("comments/", views.newest, name="newest"),
    path("comments/<int:pk>", views.comment, name="comment"),
    path("comments/<int:pk>/reply", views.reply, name="reply"),
    path("comments/<int:pk>/edit", views.edit, name="edit"),
    path("comments/<int:pk>/deletion", views.deletion, name="deletion"),
    path("u/<str:username>/comments/", views.person, name="person"),
]
