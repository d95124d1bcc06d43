"""The doctor and a real bridge: all is well, and what it says when something is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from bridge.records.journal import JOURNAL_NAME, Journal
from tests.observe.observed_bridge import Observed
from tests.support.bridge_process import FREE_PORTS, ROOT, clean_environment
from tests.support.pe_headers import portable_executable

CHILD = "000099990001"
ROOT_COMMAND = [sys.executable, "-m", "bridge"]


def test_a_healthy_bridge(observed: Observed) -> None:
    done = observed.command("doctor")
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == "All is well."
    assert "\x1b" not in done.stdout  # no colours where nobody sees them
    for title in ("Settings", "Data directory", "Journal", "Console", "Cloud", "Clock", "HTTPS", "ports"):
        assert title in done.stdout
    assert done.stderr == ""


def test_it_looks_only(observed: Observed) -> None:
    code, found = observed.doctor()
    assert (code, "尚未初始化" in found["console.session"]["what"]) == (0, True)
    asked = {(entry["service"], entry["method"], entry["path"]) for entry in observed.bridge.sim.requests()}
    assert ("console", "GET", "/api/common/v1/Status") in asked
    assert {(method, path) for service, method, path in asked if service != "console"} == {
        ("HEAD", "/"),
        ("POST", "/api/token/take"),  # of Viet Nam's portal, which looks nobody up for it
    }
    assert not observed.bridge.sim.state()["console"]["initialized"]


def test_a_bridge_at_work(observed: Observed) -> None:
    observed.read_virtual_card(CHILD)
    code, found = observed.doctor()
    assert code == 0
    assert "已初始化" in found["console.session"]["what"]
    assert "已認證" in found["console.sam"]["what"]
    assert "1.7.0.1" in found["console.version"]["what"]
    assert observed.post("/VHC/VHChisGetBasicData") == 0  # the session has suffered nothing


def test_what_the_console_has(observed: Observed) -> None:
    """Without a session, from what the console tells everybody."""
    code, found = observed.doctor()
    assert code == 0
    assert "cloud SAMs (雲端安全模組) 001000000103" in found["console.devices"]["what"]
    assert "-1 or none is what the console chooses" in found["console.ports"]["what"]
    assert "the default is CASTLES EZ100PU 0" in found["console.readers"]["what"]
    assert "console.hospital" not in found  # nobody has verified anything yet


def test_a_console_without_sam_and_reader(observed: Observed) -> None:
    for path in ("CloudSam/001000000103", "PcscReader/Default"):
        assert observed.bridge.ask_console("DELETE", f"/api/settings/v1/{path}") == 0
    code, found = observed.doctor()
    assert (code, found["console.devices"]["status"]) == (2, "broken")
    assert found["console.readers"]["status"] == "warning"
    assert "cshis-bridge console sam import" in found["console.devices"]["advice"]
    assert "cshis-bridge console use-reader" in found["console.readers"]["advice"]


@pytest.mark.parametrize("status", [1302, 1303, 1304])
def test_a_hospital_that_the_data_centre_refuses(observed: Observed, status: int) -> None:
    """Expired, suspended, SAM cancelled: seen after the fact, with no session open any more."""
    observed.bridge.sim.arm("console", "status", status, path="/api/sam/v1/Verification", times=1)
    assert observed.command("call", "csVerifySAMDC").returncode == 1
    observed.bridge.ask_console("POST", "/api/common/v1/Finalize")
    assert not observed.bridge.sim.state()["console"]["initialized"]
    code, found = observed.doctor()
    assert (code, found["console.hospital"]["status"]) == (2, "broken")
    assert "refused the hospital at 2" in found["console.hospital"]["what"]
    assert str(status) in found["console.hospital"]["what"]
    observed.read_virtual_card(CHILD)  # the contract was renewed
    assert observed.doctor()[1]["console.hospital"]["status"] == "ok"


def test_a_clock_that_is_off(observed: Observed) -> None:
    observed.bridge.sim.shift_clock(600)
    code, found = observed.doctor()
    assert code == 1
    for server in ("console", "cloud", "portal"):
        finding = found[f"clock.{server}"]
        assert (finding["status"], "10 minutes slow" in finding["what"]) == ("warning", True)


def test_another_time_zone(observed: Observed) -> None:
    code, found = observed.doctor(zone="EST5")
    assert (code, found["clock.zone"]["status"]) == (1, "warning")


def test_a_console_that_is_gone(observed: Observed) -> None:
    observed.bridge.sim.arm("console", "down")
    try:
        code, found = observed.doctor()
    finally:
        observed.bridge.sim.clear_faults()
    assert (code, found["console"]["status"]) == (2, "broken")
    assert "Start control software 6.0" in found["console"]["advice"]
    assert found["cloud"]["status"] == "ok"
    assert found["port.console"]["status"] == "unknown"


@pytest.mark.parametrize("kind", ["garbage", "empty"])
def test_a_console_that_talks_nonsense(observed: Observed, kind: str) -> None:
    observed.bridge.sim.arm("console", kind)
    code, found = observed.doctor()
    assert (code, found["console.status"]["status"]) == (2, "broken")


def test_a_cloud_in_trouble(observed: Observed) -> None:
    observed.bridge.sim.arm("cloud", "http", 503)
    code, found = observed.doctor()
    assert (code, found["cloud.answer"]["status"]) == (1, "warning")


def test_a_change_that_waits_for_a_person(observed: Observed) -> None:
    journal = Journal(observed.data_dir / JOURNAL_NAME)
    entry = journal.begin("hisWriteTreatmentData", "/p", "r")
    journal.end(entry, "ambiguous", "Look.")
    journal.close()
    code, found = observed.doctor()
    assert (code, found["journal.pending"]["status"]) == (1, "warning")
    assert observed.command("journal", "pending").returncode == 1
    assert observed.command("journal", "resolve", str(entry.number), "--yes").returncode == 0
    assert observed.command("journal", "pending").returncode == 0
    assert observed.doctor()[0] == 0


def test_the_folder_of_a_program(observed: Observed, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("HIS")
    (folder / "clinic.exe").write_bytes(portable_executable("x86"))
    done = observed.command("doctor", "--program", str(folder))
    assert (done.returncode, "there is no cshis.dll" in done.stdout) == (2, True)


def test_no_bridge_and_no_console(tmp_path_factory: pytest.TempPathFactory) -> None:
    """At 7:50 on a Monday: nothing has been started."""
    data_dir = tmp_path_factory.mktemp("monday")
    settings = data_dir / "config.toml"
    settings.write_text(
        "[facade]\nport = 1\nlegacy_http_port = 2\n[channel]\nport = 3\n[console]\nurl = 'https://localhost:4'\n"
        "[cloud]\nurl = 'https://localhost:5'\n"
    )
    command = [*ROOT_COMMAND, "doctor", "--data-dir", str(data_dir)]
    done = subprocess.run(
        command,
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        env=clean_environment(TZ="CST-8"),
        check=False,
    )
    assert done.returncode == 2
    assert "no bridge answers" in done.stdout
    *_, summary, console, cloud, running = done.stdout.splitlines()
    assert summary.startswith("3 broken")
    for line, word in ((console, "主控台"), (cloud, "業務邏輯端"), (running, "no bridge answers")):
        assert line.strip().startswith("- ")
        assert word in line
    assert "Traceback" not in done.stderr


def test_a_bridge_that_hangs(tmp_path_factory: pytest.TempPathFactory) -> None:
    """It accepts connections, as the system does that for it, and answers nobody."""
    data_dir = tmp_path_factory.mktemp("hanging")
    command = [*ROOT_COMMAND, "serve", "--simulate", "--data-dir", str(data_dir), *FREE_PORTS]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT, env=clean_environment()
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline()
            os.kill(process.pid, signal.SIGSTOP)
            looked = subprocess.run(
                [*ROOT_COMMAND, "doctor", "--config", str(data_dir / "running.toml")],
                capture_output=True,
                encoding="utf-8",
                cwd=ROOT,
                env=clean_environment(TZ="CST-8"),
                timeout=120,
                check=False,
            )
        finally:
            os.kill(process.pid, signal.SIGCONT)
            process.terminate()
    assert looked.returncode == 2
    assert "no bridge answers" in looked.stdout
    assert f"(process {process.pid})" in looked.stdout
