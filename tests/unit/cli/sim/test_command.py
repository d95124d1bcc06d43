"""``cshis-bridge sim ...`` against a running control API."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from click.testing import CliRunner, Result

from bridge.cli.sim.command import sim
from bridge.sim.centre.uploads import Upload
from bridge.sim.clock import TAIPEI
from bridge.sim.control.remote import Remote
from bridge.sim.errors import ControlError
from bridge.sim.simulator import Simulator

CHILD = "000099990001"


class Running:
    """A control API served by a thread of its own, as the commands run in another process."""

    def __init__(self, directory: Path, keys: Any) -> None:
        self.directory = directory
        self.world = (simulator := Simulator(keys)).world
        config = uvicorn.Config(simulator.control_app, lifespan="off", log_config=None)
        self._server = uvicorn.Server(config)
        self._listener = socket.create_server(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        (directory / "sim.json").write_text(json.dumps({"control": address}), encoding="utf-8")
        self._thread = threading.Thread(target=lambda: asyncio.run(self._server.serve([self._listener])))
        self._thread.start()

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(sim, ["--data-dir", str(self.directory), *arguments])

    def output(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert result.exit_code == 0, result.stderr
        return result.stdout

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, keys: Any) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("data"), keys)
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def _fresh(running: Running) -> None:
    running.output("reset")


def test_show(running):
    shown = running.output("show")
    assert "slot hc     000073898381" in shown
    assert "not initialised" in shown
    assert json.loads(running.output("show", "--json"))["slots"]["hpc"] == "000000329470"


def test_people(running):
    listed = running.output("people")
    assert "測試十" in listed
    assert "pharmacist" in listed
    assert "246810" not in listed
    assert len(json.loads(running.output("people", "--json"))["practitioners"]) == 3


def test_cards(running):
    running.output("card", "hc", "insert", CHILD)
    running.output("card", "hpc", "remove")
    assert json.loads(running.output("show", "--json"))["slots"] == {"hc": CHILD, "hpc": None}
    assert "slot hpc    empty" in running.output("show")
    running.output("card", "hc", "remove")
    running.output("card", "hpc", "insert", "000000329488")
    assert json.loads(running.output("show", "--json"))["slots"] == {"hc": None, "hpc": "000000329488"}


def test_qr_prints_the_code_and_nothing_else(running):
    printed = running.output("qr", CHILD, "--minutes", "5", "--uses", "1")
    token = printed.removesuffix("\n")
    assert "\n" not in token
    assert running.world.qr_codes.read(token).card_number == CHILD


def test_mobile_login(running):
    body = json.loads(running.output("mobile-login", "000000329470"))
    assert (body["idNo"], body["medId"]) == ("C123456789", "A")


def test_faults(running):
    running.output("fault", "arm", "cloud", "slow", "2.5", "--path", "SequelNumber/Next", "--times", "3")
    running.output("fault", "arm", "console", "lost")
    assert running.output("fault", "list").splitlines() == [
        "cloud slow 2.5 on SequelNumber/Next, 3 more times",
        "console lost, until cleared",
    ]
    assert "console lost, until cleared" in running.output("show")
    running.output("fault", "clear", "cloud")
    assert [each["service"] for each in json.loads(running.output("fault", "list", "--json"))] == ["console"]
    running.output("fault", "clear")
    assert running.output("fault", "list") == ""


def test_clock(running):
    before = running.output("clock")
    after = running.output("clock", "--shift", "-86400")
    assert after < before
    assert after.endswith("+08:00\n")


def test_settings(running):
    running.output("set", "sticky_card", "on")
    assert "sticky_card = on" in running.output("show")
    running.output("set", "telemedicine_consent", "pending")
    assert running.world.switches.telemedicine_consent == "pending"


def test_stored_and_requests(running):
    assert json.loads(running.output("stored", CHILD))["emergency_tel"] == "0200000001"
    running.world.requests.clear()
    running.world.requests.add(
        time=datetime.fromisoformat("2026-03-10T10:00:00.000+08:00"),
        service="console",
        method="GET",
        path="/api/x",
        http=404,
        status=None,
        known=False,
        fault="slow",
    )
    assert len(json.loads(running.output("requests", "--json"))) == 1
    line = running.output("requests", "--clear")
    assert (
        line == "2026-03-10T10:00:00.000+08:00  console GET    /api/x  404 -  unknown endpoint  fault: slow\n"
    )
    assert running.output("requests") == ""


def test_the_data_directory_may_come_last(running):
    result = CliRunner().invoke(sim, ["card", "hc", "insert", CHILD, "--data-dir", str(running.directory)])
    assert result.exit_code == 0
    assert running.world.slots["hc"].card_number == CHILD


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("card", "hc", "insert", "1"), "no card '1'"),
        (("card", "hc", "insert", CHILD, "--port", "COM2"), "unknown slot 'hc@COM2'; one of hc, hpc"),
        (("card", "hpc", "remove", "--port", "COM2"), "unknown slot 'hpc@COM2'"),
        (("qr", "1"), "no health card '1'"),
        (("stored", "../state"), "HTTP 404"),
        (("set", "sticky_card", "perhaps"), "another type"),
        (("fault", "arm", "cloud", "slow"), "needs a value"),
        (("fault", "arm", "cloud", "down"), "no power switch"),
    ],
)
def test_refusals_are_one_line_on_stderr(running, arguments, text):
    result = running.run(*arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert text in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (None, "no simulator runs"),
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        ('{"control": "http://example.org:1"}', "no loopback address"),
        ('{"control": "file:///etc/passwd"}', "no loopback address"),
        ('{"control": "http://127.0.0.1:1"}', "no simulator answers"),
    ],
)
def test_no_simulator(tmp_path, content, text):
    if content is not None:
        (tmp_path / "sim.json").write_text(content, encoding="utf-8")
    result = CliRunner().invoke(sim, ["--data-dir", str(tmp_path), "show"])
    assert result.exit_code == 1
    assert text in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_remote_in_another_process_language(running):
    remote = Remote(running.directory)
    remote.insert("hc", CHILD)
    assert remote.state()["slots"]["hc"] == CHILD
    with pytest.raises(ControlError, match="unknown slot"):
        remote.remove("sam")


def test_uploads(running):
    assert running.output("uploads") == ""
    stored = Upload(
        opcode="202603101000000000013501200000001000000103",
        sam_id="001000000103",
        hospital_id="3501200000",
        type="A2",
        records="12",
        orders="",
        content=b"<RECS/>",
        uploaded_at="20260310100000123",
        received_at=datetime(2026, 3, 10, 10, 0, 0, tzinfo=TAIPEI),
    )
    running.world.centre_uploads[stored.opcode] = stored
    assert running.output("uploads") == f"{stored.opcode}  A2  7 bytes, 12 records, - orders\n"
    assert json.loads(running.output("uploads", "--json")) == [stored.as_json()]
    assert Remote(running.directory).upload(stored.opcode)["content"] == "PFJFQ1MvPg=="
