"""Schemathesis over the OpenAPI document with more cases than the ordinary suite has, and over the paths that
it leaves out there (uploads, VPN). No 5xx but those that the document has, nothing undocumented.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from bridge_process import Bridge

sys.path.append(str(Path(__file__).parents[2] / "vhc"))

from test_vhc_schemathesis import OWN, run

FACTOR = int(os.environ.get("FUZZ_FACTOR", "1"))
OTHERS = r"^/(VPN|V1000|V2000)"


@pytest.mark.parametrize("paths", [OWN, OTHERS])
def test_every_documented_path(paths: str, bridge: Bridge, tmp_path: Path) -> None:
    report = run(bridge, tmp_path, paths, 5 * FACTOR)
    assert report["complete"]
    assert report["test_cases"]["generated"] > (500 if paths == OWN else 40)
    assert "fault of the bridge" not in bridge.log.read_text(encoding="utf-8")
