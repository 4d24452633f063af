"""People: who they are, how they sign in, whom they do not want to read."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Accounts, profiles, mutes of people."""

    name = "apps.accounts"
