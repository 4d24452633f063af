"""Typed readers of environment variables. Not here: what the values mean (settings.py).

A variable NAME may also be given as NAME_FILE, the path of a file that holds it (secrets).
What starts a process (manage.py, gunicorn.conf.py, `make run`) calls `read_file` first; tests don't.
A malformed value ends the start with one sentence that says how to set it.
"""

import os
import re
from importlib.util import find_spec
from pathlib import Path

import dj_database_url

FILE = Path(__file__).resolve().parent.parent / ".env"


def read_file(path: Path = FILE) -> None:
    """Take from a file of NAME=value lines what the environment itself lacks. Without the file, nothing happens."""
    if not path.exists():
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        name, separator, value = line.partition("=")
        if not line.strip() or line.startswith("#"):
            continue
        if not separator:
            raise SystemExit(f"Line {number} of {path} is {line!r}, but must be like PORT=8000")
        os.environ.setdefault(name.strip(), value.strip())


def fail(name: str, value: str, expected: str, example: str) -> SystemExit:
    """The error for a malformed variable: one sentence, with an example that works."""
    return SystemExit(f"{name} is {value!r}, but must be {expected}. Set it like {name}={example}")


def text(name: str, default: str) -> str:
    """The variable as text; `default` when neither NAME nor NAME_FILE is set."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise fail(f"{name}_FILE", path, f"a readable file ({error.strerror})", "/run/secrets/value") from error
    return os.environ.get(name, default)


def boolean(name: str, default: bool) -> bool:
    """True for 1/true/yes/on, False for 0/false/no/off."""
    value = text(name, str(default)).lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise fail(name, value, "1 or 0", "1")


def integer(name: str, default: int, *, minimum: int, maximum: int) -> int:
    """A whole number between `minimum` and `maximum`, both allowed."""
    value = text(name, str(default))
    if value.isascii() and value.isdigit() and minimum <= int(value) <= maximum:
        return int(value)
    raise fail(name, value, f"a whole number from {minimum} to {maximum}", str(default))


def port(name: str, default: int) -> int:
    """A TCP port."""
    return integer(name, default, minimum=1, maximum=65535)


def choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    """One of `choices`."""
    value = text(name, default)
    if value in choices:
        return value
    raise fail(name, value, f"one of {', '.join(choices)}", default)


def directory(name: str, default: Path) -> Path:
    """A directory that this process may write to; made when it is missing."""
    path = Path(text(name, str(default)))
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise fail(name, str(path), f"a directory that can be made ({error.strerror})", "/var/lib/site") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise fail(name, str(path), "a directory that this user may write to", "/var/lib/site")
    return path


def words(name: str, default: str) -> list[str]:
    """A comma-separated list; blanks around the items and empty items are dropped."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def database(name: str, default: str) -> dj_database_url.DBConfig:
    """A database address, `sqlite:///path` or `postgres://user:password@host:port/name`."""
    return _database(name, text(name, default))


def databases(name: str) -> list[dj_database_url.DBConfig]:
    """A comma-separated list of addresses of PostgreSQL; empty by default."""
    values = words(name, "")
    for value in values:
        if value.startswith("sqlite:"):
            raise fail(name, value, "an address of PostgreSQL", "postgres://user:password@127.0.0.1:5433/site")
    return [_database(name, value) for value in values]


def _database(name: str, value: str) -> dj_database_url.DBConfig:
    if value.split(":", 1)[0] not in {"sqlite", "postgres", "postgresql"}:
        raise fail(name, value, "an address of SQLite or PostgreSQL", "postgres://user:password@127.0.0.1:5432/site")
    try:
        config = dj_database_url.parse(value, conn_health_checks=True, conn_max_age=60)
    except ValueError as error:
        raise fail(name, value, f"a complete address ({error})", "sqlite:///var/groundswell.sqlite3") from error
    if not config.get("NAME"):
        raise fail(name, value, "an address that names the database", "sqlite:///var/groundswell.sqlite3")
    return config


def broker(name: str) -> str:
    """The address of a message broker, Redis or RabbitMQ; empty by default."""
    value = text(name, "")
    if value and value.partition("://")[0] not in {"redis", "rediss", "amqp", "amqps"}:
        raise fail(name, value, "an address of Redis or RabbitMQ", "redis://127.0.0.1:6380/0")
    return value


def address(name: str, default: str) -> str:
    """An http or https origin without a path, such as https://news.example.org."""
    value = text(name, default).rstrip("/")
    scheme, separator, host = value.partition("://")
    if scheme in {"http", "https"} and separator and host and "/" not in host:
        return value
    raise fail(name, value, "the site's address without a path", "https://news.example.org")


def index(name: str) -> str:
    """The address of an index of OpenSearch; empty by default."""
    value = text(name, "")
    if value and not re.fullmatch(r"https?://[^/\s]+/[a-z0-9][a-z0-9_-]*", value):
        raise fail(name, value, "the address of a server and a name", "http://127.0.0.1:9200/groundswell")
    return value


def collector(name: str) -> str:
    """The address of a collector of spans, which may have a path; empty by default. Needs requirements-otel.txt."""
    value = text(name, "").rstrip("/")
    if value and not re.fullmatch(r"https?://[^/\s]+(/\S*)?", value):
        raise fail(name, value, "the http or https address of a collector", "http://127.0.0.1:4318")
    if value and not find_spec("opentelemetry"):
        raise SystemExit(f"{name} needs OpenTelemetry: pip install --require-hashes -r requirements-otel.txt")
    return value


def place(name: str) -> tuple[str, int] | None:
    """An address to listen at, host and port; None by default."""
    value = text(name, "")
    if not value:
        return None
    host, _, port = value.rpartition(":")
    if host and port.isascii() and port.isdigit() and 0 < int(port) < 65536:
        return host, int(port)
    raise fail(name, value, "a host and a port to listen at", "127.0.0.1:9100")
