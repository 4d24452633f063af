"""The site, and a way to have the trial's jobs enqueued through it."""

from django.urls import include, path

from tests.jobs.trial.views import promise

urlpatterns = [path("trial/promises", promise), path("", include("project.urls"))]
