"""Programs of eight languages, unmodified, make a whole visit with a virtual card that was presented."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.field.languages import LANGUAGES, expected
from tests.field.test_callers import run_caller
from tests.support.bridge_process import Bridge
from tests.support.presenting import EITHER, scan
from tests.support.stage import CHILD, DEMO

HABITS = ["visit", "large", "wide", "reopen"]


@pytest.fixture
def bridge_settings() -> str:
    return EITHER


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory, client_library: Path) -> Path:
    """The library under the name that programs look for."""
    place = tmp_path_factory.mktemp("library") / "libcshis.so"
    shutil.copy(client_library, place)
    return place


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_whole_visit(
    bridge: Bridge, library: Path, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    language = LANGUAGES[name]
    bridge.sim.insert("hc", CHILD)  # somebody's card has been left there
    before = len(bridge.sim.stored(DEMO)["visits"]), len(bridge.sim.stored(CHILD)["visits"])
    scan(bridge, DEMO)
    ending, said = run_caller(
        language, language.make(tmp_path_factory.mktemp(name)), library, library,
        [habit for habit in HABITS if habit not in language.lacks],
        CSHIS_BRIDGE=bridge.ready["channel"],
    )  # fmt: skip
    assert ending == ""
    for habit, lines in said.items():
        assert lines == expected(habit)
    assert len(bridge.sim.stored(DEMO)["visits"]) == before[0] + 1
    assert len(bridge.sim.stored(CHILD)["visits"]) == before[1]
