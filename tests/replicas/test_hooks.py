"""Which SQL writes, and which errors mean that a server is gone."""

import sqlite3

import psycopg
import pytest
from django.db import IntegrityError, OperationalError

from apps.replicas import failures
from apps.replicas.hooks import HARMLESS


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "  select now()",
        'SAVEPOINT "s1"',
        "WITH t AS (SELECT 1) SELECT * FROM t",
        "EXPLAIN SELECT 1",
        "SET lock_timeout = '1s'",
    ],
)
def test_sql_that_only_reads_is_no_write(sql: str) -> None:
    assert HARMLESS.match(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO t VALUES (1)",
        "update t set a = 1",
        "DELETE FROM t",
        "WITH gone AS (\n DELETE FROM t RETURNING 1) SELECT 1",
        "CALL p()",
        "TRUNCATE t",
        "COPY t FROM STDIN",
        "-- a comment first\nSELECT 1",
        "selected",
    ],
)
def test_sql_that_may_write_counts_as_a_write(sql: str) -> None:
    assert not HARMLESS.match(sql)


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (psycopg.OperationalError("refused"), True),
        (psycopg.errors.AdminShutdown(), True),
        (psycopg.errors.CannotConnectNow(), True),
        (psycopg.errors.ConnectionFailure(), True),
        (psycopg.errors.TooManyConnections(), True),
        (psycopg.errors.QueryCanceled(), False),
        (psycopg.errors.LockNotAvailable(), False),
        (psycopg.errors.SerializationFailure(), False),
        (sqlite3.OperationalError("database is locked"), False),
        (None, False),
    ],
)
def test_errors_of_a_lost_connection_are_told_from_others(cause: Exception | None, expected: bool) -> None:
    error = OperationalError()
    error.__cause__ = cause

    assert failures.is_lost(error) is expected


def test_other_errors_are_no_lost_connection() -> None:
    error = IntegrityError()
    error.__cause__ = psycopg.errors.UniqueViolation()

    assert not failures.is_lost(error)
    assert not failures.is_lost(ValueError())
