"""The clinic program, written as hospital programs are, against both libraries and the running bridge."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from native.compiler import compile_program
from tests.support.bridge_process import ROOT, Bridge, clean_environment

SECONDS = 60


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = ROOT / "tests" / "legacy_his" / "clinic.c"
    return compile_program(source, tmp_path_factory.mktemp("clinic") / "clinic", "-ldl")


@pytest.mark.parametrize("which", ["client", "embedded"])
@pytest.mark.parametrize("port", ["0", "-1"])
def test_clinic(request: pytest.FixtureRequest, bridge: Bridge, clinic: Path, which: str, port: str) -> None:
    library: Path = request.getfixturevalue(f"{which}_library")
    env = clean_environment(CSHIS_BRIDGE=bridge.ready["channel"], CSHIS_BRIDGE_CONFIG=bridge.ready["config"])
    done = subprocess.run([clinic, library, port], env=env, capture_output=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout.decode("utf-8", "replace") + done.stderr.decode(
        "utf-8", "replace"
    )
    assert "測試十" in done.stdout.decode("utf-8")
    newest = bridge.sim.stored("000073898381")["visits"][0]
    assert (newest["sequence"], newest["rolled_back"]) == ("W001", True)


def test_clinic_without_a_bridge(clinic: Path, client_library: Path) -> None:
    """The program ends by itself: csOpenCom answers -1."""
    env = clean_environment(CSHIS_BRIDGE="127.0.0.1:1")
    done = subprocess.run(
        [clinic, client_library], env=env, capture_output=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 1
