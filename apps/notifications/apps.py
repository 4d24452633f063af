"""Notifications: who is told of what, on the site and by mail."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """The inbox, watches, preferences, mails, digests."""

    name = "apps.notifications"
