"""What the embedded library loads into a program, which waits for it at its first call."""

import subprocess
import sys

START = """
import sys
import bridge.channel.embedded
import bridge.engine.compose
from bridge.config import load_settings
load_settings()
print(*sorted(sys.modules))
"""
NOT_FOR_A_CALL = {
    "bridge.rest", "bridge.sim", "bridge.table.loader", "bridge.trace",
    "click", "cryptography", "fastapi", "httpx", "prometheus_client", "tomli_w", "tkinter", "uvicorn", "yaml",
}  # fmt: skip


def test_nothing_is_imported_that_a_call_does_not_need() -> None:
    command = [sys.executable, "-c", START]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.split()
    assert set(loaded) & NOT_FOR_A_CALL == set()
