"""Windows programs, unmodified, with a virtual card that was presented; no card lies in the slot."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.bridge_process import Bridge
from tests.support.presenting import EITHER, scan
from tests.support.wine import Wine, windows_path
from tests.windows.conftest import CLINIC, Build
from tests.windows.test_callers import BASIC, CARD, lines
from tests.windows.test_dll_file import official


@pytest.fixture
def bridge_settings() -> str:
    return EITHER


def presented(bridge: Bridge) -> None:
    bridge.sim.remove("hc")
    scan(bridge, CARD)


def test_clinic(
    windows: Wine, library: Path, build_program: Build, bridge: Bridge, environment: dict[str, str]
) -> None:
    """The program of `make run`, its source unchanged."""
    presented(bridge)
    clinic = build_program(CLINIC, "-fexec-charset=BIG5")
    done = windows.run(clinic, windows_path(library), "0", env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all as expected" in done.stdout
    newest = bridge.sim.stored(CARD)["visits"][0]
    assert (newest["sequence"], newest["rolled_back"]) == ("W001", True)


@pytest.mark.usefixtures("doctor")
def test_like_visual_basic_6(
    windows: Wine,
    library: Path,
    build_program: Build,
    bridge: Bridge,
    environment: dict[str, str],
    upload: str,
) -> None:
    """Every export once, several visit numbers among them."""
    bridge.sim.change_settings({"one_visit_per_qr": False})  # else 5007
    presented(bridge)
    told = lines(windows.run(build_program("vb6.c"), windows_path(library), upload, env=environment))
    assert told.pop("vb6:") == f"{len(official())} calls"


@pytest.mark.usefixtures("doctor")
def test_like_c_sharp(
    windows: Wine, library: Path, build_program: Build, bridge: Bridge, environment: dict[str, str]
) -> None:
    bridge.sim.change_settings({"one_visit_per_qr": False})  # it takes a second number: else 5007
    presented(bridge)
    told = lines(windows.run(build_program("csharp.c"), windows_path(library), env=environment))
    assert told["hisGetBasicData"].startswith(f"0 72 [{BASIC}")
    assert told["hisGetSeqNumber256N1"] == "0 316"
    assert (told["csUnGetSeqNumber"], told["csCloseCom"]) == ("0", "0")
