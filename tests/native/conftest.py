"""Builds the libraries of the small table once, with the project's own build."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from native.build import CLIENT, EMBEDDED, EmbeddedImpossible, build, library_folder
from tests.support.fake_bridge import FakeBridge
from tests.support.small_table import small_table


@pytest.fixture(scope="session")
def small_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("native")
    build("client", output, small_table())
    return output


@pytest.fixture(scope="session")
def client_library(small_build: Path) -> Path:
    return library_folder(small_build) / CLIENT


@pytest.fixture(scope="session")
def embedded_library(small_build: Path) -> Path:
    try:
        build("embedded", small_build, small_table())
    except EmbeddedImpossible as error:
        pytest.skip(str(error))
    return library_folder(small_build) / EMBEDDED


@pytest.fixture
def fake_bridge(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBridge]:
    with FakeBridge() as bridge:
        monkeypatch.setenv("CSHIS_BRIDGE", bridge.address)
        monkeypatch.setenv("CSHIS_BRIDGE_TIMEOUT", "1")
        monkeypatch.delenv("CSHIS_BRIDGE_TOKEN_FILE", raising=False)
        yield bridge
