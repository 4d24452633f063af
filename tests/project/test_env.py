"""Variables: documented, and refused with a sentence that helps."""

import ast
import os
import runpy
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from project import counters, env

ROOT = Path(__file__).resolve().parents[2]
READERS = (
    *("project/settings.py", "gunicorn.conf.py", "live.conf.py", "deploy/local/serve.py", "deploy/backup/__main__.py"),
)
# Read by tests alone.
ONLY_FOR_TESTS = {"GROUNDSWELL_DATA"}


def names_read() -> set[str]:
    """The first argument of every `env.reader("NAME", …)`."""
    names = set()
    for file in READERS:
        for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="env")), args=[ast.Constant(value=str(name)), *_]):
                    names.add(name)
    return names


def example_lines() -> list[str]:
    """`.env.example` with its values switched on."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("#") for line in lines if "=" in line and not line.startswith("# ")]


def test_every_variable_stands_in_the_example_file() -> None:
    documented = {line.partition("=")[0] for line in example_lines()}

    assert documented == names_read() | ONLY_FOR_TESTS


def test_every_value_of_the_example_file_is_accepted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "environ", {"VAR_DIR": str(tmp_path)})
    file = tmp_path / "env"
    file.write_text("\n".join(example_lines()), encoding="utf-8")

    env.read_file(file)

    assert runpy.run_path(str(ROOT / "project/settings.py"))["SITE_NAME"] == "Groundswell"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PORT", "80a", "a whole number from 1 to 65535"),
        ("PORT", "70000", "a whole number from 1 to 65535"),
        ("PORT", "", "a whole number from 1 to 65535"),
        ("DEBUG", "maybe", "1 or 0"),
        ("LOG_LEVEL", "LOUD", "one of DEBUG, INFO"),
        ("SEARCH_URL", "http://127.0.0.1:9200", "the address of a server and a name"),
        ("SITE_URL", "news.example.org", "the site's address without a path"),
        ("SITE_URL", "https://news.example.org/path", "the site's address without a path"),
        ("DATABASE_URL", "mysql://localhost/site", "an address of SQLite or PostgreSQL"),
        ("DATABASE_URL", "postgres://localhost:port/site", "a complete address"),
        ("DATABASE_URL", "postgres://localhost", "an address that names the database"),
        ("VAR_DIR", "/dev/null/var", "a directory that can be made"),
        ("SITE_NAME_FILE", "/nowhere", "a readable file"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "127.0.0.1:4318", "the http or https address of a collector"),
    ],
)
def test_malformed_value_ends_with_a_sentence_and_an_example(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit) as refusal:
        runpy.run_path(str(ROOT / "project/settings.py"))

    assert f"{name} is {value!r}, but must be {expected}" in str(refusal.value)
    assert f"Set it like {name}=" in str(refusal.value)


def test_collector_of_spans_needs_packages_that_are_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318/")
    with_them = runpy.run_path(str(ROOT / "project/settings.py"))
    monkeypatch.setitem(sys.modules, "opentelemetry", None)

    with pytest.raises(SystemExit, match=r"needs OpenTelemetry: pip install .* -r requirements-otel\.txt"):
        runpy.run_path(str(ROOT / "project/settings.py"))

    assert with_them["SPANS_URL"] == "http://127.0.0.1:4318"


def test_gunicorn_refuses_a_malformed_setting_before_it_starts_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(env, "read_file", lambda: None)
    # Else this process would count as a gunicorn from here on.
    monkeypatch.setattr(counters, "share", lambda _: None)
    configuration = SimpleNamespace(**runpy.run_path(str(ROOT / "gunicorn.conf.py")))
    monkeypatch.setenv("DEBUG", "maybe")

    with pytest.raises(SystemExit, match="DEBUG is 'maybe'"):
        configuration.on_starting(None)


def test_variable_is_read_from_the_file_that_name_file_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from the file\n", encoding="utf-8")
    monkeypatch.setenv("EXAMPLE", "from the environment")
    monkeypatch.setenv("EXAMPLE_FILE", str(secret))

    assert env.text("EXAMPLE", "") == "from the file"


def test_environment_wins_over_the_env_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# A comment\n\nEXAMPLE=from the file\nOTHER = a=b # c\n", encoding="utf-8")
    monkeypatch.setattr(os, "environ", {"EXAMPLE": "from the environment"})

    env.read_file(file)

    assert env.text("EXAMPLE", "") == "from the environment"
    assert env.text("OTHER", "") == "a=b # c"


def test_line_of_the_env_file_without_a_value_is_refused(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT 8000\n", encoding="utf-8")

    with pytest.raises(SystemExit, match=r"Line 1 of .* must be like PORT=8000"):
        env.read_file(file)
