"""What the site keeps of people: their copy of it, its end, and how long it is kept at all."""

from django.apps import AppConfig


class PersonalConfig(AppConfig):
    """Exports, erasure, retention."""

    name = "apps.personal"
