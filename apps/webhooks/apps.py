"""Webhooks: other programs are told what happens here, by requests that they can prove to be ours."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Endpoints, and the log of what was delivered to them."""

    name = "apps.webhooks"
