"""What the API says of itself: the document, the page, and the examples in docs/api.md, which run."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator
from pytest_django.live_server_helper import LiveServer

from apps.api import manual, problems
from apps.api.actions import make_token
from apps.api.models import Scope
from apps.api.notes import NOTES
from apps.api.schema import REFUSALS
from tests.scene import build

DOCS = Path(settings.BASE_DIR) / "docs" / "api.md"
# Fenced without a language: what runs.
EXAMPLE = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def schemas() -> dict[str, Any]:
    found: dict[str, Any] = manual.description()["components"]["schemas"]
    return found


def test_the_description_is_openapi() -> None:
    validate_schema(manual.description())  # type: ignore[no-untyped-call]  # drf-spectacular's own


def test_every_field_parameter_and_refusal_is_described() -> None:
    operations = [what for path in manual.description()["paths"].values() for what in path.values()]

    assert [what["operationId"] for what in operations if not (what["summary"] and what["description"])] == []
    assert [name for name, shape in schemas().items() if not shape.get("description")] == []
    fields = [field for shape in schemas().values() for field in shape["properties"].items()]
    parameters = [(told["name"], told) for what in operations for told in what.get("parameters", ())]
    assert [name for name, told in [*fields, *parameters] if not told.get("description")] == []
    assert NOTES.keys() <= {name for name, _ in [*fields, *parameters]}
    assert {"400", "401", "403", "405", "429", "500", "503"} <= set.intersection(
        *(set(what["responses"]) for what in operations)
    )


@pytest.mark.parametrize("name", [name for name in schemas() if name != "Problem"])
def test_every_shape_has_an_example_that_is_one(name: str) -> None:
    [example] = schemas()[name]["examples"]
    document = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas()}}

    assert [error.message for error in Draft202012Validator(document).iter_errors(example)] == []
    assert set(example) <= set(schemas()[name]["properties"])


@pytest.mark.django_db
def test_the_page_for_people_tells_all_operations_and_shapes(client: Client) -> None:
    page = client.get("/api/docs").content.decode()

    assert page.count('class="manual-entry"') == sum(map(len, manual.chapters().values()))
    assert set(re.findall(r'href="#([\w-]+)"', page)) <= set(re.findall(r'id="([\w-]+)"', page))
    assert all(f'id="{kind.code}"' in page for kind in problems.kinds())


def test_every_code_is_known_by_its_class_and_by_its_status() -> None:
    described = {kind.code for kind in problems.kinds()}

    assert set(schemas()["Problem"]["properties"]["code"]["enum"]) == described
    # What an action, the API itself, the framework and the site around it say.
    assert {"not-moderator", "already-done", "still-running", "scope-missing", "parse-error"} <= described
    assert {"bad-request", "forbidden", "internal-server-error", "service-unavailable"} <= described


@pytest.mark.parametrize("status", [str(status) for status in REFUSALS])
def test_every_refusal_has_examples_of_its_codes(status: str) -> None:
    told = manual.description()["components"]["responses"][status]["content"][problems.CONTENT_TYPE]["examples"]
    document = {"$ref": "#/components/schemas/Problem", "components": {"schemas": schemas()}}

    assert told != {}
    assert {example["value"]["status"] for example in told.values()} == {int(status)}
    for example in told.values():
        Draft202012Validator(document).validate(example["value"])


def test_refusals_say_when_and_how_to_come_again() -> None:
    told = manual.description()["components"]["responses"]

    assert "Retry-After" in told["429"]["headers"]
    assert "Retry-After" in told["503"]["headers"]
    assert "WWW-Authenticate" in told["401"]["headers"]


@pytest.mark.django_db
def test_the_document_is_served_to_everybody(client: Client) -> None:
    assert client.get("/api/openapi.json").json() == manual.description()


@pytest.mark.django_db(transaction=True)
def test_the_examples_of_the_documentation_run(live_server: LiveServer) -> None:
    scene = build(timezone.now())
    _, secret = make_token(by=scene.member, name="x", scopes=Scope.values, lifetime=None, now=timezone.now())
    known = {"SITE": live_server.url, "TOKEN": secret, "STORY": str(scene.story.pk), "COMMENT": str(scene.comment.pk)}
    examples = EXAMPLE.findall(DOCS.read_text(encoding="utf-8"))

    # One shell, so that what one example finds the next can use.
    script = "\n".join(["set -e -o pipefail", *examples])
    done = subprocess.run(["bash", "-c", script], env=os.environ | known, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count('"items"') >= 10
    assert '"titel":["There is no field of this name."]' in done.stdout
    assert script.count("curl") >= 20
