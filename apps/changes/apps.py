"""What has changed, in the order of commits: for programs that follow a site. Knows no noun."""

from django.apps import AppConfig


class ChangesConfig(AppConfig):
    """The list of changes."""

    name = "apps.changes"
