"""What linters cannot check: where writes stand, who chooses a database, and that jobs have handlers."""

import ast
from collections.abc import Iterator
from pathlib import Path

from apps.jobs import handlers

APPS = Path(__file__).resolve().parent.parent / "apps"
WRITES = {"create", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
# With positional arguments these are a dict's, a set's, a cache's, a file storage's or an image's.
WRITES_WITHOUT_POSITIONAL = {"save", "update", "delete"}
# Folding is a part of many actions.
WRITERS = {"actions.py", "models.py", "folding.py"}
WRITING_FOLDERS = {"actions", "migrations", "management", "importing"}


def method_calls() -> Iterator[tuple[Path, ast.Call, str]]:
    for path in sorted(APPS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield path.relative_to(APPS), node, node.func.attr


def may_write(path: Path) -> bool:
    return path.name in WRITERS or not WRITING_FOLDERS.isdisjoint(path.parts)


def test_database_writes_stand_only_in_actions() -> None:
    wrong = [
        f"apps/{path}:{call.lineno} .{method}("
        for path, call, method in method_calls()
        if not may_write(path) and (method in WRITES or (method in WRITES_WITHOUT_POSITIONAL and not call.args))
    ]

    assert not wrong, f"Move each write into a function of the app's actions.py (a dict takes |=): {wrong}"


def test_only_replicas_choose_a_database() -> None:
    wrong = [
        f"apps/{path}:{call.lineno}"
        for path, call, method in method_calls()
        if method == "using" and path.parts[0] != "replicas"
    ]

    assert not wrong, f"Leave out .using(): the router in apps/replicas chooses the database: {wrong}"


def test_every_job_has_a_handler() -> None:
    calls = [(path, call) for path, call, method in method_calls() if method == "enqueue" and path.parts[0] != "jobs"]
    names = handlers.registry

    wrong = [
        f"apps/{path}:{call.lineno}"
        for path, call in calls
        if not (call.args and all(isinstance(arg, ast.Constant) and arg.value in names for arg in call.args))
    ]

    assert not wrong, f"Enqueue by names that functions in some tasks.py have, written out: {wrong}"
