"""Schemathesis over the OpenAPI document with more cases than the ordinary suite has, and over the paths that
it leaves out there (uploads, VPN). No 5xx but those that the document has, nothing undocumented.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.doors.vhc import test_schemathesis
from tests.doors.vhc.test_schemathesis import CHECKS, OWN, run
from tests.support.bridge_process import Bridge

FACTOR = int(os.environ.get("FUZZ_FACTOR", "1"))
OTHERS = r"^/(VPN|V1000|V2000)"


@pytest.mark.parametrize("paths", [OWN, OTHERS])
def test_every_documented_path(
    paths: str, bridge: Bridge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if paths == OTHERS:  # where the centre refuses, 502 is what the document says
        checks = tuple(check for check in CHECKS if check != "not_a_server_error")
        monkeypatch.setattr(test_schemathesis, "CHECKS", checks)
    report = run(bridge, tmp_path, paths, 5 * FACTOR)
    assert report["complete"]
    assert report["test_cases"]["generated"] > (500 if paths == OWN else 40)
    log = bridge.log.read_text(encoding="utf-8")
    assert "fault of the bridge" not in log
    assert "Exception in ASGI" not in log
