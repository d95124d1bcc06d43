"""The clinic program, unmodified, makes a whole visit with a virtual card that was presented at the desk."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from native.compiler import compile_program
from tests.support.bridge_process import ROOT, Bridge, clean_environment
from tests.support.presenting import EITHER, scan
from tests.support.stage import CHILD, DEMO, MOTHER

SECONDS = 60


@pytest.fixture
def bridge_settings() -> str:
    return EITHER


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = ROOT / "tests" / "legacy_his" / "clinic.c"
    return compile_program(source, tmp_path_factory.mktemp("clinic") / "clinic", "-ldl")


@pytest.mark.parametrize("port", ["0", "-1"])
@pytest.mark.parametrize(("card", "name"), [(DEMO, "測試十"), (MOTHER, "")])
@pytest.mark.parametrize("slot", ["", CHILD])
def test_a_whole_visit(
    bridge: Bridge, clinic: Path, client_library: Path, port: str, card: str, name: str, slot: str
) -> None:
    if slot:
        bridge.sim.insert("hc", slot)
    else:
        bridge.sim.remove("hc")
    before = len(bridge.sim.stored(card)["visits"]), len(bridge.sim.stored(CHILD)["visits"])
    scan(bridge, card)
    env = clean_environment(CSHIS_BRIDGE=bridge.ready["channel"])
    done = subprocess.run(
        [clinic, client_library, port], env=env, capture_output=True, timeout=SECONDS, check=False
    )
    said = done.stdout.decode("utf-8", "replace") + done.stderr.decode("utf-8", "replace")
    assert done.returncode == 0, said
    assert name in said
    assert len(bridge.sim.stored(card)["visits"]) == before[0] + 1
    assert len(bridge.sim.stored(CHILD)["visits"]) == before[1]
    assert not [path for path in bridge.sim.requests() if "RealHc" in path["path"]]
