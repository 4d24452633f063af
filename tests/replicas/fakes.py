"""Servers that answer from memory."""

import psycopg
from django.db import OperationalError

from apps.replicas.servers import Server


class StandIn(Server):
    """A server whose position and health a test sets."""

    def __init__(self, alias: str, position: int = 0) -> None:
        super().__init__(alias)
        self.position = position
        self.num_questions = 0
        self.error: Exception | None = None

    def connect(self) -> None:
        if self.error:
            raise self.error

    def ask(self) -> int:
        self.num_questions += 1
        self.learn(self.position, self.epoch)
        return self.position

    def put_out(self, reason: str) -> None:
        self.is_serving = False

    def take_in(self) -> None:
        self.is_serving = True


def lost() -> OperationalError:
    """The error of a server that does not answer."""
    error = OperationalError("connection refused")
    error.__cause__ = psycopg.OperationalError("connection refused")
    return error


def conflict() -> OperationalError:
    """The error of a query that replay has canceled."""
    error = OperationalError("canceling statement due to conflict with recovery")
    error.__cause__ = psycopg.errors.SerializationFailure("conflict with recovery")
    return error
