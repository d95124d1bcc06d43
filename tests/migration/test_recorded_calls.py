"""``serve --record``: one trace of the calls of every door."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bridge.trace.format import Number
from bridge.trace.reading import read_trace
from tests.support.bridge_process import FREE_PORTS, ROOT, clean_environment, running_bridge
from tests.support.legacy_routes import ChannelRoute, HttpRoute

CHILD = "000099990001"


def test_a_bridge_records_what_reaches_it_by_any_door(tmp_path: Path) -> None:
    file = tmp_path / "day.jsonl"
    with running_bridge(tmp_path, "", "--record", str(file)) as bridge:
        with HttpRoute("http", bridge.ready["legacy_http"], None) as http:
            assert http.upload(bridge.sim.qr(CHILD)) == 0
            assert http.call("hisGetBasicData", pBuffer=72)[0] == 0
        with ChannelRoute(bridge.ready["channel"]) as native:
            code, outputs = native.call("hisGetBasicData", pBuffer=100)
    trace = read_trace(file)
    assert trace.problems == []
    assert file.stat().st_mode & 0o777 == 0o600
    (header,) = trace.headers
    assert (header.recorder, header.bits, header.masked) == ("bridge", 0, False)
    doors = [(call.door, call.function) for call in trace.calls]
    reads = [("vhc", "hisGetBasicData"), ("native", "hisGetBasicData")]
    assert doors == [("vhc", "uploadqrcode"), *reads]
    last = trace.calls[-1]
    assert last.given["iBufferLen"] == Number(100)
    assert (last.answer.code, last.answer.after["pBuffer"]) == (code, outputs["pBuffer"])
    assert last.answer.microseconds > 0
    assert "recorded in" in bridge.log.read_text(encoding="utf-8")


def test_no_bridge_starts_that_cannot_record(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "bridge",
        "serve",
        "--simulate",
        "--data-dir",
        str(tmp_path),
        *FREE_PORTS,
    ]
    missing = tmp_path / "missing" / "day.jsonl"
    done = subprocess.run(
        [*command, "--record", str(missing)],
        cwd=ROOT,
        env=clean_environment(),
        timeout=60,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "no trace can be written" in done.stderr
    assert "Traceback" not in done.stderr
