"""Finished calls as spans: what a collector gets, what it never gets, and what happens without it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.observe.collector import collecting
from tests.observe.observed_bridge import Observed
from tests.support.bridge_process import ROOT, running_bridge

CHILD = "000099990001"
READ = "hisGetBasicData"
PATIENCE = 10.0  # seconds
ERROR = 2  # of OpenTelemetry's status
REFUSED = "http://127.0.0.1:9/v1/traces"  # nobody listens there


def settings(address: str) -> str:
    return f'[telemetry]\notlp_url = "{address}"\nplace = "counter-1"\n'


def test_a_call_is_a_span_without_a_person(tmp_path: Path) -> None:
    with collecting() as collector:
        with running_bridge(tmp_path, settings(collector.address)) as bridge:
            observed = Observed(bridge)
            before = time.time_ns()
            observed.read_virtual_card(CHILD)
            assert observed.post("/QRCodeReader/VHCcleanQRCode") == 0
            assert observed.post("/VHC/VHChisGetBasicData") == 1019
            ends = time.monotonic() + PATIENCE
            while len([span for span in collector.spans() if span.name == READ]) < 2:
                assert time.monotonic() < ends, "no span came"
                time.sleep(0.05)
            people = bridge.sim.people()["cards"]
        spans = collector.spans()
        well, refused = (span for span in spans if span.name == READ)
        assert [_labels(span) for span in (well, refused)] == [("vhc", 0), ("vhc", 1019)]
        assert (well.status.code, refused.status.code) == (0, ERROR)
        assert all(
            before < span.start_time_unix_nano < span.end_time_unix_nano < time.time_ns() for span in spans
        )
        assert {key.key for span in spans for key in span.attributes} == {
            "cshis.door", "cshis.code", "cshis.upstream_ms",
        }  # fmt: skip
        assert len({span.trace_id for span in spans}) == len(spans)
        for resource in collector.resources():
            assert set(resource) == {"service.name", "service.version", "cshis.place"}
            assert (resource["service.name"], resource["cshis.place"]) == ("cshis-bridge", "counter-1")
        sent = b"".join(collector.bodies)
        for card in people:
            for personal in (card["idNo"], card["name"], card["number"]):
                assert personal.encode() not in sent


def _labels(span: object) -> tuple[str, int]:
    values = {each.key: each.value for each in span.attributes}  # type: ignore[attr-defined]
    return values["cshis.door"].string_value, values["cshis.code"].int_value


def test_what_waits_is_sent_when_the_bridge_ends(tmp_path: Path) -> None:
    with collecting() as collector:
        with running_bridge(tmp_path, settings(collector.address)) as bridge:
            Observed(bridge).read_virtual_card(CHILD)
        assert READ in {span.name for span in collector.spans()}


@pytest.mark.parametrize("status", [None, 400])
def test_calls_go_on_without_the_collector(tmp_path: Path, status: int | None) -> None:
    with collecting() as collector:
        collector.status = status or 200
        address = REFUSED if status is None else collector.address
        with running_bridge(tmp_path, settings(address)) as bridge:
            observed = Observed(bridge)
            ends = time.monotonic() + PATIENCE + 5
            while "spans cannot be sent" not in (log := bridge.log.read_text("utf-8")):
                observed.read_virtual_card(CHILD)
                assert time.monotonic() < ends, log
                time.sleep(0.3)
            for _ in range(5):
                observed.read_virtual_card(CHILD)
                time.sleep(0.3)
            stops = time.monotonic()
        assert time.monotonic() - stops < 8
    log = bridge.log.read_text("utf-8")
    assert log.count("spans cannot be sent") == 1
    assert "Traceback" not in log
    assert "opentelemetry" not in log


def test_a_bridge_without_it_loads_nothing_of_the_extra() -> None:
    code = (
        "import sys\n"
        "from bridge.app import running\n"
        "from bridge.config import TelemetrySettings\n"
        "from bridge.telemetry.compose import exporting\n"
        "with exporting(None, TelemetrySettings(), None): pass\n"
        "sys.exit(bool({'opentelemetry.sdk', 'opentelemetry.exporter'} & set(sys.modules)))\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_the_extra_is_named_where_it_is_missing() -> None:
    code = (
        "import sys\n"
        "sys.modules['opentelemetry.sdk'] = sys.modules['opentelemetry.exporter'] = None\n"
        "from bridge.config import TelemetrySettings\n"
        "from bridge.telemetry.compose import exporting\n"
        f"with exporting(None, TelemetrySettings(otlp_url={REFUSED!r}), None): pass\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", cwd=ROOT)
    assert "ConfigError: telemetry.otlp_url needs more: pip install 'cshis-bridge[otel]'" in done.stderr
