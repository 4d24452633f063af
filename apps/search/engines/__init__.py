"""The one choice between engines: the database's own. Another one is another module with the functions of `Engine`."""

from django.db import connection

from apps.search.engines import postgresql, sqlite
from apps.search.engines.engine import Engine

ENGINES: dict[str, Engine] = {"postgresql": postgresql, "sqlite": sqlite}


def engine() -> Engine:
    """What keeps the index of this site and finds in it."""
    return ENGINES[connection.vendor]
