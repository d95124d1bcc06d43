"""What a running bridge tells of its calls: log lines, journal rows, metrics; and of itself: /healthz."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from bridge import __version__
from bridge.records.journal import JOURNAL_NAME
from tests.observe.observed_bridge import Observed
from tests.support.bridge_process import ROOT, running_bridge

CHILD = "000099990001"
READ = "hisGetBasicData"
CALL_FIELDS = {"call", "door", "function", "code", "ms", "upstream_ms"}
PATIENCE = 10.0  # seconds; the log is written a few times a second


def eventually(look: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """What is found as soon as anything is."""
    ends = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < ends, "nothing came"
        time.sleep(0.05)
    return found


def samples(observed: Observed) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    text = observed.get("/metrics").text
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def counted(observed: Observed, code: int) -> float:
    labels = (("code", str(code)), ("door", "vhc"), ("function", READ))
    return samples(observed).get(("cshis_bridge_calls_total", labels), 0)


# --- log ----------------------------------------------------------------------------------------------------


def test_a_call_is_one_line_with_fields(observed: Observed) -> None:
    observed.read_virtual_card(CHILD)

    def of_the_call() -> list[dict[str, Any]]:
        return [line for line in observed.lines() if line.get("function") == READ and line["level"] == "INFO"]

    line = eventually(of_the_call)[-1]
    assert set(line) >= CALL_FIELDS
    assert (line["door"], line["code"], line["logger"]) == ("vhc", 0, "bridge.records.call_log")
    assert 0 < line["upstream_ms"] <= line["ms"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])


def test_all_lines_of_a_call_have_its_number(observed: Observed) -> None:
    observed.read_virtual_card(CHILD)
    observed.bridge.sim.arm("cloud", "http", 503)
    observed.bridge.sim.arm("console", "status", 1000, times=1)  # its session ended: the reader mends that
    code = observed.post("/VHC/VHChisGetTreatmentNeedHPC")
    assert code != 0

    def of_the_call() -> list[dict[str, Any]]:
        lines = observed.lines()
        numbers = [line["call"] for line in lines if line.get("code") == code and line["level"] == "INFO"]
        return [line for line in lines if numbers and line.get("call") == numbers[-1]]

    lines = eventually(of_the_call)
    levels = {line["level"] for line in lines}
    assert {"INFO", "WARNING"} <= levels
    assert any(line["logger"] == "bridge.reader.reader" for line in lines)


def test_the_log_knows_nobody(observed: Observed) -> None:
    observed.read_virtual_card(CHILD)
    observed.get("/metrics")  # every call so far is written before it answers
    log = observed.bridge.log.read_text(encoding="utf-8")
    people = observed.bridge.sim.people()
    for card in people["cards"]:
        for personal in (card["idNo"], card["name"], card["number"]):
            assert personal not in log


# --- metrics ------------------------------------------------------------------------------------------------


def test_metrics_count_calls(observed: Observed) -> None:
    before, refused = counted(observed, 0), counted(observed, 1019)
    observed.read_virtual_card(CHILD)
    assert observed.post("/VHC/VHChisGetBasicData") == 0
    assert observed.post("/QRCodeReader/VHCcleanQRCode") == 0
    assert observed.post("/VHC/VHChisGetBasicData") == 1019
    assert counted(observed, 0) - before == 2
    assert counted(observed, 1019) - refused == 1
    told = samples(observed)
    assert told["cshis_bridge_calls_in_flight", ()] == 0
    assert told["process_resident_memory_bytes", ()] > 1_000_000
    assert told[
        "cshis_bridge_info", tuple(sorted({"version": __version__, "table": _table(observed)}.items()))
    ]
    for door in ("facade", "legacy_http", "channel"):
        assert told["cshis_bridge_listening", (("door", door),)] == 1


def _table(observed: Observed) -> str:
    return str(observed.get("/healthz").json()["table"])


def test_every_metric_is_documented(observed: Observed) -> None:
    page = (ROOT / "docs" / "operate" / "operation.md").read_text(encoding="utf-8")
    families = list(text_string_to_metric_families(observed.get("/metrics").text))
    names = {name for family in families if (name := full_name(family)).startswith("cshis_bridge")}
    assert names == set(re.findall(r"^\| `(cshis_bridge\w+)` \|", page, re.MULTILINE))


def full_name(family: Metric) -> str:
    return f"{family.name}_total" if family.type == "counter" else family.name


def test_labels_are_few_and_known(observed: Observed) -> None:
    observed.read_virtual_card(CHILD)
    names = {name for _, labels in samples(observed) for name, _ in labels}
    assert names <= {"door", "function", "code", "le", "version", "table", "generation"}


def test_a_hostile_function_name_makes_no_label(observed: Observed) -> None:
    observed.get("/VHC/NobodysName")
    observed.post_raw("/VHC/VHChisGetBasicDataNobodysName")
    assert "NobodysName" not in observed.get("/metrics").text


@pytest.mark.parametrize("path", ["/metrics", "/healthz"])
def test_both_doors_and_no_strangers(observed: Observed, path: str) -> None:
    for door in ("facade", "legacy_http"):
        assert observed.get(path, door).status_code == 200
        assert observed.get(path, door, Host="evil.example").status_code == 400
        assert observed.get(path, door, Origin="https://evil.example").status_code == 403


# --- /healthz and journal -----------------------------------------------------------------------------------


def test_health_of_a_running_bridge(observed: Observed) -> None:
    observed.read_virtual_card(CHILD)
    observed.bridge.sim.clear_requests()
    told = observed.get("/healthz").json()
    assert observed.bridge.sim.requests() == []  # nobody was asked
    assert (told["status"], told["reasons"], told["console_session"], told["journal"]) == (
        "ok",
        [],
        "open",
        "ok",
    )
    ready = observed.bridge.ready
    assert told["listening"] == {name: ready[name] for name in ("facade", "legacy_http", "channel")}


def test_the_journal_is_read_while_the_bridge_writes(observed: Observed) -> None:
    observed.read_virtual_card(CHILD)
    observed.get("/metrics")
    done = observed.command("journal", "calls", "--function", READ, "--last", "1", "--json")
    (call,) = json.loads(done.stdout)
    assert (call["door"], call["function"], call["code"]) == ("vhc", READ, 0)
    assert observed.command("journal", "pending").returncode == 0


def test_a_start_tells_of_what_waits(tmp_path_factory: pytest.TempPathFactory) -> None:
    data_dir = tmp_path_factory.mktemp("waiting")
    begin = f"""
from pathlib import Path
from bridge.records.journal import Journal
journal = Journal(Path({str(data_dir / JOURNAL_NAME)!r}))
journal.begin("hisWriteTreatmentData", "/p", "r")
journal.close()
"""
    subprocess.run([sys.executable, "-c", begin], check=True)  # a bridge that ended before the answer
    with running_bridge(data_dir) as bridge:
        log = bridge.log.read_text(encoding="utf-8")
    (line,) = [line for line in log.splitlines() if "journal pending" in line]
    assert "WARNING" in line
    assert "1 change" in line


def test_options_win_over_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    data_dir = tmp_path_factory.mktemp("options")
    file, other = data_dir / "set.log", data_dir / "said.log"
    settings = f"[log]\nfile = '{file}'\nlevel = 'ERROR'\nformat = 'json'\n"
    with running_bridge(data_dir, settings):  # with an option for the level, as always here
        pass
    as_set = file.read_text(encoding="utf-8")
    assert any("listens at" in json.loads(line)["message"] for line in as_set.splitlines())
    with running_bridge(data_dir, settings, "--log-file", str(other)):
        pass
    as_said = other.read_text(encoding="utf-8")
    assert any("listens at" in json.loads(line)["message"] for line in as_said.splitlines())
    assert file.read_text(encoding="utf-8") == as_set
