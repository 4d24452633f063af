"""How psycopg reaches a server of `DATABASES` without Django: for the prober and for checks at the start."""

from typing import Any

import psycopg

CONNECT_SECONDS = 2


def open_link(config: dict[str, Any], options: str = "") -> psycopg.Connection[Any]:
    """A connection of its own, in autocommit, with server settings such as "-c statement_timeout=1s"."""
    settings = {name: value for name, value in config.get("OPTIONS", {}).items() if name not in {"pool", "options"}}
    address = {"host": config["HOST"], "port": config["PORT"], "user": config["USER"], "password": config["PASSWORD"]}
    settings |= {name: value for name, value in address.items() if value}
    settings |= {"connect_timeout": CONNECT_SECONDS, "options": options}
    return psycopg.connect(dbname=config["NAME"], autocommit=True, **settings)
