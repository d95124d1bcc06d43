"""What the doctor makes of the console's devices, readers and record."""

from __future__ import annotations

import pytest

from bridge.config import ReaderSettings
from bridge.console_settings.client import AnsweredCall
from bridge.doctor.devices import Inventory, check_plugged_in, devices, hospital, ports, readers
from bridge.doctor.finding import Finding
from bridge.errors import BridgeError
from bridge.table.loader import default_table

TABLE = default_table()
SILENT = BridgeError("no answer")
SAM, OTHER = "001000000103", "901000000047"
VERIFY, SIGN, STATUS = "/api/sam/v1/Verification", "/api/hc/v1/Signature/Hc", "/api/common/v1/Status"


def inventory(
    names: list[str] | BridgeError = SILENT,
    sams: list[str] | BridgeError = SILENT,
    pcsc: list[str] | BridgeError = SILENT,
    default: str | BridgeError = SILENT,
    calls: list[AnsweredCall] | BridgeError = SILENT,
) -> Inventory:
    return Inventory(names, sams, pcsc, default, calls)


def record(*answers: tuple[str, int]) -> Inventory:
    """The newest first."""
    times = (f"2026-03-10T10:{59 - age:02}:00.1234567+08:00" for age in range(60))
    return inventory(calls=[AnsweredCall(path, next(times), status) for path, status in answers])


def only(found: list[Finding]) -> Finding:
    (finding,) = found
    return finding


# --- devices ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sams", [[SAM], SILENT])
def test_devices_are_listed(sams: list[str] | BridgeError) -> None:
    finding = only(list(devices(inventory([SAM, "COM3", "COM5"], sams), sam_is_there=False)))
    assert finding.status == "ok"
    assert finding.what == f"devices (裝置): cloud SAMs (雲端安全模組) {SAM}; COM ports COM3, COM5"


def test_a_console_without_any_device() -> None:
    finding = only(list(devices(inventory([], []), sam_is_there=False)))
    assert (finding.status, "no device" in finding.what) == ("broken", True)
    assert "cshis-bridge console sam import" in finding.advice


@pytest.mark.parametrize(("there", "status"), [(False, "unknown"), (True, "ok")])
def test_a_physical_sam_is_seen_only_in_a_session(there: bool, status: str) -> None:
    finding = only(list(devices(inventory(["COM3"], []), sam_is_there=there)))
    assert (finding.status, "no cloud SAMs" in finding.what) == (status, True)


def test_a_console_that_does_not_tell_its_devices() -> None:
    assert only(list(devices(inventory(), sam_is_there=False))).status == "unknown"
    assert list(ports(inventory(), ReaderSettings())) == []


# --- ports --------------------------------------------------------------------------------------------------


def test_what_each_port_number_becomes() -> None:
    settings = ReaderSettings(devices={"12": OTHER, "0": SAM})
    finding = only(list(ports(inventory([SAM, OTHER, "COM1", "COM3", "LPT1"]), settings)))
    assert finding.status == "ok"
    assert f"0 is {SAM}, 2 is COM3, 12 is {OTHER}, -1 or none is what the console chooses" in finding.what
    assert finding.what.endswith("; no other can be opened")  # of two cloud SAMs none is guessed


def test_the_only_cloud_sam_stands_in_for_any_other_port() -> None:
    finding = only(list(ports(inventory([SAM, "COM3"]), ReaderSettings())))
    assert finding.what.endswith(f"; any other is the cloud SAM {SAM}")


def test_the_default_device_is_named() -> None:
    finding = only(list(ports(inventory([SAM]), ReaderSettings(default_device=SAM))))
    assert f"-1 or none is {SAM}" in finding.what


@pytest.mark.parametrize(
    ("settings", "setting"),
    [
        (ReaderSettings(devices={"5": OTHER}), "reader.devices.5"),
        (ReaderSettings(default_device=OTHER), "reader.default_device"),
    ],
)
def test_a_setting_that_names_what_the_console_does_not_have(settings: ReaderSettings, setting: str) -> None:
    warned, told = ports(inventory([SAM, "COM1"]), settings)
    assert (warned.status, told.status) == ("warning", "ok")
    assert warned.what == f"{setting} names {OTHER}, which is no device of the console"
    assert f"5 is {OTHER}" not in told.what


# --- readers ------------------------------------------------------------------------------------------------


def test_readers_are_listed() -> None:
    finding = only(list(readers(inventory(["COM1"], [], ["A", "B"], "B"))))
    assert (finding.status, finding.what) == ("ok", "PC/SC readers (讀卡機): A, B; the default is B")


@pytest.mark.parametrize(
    ("default", "status", "word"),
    [
        ("", "warning", "none is the default"),
        ("C", "warning", "C, is not plugged in"),
        (SILENT, "unknown", "does not tell: no answer"),
    ],
)
def test_no_reader_is_used(default: str | BridgeError, status: str, word: str) -> None:
    finding = only(list(readers(inventory([SAM], [SAM], ["A", "B"], default))))
    assert (finding.status, word in finding.what) == (status, True)


@pytest.mark.parametrize(
    ("names", "status"), [([SAM], "warning"), ([SAM, "COM3"], "unknown"), (SILENT, "unknown")]
)
def test_no_pcsc_reader(names: list[str] | BridgeError, status: str) -> None:
    """Right where a reader is connected to a COM port."""
    assert only(list(readers(inventory(names, [SAM], [], "")))).status == status


def test_a_console_that_does_not_tell_its_readers() -> None:
    assert only(list(readers(inventory([SAM], [SAM])))).status == "unknown"


# --- the hospital -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "words"),
    [(1302, "1302 醫事機構已超過合約起迄"), (1303, "1303 醫事機構已停權"), (1304, "1304 SAM 已註銷")],
)
@pytest.mark.parametrize("path", [VERIFY, SIGN])
def test_a_hospital_that_is_refused(path: str, status: int, words: str) -> None:
    """By its verification, or by any request for which the console verifies a cloud SAM by itself."""
    finding = only(list(hospital(record((STATUS, 0), (path, status), (VERIFY, 0)), TABLE)))
    assert finding.status == "broken"
    assert f"refused the hospital at 2026-03-10 10:58:00: {words}" in finding.what
    assert "健保署" in finding.advice


@pytest.mark.parametrize("path", [VERIFY, VERIFY.lower()])
def test_a_hospital_that_was_served_since(path: str) -> None:
    finding = only(list(hospital(record((SIGN, 1301), (path, 0), (VERIFY, 1303)), TABLE)))
    assert (finding.status, "10:58:00" in finding.what) == ("ok", True)


@pytest.mark.parametrize("found", [record((STATUS, 0), (VERIFY, 1301)), record(), inventory()])
def test_where_nothing_is_known_nothing_is_said(found: Inventory) -> None:
    assert list(hospital(found, TABLE)) == []


@pytest.mark.parametrize(
    ("used", "seen", "gone"),
    [
        ("", [], False),
        ("Reader 0", ["Reader 1", "Reader 0"], False),
        ("COM3", [], False),  # of those nobody here can say
        ("Reader 0", [], True),
        ("Reader 0", ["Reader 1"], True),
    ],
)
def test_a_reader_that_was_pulled(used: str, seen: list[str], gone: bool) -> None:
    found = list(check_plugged_in(used, seen))
    assert bool(found) == gone
    for finding in found:
        assert finding.status == "broken"
        assert "已拔除" in finding.what
        assert "console release" in finding.advice
