"""What stands in the log: what was done for which request, and nothing that people have sent."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
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

    writing.handle(
        logging.makeLogRecord({"name": "apps.trial", "msg": "All is well", "levelname": "INFO", "levelno": 20})
    )

    assert "All is well" in log.getvalue()
    assert "{" not in log.getvalue()


def test_django_says_nothing_past_the_log() -> None:
    assert logging.getLogger("django").handlers == []


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


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("duplicate key\nDETAIL:  Key (name)=(secret\nsecret) already exists.", "duplicate key"),
        ("it failed\nLINE 1: SELECT 'secret\nsecret'\n               ^\nHINT:  secret", "it failed"),
        ("it failed\nCONTEXT:  unnamed portal parameter $1 = 'secret'", "it failed"),
        ('invalid input syntax for type integer: "secret\nsecret"', "invalid input syntax for type integer: "),
        ('malformed array literal: "{secret"', "malformed array literal: "),
        ('date/time field value out of range: "secret"', "date/time field value out of range: "),
    ],
)
def test_errors_of_the_database_quote_no_values(log: Log, said: str, kept: str) -> None:
    try:
        try:
            raise LookupError(said)
        except LookupError as error:
            raise DatabaseError(said) from error
    except DatabaseError as error:
        logging.getLogger("apps.trial").exception("It failed: %s", error)

    [entry] = log.entries()
    assert entry["event"] == f"It failed: {kept}"
    assert "secret" not in entry["exception"]
    assert f"LookupError: {kept}\n\nThe above exception" in entry["exception"]
    assert entry["exception"].endswith(f"DatabaseError: {kept}")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Invalid request from ip=192.0.2.7: Invalid HTTP Version: 'secret\nsecret'", "Invalid request"),
        ("Error handling request GET /feeds/rss/inbox/secret", "Error handling request"),
        ("Worker (pid:7) exited with code 3.", "Worker (pid:7) exited with code 3."),
    ],
)
def test_gunicorn_says_of_requests_only_that_they_failed(log: Log, said: str, kept: str) -> None:
    logging.getLogger("gunicorn.error").error(said)

    assert [entry["event"] for entry in log.entries()] == [kept]


@pytest.mark.parametrize(
    ("headers", "logger", "event"),
    [
        ({"Host": "secret.example"}, "django.security.DisallowedHost", "Invalid HTTP_HOST header"),
        ({"Origin": "https://secret.example"}, "django.security.csrf", "Forbidden (Origin checking failed"),
    ],
)
def test_wrong_hosts_and_origins_are_a_quiet_line_without_their_names(
    log: Log, headers: dict[str, str], logger: str, event: str
) -> None:
    Client(enforce_csrf_checks=True).post("/account/login/", headers=headers)

    [entry] = [entry for entry in log.entries() if entry["logger"] == logger]
    assert (entry["event"], entry["level"]) == (event, "warning")
    assert "secret" not in log.getvalue()
    assert "exception" not in entry


def test_what_is_not_known_as_a_fact_is_left_out(log: Log) -> None:
    request = RequestFactory().get("/secret")

    logging.getLogger("apps.trial").warning("Slow", extra={"seconds": 3.0, "request": request, "password": "secret"})

    [entry] = log.entries()
    assert entry["seconds"] == 3.0
    assert "secret" not in log.getvalue()


@pytest.mark.drifts(reason="the connection ends with the request")
@pytest.mark.django_db
def test_what_the_handler_says_of_a_request_has_its_id(log: Log) -> None:
    environ = RequestFactory().get("/nowhere", headers={"X-Request-ID": "0123456789abcdef"}).environ

    DoorHandler()(environ, lambda *_: None)

    assert [entry["request_id"] for entry in log.entries() if entry["event"] == "Not Found"] == ["0123456789abcdef"]
