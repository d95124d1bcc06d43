"""``cshis-bridge qr``, against a running bridge."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.bridge_process import Bridge, Bridges, clean_environment
from tests.support.presenting import EITHER, command
from tests.support.stage import DEMO, MOTHER


@pytest.fixture
def bridge_settings() -> str:
    return EITHER


def qr(bridge: Bridge, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return command(bridge, "qr", *words, typed=typed)


def read(bridge: Bridge) -> str:
    """The number of the card that an old program reads."""
    made = command(bridge, "call", "hisGetBasicData", "--json")
    return str(json.loads(made.stdout).get("pBuffer", {}).get("card_no", made.stdout))


@pytest.mark.parametrize("way", ["typed", "text", "file"])
def test_what_is_scanned_is_what_programs_read(bridge: Bridge, way: str, tmp_path: Path) -> None:
    code = bridge.sim.qr(MOTHER)
    (tmp_path / "code.txt").write_text(f"\ufeff{code}\n", encoding="utf-8")
    words = {"typed": "-", "text": code, "file": str(tmp_path / "code.txt")}[way]
    assert json.loads(qr(bridge, "--status").stdout) == {"presented": []}
    made = qr(bridge, words, "--reader", "COM1", typed=f"{code}\n" if way == "typed" else "")
    assert (made.returncode, made.stderr) == (0, "")
    assert code not in made.stdout
    assert MOTHER in read(bridge)
    (shown,) = json.loads(qr(bridge, "--status").stdout)["presented"]
    assert (shown["used"], shown["visit"], set(shown)) == (
        True, False, {"reader", "seconds_since", "seconds_left", "used", "visit"},
    )  # fmt: skip
    assert qr(bridge, "--withdraw").returncode == 0
    assert json.loads(qr(bridge, "--status").stdout) == {"presented": []}
    log = bridge.log.read_text(encoding="utf-8")
    assert code not in log
    assert MOTHER not in log


def test_a_code_that_is_refused(bridge: Bridge) -> None:
    made = qr(bridge, "YQ==.YQ==.YQ==")
    assert made.returncode == 1
    assert "1022" in made.stderr
    assert "YQ==" not in made.stderr


def test_a_scan_through_a_chinese_input_method_counts(bridge: Bridge) -> None:
    wide = "".join(chr(ord(each) + 0xFEE0) for each in bridge.sim.qr(MOTHER))
    assert qr(bridge, "-", "--reader", "COM1", typed=f"　{wide}\r\n").returncode == 0
    assert MOTHER in read(bridge)


@pytest.mark.parametrize("words", [["-"], ["臺北"], ["x" * 5000]])
def test_what_is_no_code_at_all(bridge: Bridge, words: list[str]) -> None:
    made = qr(bridge, *words)
    assert (made.returncode, made.stdout) == (1, "")
    assert "no QR code" in made.stderr


@pytest.mark.parametrize("words", [[], ["-", "--status"], ["--status", "--withdraw"]])
def test_one_thing_at_a_time(bridge: Bridge, words: list[str]) -> None:
    made = qr(bridge, *words)
    assert made.returncode == 2
    assert "one of" in made.stderr


def test_where_programs_use_no_virtual_cards(bridges: Bridges) -> None:
    bridge = bridges.with_settings()
    bridge.start_anew()
    made = qr(bridge, "-", typed=bridge.sim.qr(MOTHER))
    assert made.returncode == 1
    assert "reader" in made.stderr
    assert "either" in made.stderr
    assert DEMO in read(bridge)


def test_where_no_bridge_runs(tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "bridge", "qr", "--status", "--data-dir", str(tmp_path)],
        capture_output=True, text=True, check=False,
        env=clean_environment(XDG_RUNTIME_DIR=str(tmp_path), CSHIS_BRIDGE_CONSOLE__URL="https://127.0.0.1:9"),
    )  # fmt: skip
    assert made.returncode == 1
    assert "no bridge runs" in made.stderr
