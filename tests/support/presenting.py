"""The person at the desk, who presents virtual cards by the command."""

from __future__ import annotations

import subprocess
import sys

from tests.support.bridge_process import Bridge, clean_environment

EITHER = '[reader]\ncards = "either"\n'


def command(bridge: Bridge, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command of ours that finds this bridge."""
    return subprocess.run(
        [sys.executable, "-m", "bridge", *words, "--config", str(bridge.config)],
        input=typed, capture_output=True, text=True, env=clean_environment(), check=False,
    )  # fmt: skip


def scan(bridge: Bridge, card: str) -> None:
    """Scan a fresh QR code of a card."""
    made = command(bridge, "qr", "-", typed=bridge.sim.qr(card) + "\n")
    assert made.returncode == 0, made.stderr
