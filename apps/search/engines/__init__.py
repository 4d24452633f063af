"""The choice between engines: the database's own or a server. Another is a module with the functions of its kind."""

from django.conf import settings
from django.db import connection

from apps.search.engines import opensearch, postgresql, sqlite
from apps.search.engines.engine import Database, Engine, Server

DATABASES: dict[str, Database] = {"postgresql": postgresql, "sqlite": sqlite}


def engine() -> Engine:
    """What finds on this site."""
    return server() or database()


def database() -> Database:
    """What keeps documents, also beside a server."""
    return DATABASES[connection.vendor]


def server() -> Server | None:
    """What has to be told of documents, if anything."""
    return opensearch if settings.SEARCH_URL else None
