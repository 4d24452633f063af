"""The test's database, for processes of their own."""

from django.db import connection


def address() -> str:
    """What DATABASE_URL is to them."""
    known = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{known['NAME']}"
    return "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**known)
