"""Programs that are pages of other sites: browsers let them ask and read, as visitors or with a token."""

import pytest
from django.test import Client

from apps.api.models import Scope
from tests.api.conftest import Program
from tests.conftest import CountQueries
from tests.scene import Scene

pytestmark = pytest.mark.django_db

ORIGIN = {"Origin": "https://reader.example"}


def may_read(client: Client, path: str) -> bool:
    answer = client.get(path, headers=ORIGIN)
    return answer.get("Access-Control-Allow-Origin") == "*" and "Access-Control-Allow-Credentials" not in answer


@pytest.mark.parametrize(
    "path",
    [
        *("/api/v1/stories", "/api/v1/me", "/api/v1/nowhere", "/api/v1/stories/0", "/api/openapi.json"),
        *("/hn/v0/topstories.json", "/hn/v0/nowhere", "/oauth/token", "/.well-known/oauth-authorization-server"),
    ],
)
def test_answers_and_refusals_are_read(scene: Scene, client: Client, path: str) -> None:
    # Made, then kept.
    assert [may_read(client, path) for _ in range(3)] == [True] * 3


@pytest.mark.parametrize("path", ["/", "/feeds/json/inbox/key", "/settings/tokens", "/oauth/authorize", "/admin/"])
def test_pages_are_not(scene: Scene, client: Client, path: str) -> None:
    answer = client.get(path, headers=ORIGIN)

    assert "Access-Control-Allow-Origin" not in answer


def test_caches_may_keep_it_for_all(scene: Scene, client: Client) -> None:
    path = "/api/v1/stories"

    foreign, own = client.get(path, headers=ORIGIN), client.get(path)

    assert "origin" not in foreign["Vary"].lower()
    assert own["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "PUT", "DELETE"])
def test_they_may_ask_whether_they_may(client: Client, count_queries: CountQueries, method: str) -> None:
    wish = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "authorization,if-match"}

    with count_queries() as queries:
        answer = client.options("/api/v1/me/preferences", headers=ORIGIN | wish)

    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (204, "*")
    assert method in answer["Access-Control-Allow-Methods"]
    assert {"Authorization", "If-Match"} <= {*answer["Access-Control-Allow-Headers"].split(", ")}
    assert queries == []


def test_a_write_with_a_token_is_done_and_read(scene: Scene, program: Program) -> None:
    mias = program(scene.member, Scope.READ, Scope.WRITE)

    answer = mias.put(f"/api/v1/stories/{scene.locked.pk}/saved", headers=ORIGIN)

    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (204, "*")
    assert "RateLimit" in answer["Access-Control-Expose-Headers"]
