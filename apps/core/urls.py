"""Addresses of the pages that belong to no app."""

from django.urls import path

from apps.core import views

app_name = "core"
urlpatterns = [
    path("robots.txt", views.robots, name="robots"),
    path("preview", views.preview, name="preview"),
    path("theme", views.theme, name="theme"),
]
