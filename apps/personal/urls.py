"""Addresses of personal data."""

from django.urls import path

from apps.personal import views

app_name = "personal"
urlpatterns = [
    path("settings/data", views.data, name="data"),
    path("settings/data/export", views.export, name="export"),
    path("settings/data/export.zip", views.download, name="download"),
    path("settings/data/erasure", views.erasure, name="erasure"),
]
