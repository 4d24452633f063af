"""Programs of all kinds of people, on the scene."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.api.actions import make_token
from apps.api.models import Scope
from tests.scene import Scene, build

# A program of this person, with a token of these scopes; without a person a visitor's.
Program = Callable[..., Client]


@pytest.fixture
def scene(db: None) -> Scene:
    return build(timezone.now())


@pytest.fixture
def program() -> Program:
    def make(person: User | None = None, *scopes: str) -> Client:
        if person is None:
            return Client()
        _, secret = make_token(
            by=person, name="trial", scopes=scopes or Scope.values, lifetime=None, now=timezone.now()
        )
        return Client(headers={"Authorization": f"Bearer {secret}"})

    return make


@pytest.fixture
def mias(scene: Scene, program: Program) -> Client:
    """A program of the author of the scene's story, which may do all that she may."""
    return program(scene.member)


def send(client: Client, method: str, path: str, body: Any = None, **headers: str) -> Any:
    """Send JSON to the API; without a body, nothing."""
    extra = {} if body is None else {"data": body, "content_type": "application/json"}
    return getattr(client, method)(f"/api/v1/{path}", headers=headers, **extra)
