"""What stands in the log: what was done for which request, and nothing that people have sent."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client, RequestFactory

from apps.accounts.models import User
from apps.core import tracing
from apps.observability import logs
from apps.pagecache.door import DoorHandler
from tests.factories.people import PersonFactory


class Log(io.StringIO):
    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]


def handler(*, is_readable: bool) -> tuple[logging.Handler, Log]:
    """As the settings make it, but for what it writes to."""
    log, made = Log(), logs.config("DEBUG", is_readable=is_readable)["formatters"]["line"]
    handler = logging.StreamHandler(log)
    handler.setFormatter(made.pop("()")(**made))
    return handler, log


@pytest.fixture
def log() -> Iterator[Log]:
    root, (writing, log) = logging.getLogger(), handler(is_readable=False)
    root.addHandler(writing)
    yield log
    root.removeHandler(writing)


def test_every_line_is_json_with_the_request_and_what_it_did(log: Log) -> None:
    with tracing.tracing("0123456789abcdef", "stories.thread"):
        logging.getLogger("apps.trial").warning("It took %s s\nand another line", 3)

    [entry] = log.entries()
    assert entry.pop("timestamp")
    assert entry == {
        **{"event": "It took 3 s\nand another line", "level": "warning", "logger": "apps.trial"},
        **{"request_id": "0123456789abcdef", "doing": "stories.thread"},
    }


def test_developers_read_words() -> None:
    writing, log = handler(is_readable=True)

    writing.handle(logging.makeLogRecord({"msg": "All is well", "levelname": "INFO", "levelno": 20}))

    assert "All is well" in log.getvalue()
    assert "{" not in log.getvalue()


@pytest.mark.django_db
def test_refusals_say_neither_path_nor_query(log: Log, client: Client) -> None:
    client.get("/u/secret-name/?token=secret-key", headers={"Cookie": "sessionid=secret-session"})

    assert [entry["event"] for entry in log.entries() if entry["logger"] == "django.request"] == ["Not Found"]
    assert "secret" not in log.getvalue()


@pytest.mark.django_db
def test_errors_of_the_database_quote_no_rows(log: Log) -> None:
    name = PersonFactory.create(username="secretive").username

    with transaction.atomic():
        try:
            User.objects.create(username=name)
        except IntegrityError:
            logging.getLogger("apps.trial").exception("It failed")
            transaction.set_rollback(True)

    [entry] = log.entries()
    assert "IntegrityError" in entry["exception"]
    assert "secretive" not in entry["exception"]


def test_what_is_not_known_as_a_fact_is_left_out(log: Log) -> None:
    request = RequestFactory().get("/secret")

    logging.getLogger("apps.trial").warning("Slow", extra={"seconds": 3.0, "request": request, "password": "secret"})

    [entry] = log.entries()
    assert entry["seconds"] == 3.0
    assert "secret" not in log.getvalue()


@pytest.mark.django_db
def test_what_the_handler_says_of_a_request_has_its_id(log: Log) -> None:
    environ = RequestFactory().get("/nowhere", headers={"X-Request-ID": "0123456789abcdef"}).environ

    DoorHandler()(environ, lambda *_: None)

    assert [entry["request_id"] for entry in log.entries() if entry["event"] == "Not Found"] == ["0123456789abcdef"]
