"""Schemathesis calls every path with what the OpenAPI document allows, and with what it does not allow.

No answer may be a 5xx, none may be undocumented, none may differ from its schema. Faulty bodies are answered
by HTTP 200 and a code, so that checks which expect 4xx for them are left out.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bridge.table.loader import default_table
from tests.support.bridge_process import Bridge
from tests.support.legacy_routes import HttpRoute

CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_headers_conformance", "response_schema_conformance", "unsupported_method",
)  # fmt: skip
OWN = r"^/(VHC|QRCodeReader|utility|Offline|vhc|GetVHC|getQRCode)"
READS = r"^/VHC/VHC(hisGet|csGet)(?!SeqNumber)"
COMMAND = "import sys; from schemathesis.cli import schemathesis; sys.exit(schemathesis())"
READ = (
    "BasicData/Query",
    "BasicData/Register",
    "Treatment/NeedHPC",
    "CriticalIllness/Query",
    "OrganDonate/Query",
)
DEMO = "000073898381"


@pytest.fixture
def bridge_settings() -> str:
    """A bridge of its own: a client that opens whatever port keeps programs of other ports from the SAM."""
    return "# whatever clients send\n"


def run(bridge: Bridge, folder: Path, paths: str, examples: int) -> dict[str, Any]:
    """Call the paths; out: the report. Fails with Schemathesis' own words where it found something."""
    report = folder / "report.json"
    done = subprocess.run(
        [
            sys.executable, "-c", COMMAND, "run", bridge.ready["facade"] + "/swagger/v1/swagger.json",
            "--tls-verify", bridge.ready["ca_file"], "--include-path-regex", paths,
            "--checks", ",".join(CHECKS), "--max-examples", str(examples), "--seed", "1",
            "--generation-deterministic", "--no-color",
            "--report-json-path", str(report),
        ],
        cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(json.loads(report.read_text(encoding="utf-8")))


def paths_of(pattern: str) -> set[str]:
    """The paths of the table that are meant."""
    return {route.path for route in default_table().routes if re.search(pattern, route.path)}


def test_every_path_without_a_card(bridge: Bridge, tmp_path: Path) -> None:
    report = run(bridge, tmp_path, OWN, 6)
    assert report["operations"]["tested"] == len(paths_of(OWN)) > 40
    assert report["test_cases"]["generated"] > 500
    assert report["complete"]


def test_reads_of_a_card(bridge: Bridge, http: HttpRoute, tmp_path: Path) -> None:
    """Replies with records differ from those without."""
    assert http.upload(bridge.sim.qr(DEMO)) == 0
    bridge.verify_doctor()
    report = run(bridge, tmp_path, READS, 6)
    assert report["operations"]["tested"] == len(paths_of(READS)) > 15
    assert bridge.sim.state()["console"]["hc"]["card"] == DEMO  # it was there all the time
    assert {f"/api/v1/{path}" for path in READ} <= set(bridge.changes())
