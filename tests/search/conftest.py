"""The engines: tests of what is found run on each."""

from collections.abc import Iterator

import pytest
from osmem_server import OsmemClone, OsmemServer
from pytest_django import Settings

from apps.search import actions
from apps.search.engines import opensearch as engine
from tests.patience import PATIENCE


@pytest.fixture(scope="session")
def osmem_server() -> Iterator[OsmemServer]:
    """A server that speaks OpenSearch's language, in place of the plugin's, which leaves a pipe open."""
    with OsmemServer.start(freeze=True, japanese=False, startup_timeout=PATIENCE) as server:
        yield server
    server.process.stdout.close()


@pytest.fixture(params=["database", "opensearch"])
def each_engine(request: pytest.FixtureRequest) -> None:
    """The database's own, then a server with an index for each test."""
    if request.param == "opensearch":
        request.getfixturevalue("opensearch")


@pytest.fixture
def hung_up(settings: Settings) -> Iterator[None]:
    """No connection outlives the test and its server."""
    yield
    engine._client(settings.SEARCH_URL).close()
    engine._client.cache_clear()


@pytest.fixture
def opensearch(osmem_clone: OsmemClone, settings: Settings, hung_up: None) -> str:
    """The site's index on a server; its address."""
    settings.SEARCH_URL = f"{osmem_clone.url}/groundswell"
    actions.prepare()
    return str(settings.SEARCH_URL)
