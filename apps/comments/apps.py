"""Comments: the threads below stories."""

from django.apps import AppConfig


class CommentsConfig(AppConfig):
    """Writing, threads, permalinks, unread marks."""

    name = "apps.comments"
