"""What the doctor reads from the console's Status."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.config import ConsoleSettings, ReaderSettings
from bridge.doctor.console import probe_console
from bridge.doctor.finding import Finding
from bridge.table.loader import default_table
from tests.unit.doctor.servers import Authority, http_server

TABLE = default_table()
STATUS_PATH, VERSION_PATH = "/api/common/v1/Status", "/api/common/v1/Version"
INVENTORY = {
    "/api/common/v1/Name": (200, {"statusCode": 0, "names": ["001000000103", "COM1"]}),
    "/api/settings/v1/CloudSam": (200, {"statusCode": 0, "sams": ["001000000103"]}),
    "/api/settings/v1/PcscReader/Readers": (200, {"statusCode": 0, "readers": ["Reader 0"]}),
    "/api/settings/v1/PcscReader/Default": (200, {"statusCode": 0, "readerName": "Reader 0"}),
    "/api/common/v1/Record?skip=0&take=500": (200, b"[]"),
}

CLOSED = {
    "initialized": False,
    "name": "",
    "readerName": "",
    "sam": {"status": 0},
    "hc": {"status": 0},
    "hpc": {"status": 0},
}
OPEN = {
    **CLOSED,
    "initialized": True,
    "name": "COM1",
    "readerName": "Reader 0",
    "sam": {"status": 2},
    "hc": {"status": 1},
}
VERSION = {"statusCode": 0, "fileVersion": "1.7.0.1"}


def look(
    authority: Authority, reply: Any, version: Any = VERSION, http_status: int = 200
) -> dict[str, Finding]:
    replies = {**INVENTORY, STATUS_PATH: (http_status, reply), VERSION_PATH: (200, version)}
    with http_server(authority.context("127.0.0.1"), replies) as port:
        settings = ConsoleSettings(url=f"https://127.0.0.1:{port}", ca_file=authority.file)
        found = probe_console(settings, ReaderSettings(), TABLE).findings
        return {finding.check: finding for finding in found}


def status(**further: Any) -> dict[str, Any]:
    return {"statusCode": 0, "status": {**OPEN, **further}}


def test_a_console_at_work(authority: Authority) -> None:
    found = look(authority, status())
    assert {finding.status for finding in found.values()} == {"ok"}
    assert "device COM1" in found["console.session"].what
    assert "verified (已認證)" in found["console.sam"].what
    assert "Reader 0" in found["console.reader"].what
    assert "in the reader" in found["console.hc"].what
    assert "none" in found["console.hpc"].what
    assert "1.7.0.1" in found["console.version"].what


def test_a_console_without_a_session(authority: Authority) -> None:
    found = look(authority, {"statusCode": 0, "status": CLOSED})
    assert found["console.session"].status == "ok"
    assert "尚未初始化" in found["console.session"].what
    assert {"console.sam", "console.reader", "console.version"}.isdisjoint(found)


def test_a_sam_that_is_not_verified_is_not_verified_by_asking_for_the_version(authority: Authority) -> None:
    found = look(authority, status(sam={"status": 1}))
    assert (found["console.sam"].status, "尚未認證" in found["console.sam"].what) == ("ok", True)
    assert "console.version" not in found


@pytest.mark.parametrize(
    ("sam", "word"), [({"status": 0}, "no SAM"), ({}, "state None"), ({"status": 9}, "9")]
)
def test_no_sam(authority: Authority, sam: dict[str, int], word: str) -> None:
    finding = look(authority, status(sam=sam))["console.sam"]
    assert (finding.status, word in finding.what) == ("warning", True)
    assert "雲端安全模組" in finding.advice


def test_a_console_that_names_no_reader(authority: Authority) -> None:
    assert look(authority, status(readerName=""))["console.reader"].status == "unknown"


@pytest.mark.parametrize("version", [{"statusCode": 1301}, [], {"statusCode": 0, "fileVersion": 7}])
def test_a_console_that_does_not_tell_its_version(authority: Authority, version: Any) -> None:
    assert look(authority, status(), version)["console.version"].status == "unknown"


@pytest.mark.parametrize(
    ("reply", "http_status"),
    [
        (b"<html>It works!</html>", 200),
        ({"status": "ok"}, 200),
        ({"statusCode": 0}, 200),
        ({"statusCode": 0, "status": "fine"}, 200),
        ({"statusCode": 0, "status": {}}, 200),
        ([], 200),
        ({"error": "no such page"}, 404),
    ],
)
def test_something_else_at_the_consoles_address(authority: Authority, reply: Any, http_status: int) -> None:
    finding = look(authority, reply, http_status=http_status)["console.status"]
    assert (finding.status, "is not the console" in finding.what) == ("broken", True)
    assert "console.url" in finding.advice
