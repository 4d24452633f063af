"""Addresses of thumbnails, below MEDIA_URL."""

from django.urls import path

from apps.previews import views

app_name = "previews"
urlpatterns = [
    path("media/previews/<int:shelf>/<slug:name>.webp", views.thumbnail, name="thumbnail"),
]
