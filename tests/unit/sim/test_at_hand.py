"""Simulators asked in this process answer as they do over a connection."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pytest

from bridge.sim.at_hand import AtHand
from bridge.sim.clock import TAIPEI, Clock
from bridge.sim.cloud.app import ENDPOINTS as CLOUD
from bridge.sim.console.app import ENDPOINTS as CONSOLE
from bridge.sim.faults import Fault
from bridge.sim.scenario.file import ready_scenario
from bridge.sim.scenario.model import DEFAULT, FaultEntry
from bridge.sim.scenario.start_state import close_listeners
from bridge.sim.signatures import Keys
from bridge.sim.simulator import Simulator

NOON = datetime(2026, 3, 2, 12, tzinfo=TAIPEI)
JSON = "application/json"
MOST = 100_000
STATUS = "/api/common/v1/Status"
BODIES = [
    (JSON, b"{}"),
    (JSON, b'{"serviceType": "01", "pin": "123456", "name": ""}'),
    (JSON, b'{"signature": "AAAA", "clientRandom": "AAAA", "samId": "001000000103"}'),
    (JSON, b"[]"),
    (JSON, b"{"),
    ("text/plain", b"{}"),
    ("", b""),
]
NUMBERED = "/api/common/v1/Record"  # each line of it has a number of its own
RANDOM = {"signature", "clientRandom"}


def service(name: str) -> AtHand:
    """A service of a simulator of its own, whose clock stands still."""
    return Simulator(Keys.cheap(), Clock(lambda: NOON)).at_hand()[name]


def fields(media_type: str) -> list[tuple[str, str]]:
    return [("Content-Type", media_type)] if media_type else []


async def over_the_app(asked: AtHand, method: str, path: str, media_type: str, body: bytes) -> Any:
    return await asked.answer(method, path, fields(media_type), body, MOST)


def shown(answer: tuple[int, bytes]) -> tuple[int, object]:
    """HTTP status and content, less what is drawn by lot."""
    status, body = answer
    content = json.loads(body) if body else None
    if isinstance(content, dict):
        assert body == json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        content = {name: len(str(value)) if name in RANDOM else value for name, value in content.items()}
    return status, content


def every(name: str, endpoints: Iterable[tuple[str, str]]) -> list[tuple[str, str, str]]:
    plain = (each for each in endpoints if "{" not in each[1] and each != ("GET", NUMBERED))
    return [(name, method, path) for method, path in plain]


ALL = [*every("console", CONSOLE), *every("cloud", CLOUD)]


@pytest.mark.parametrize(("name", "method", "path"), ALL, ids=[f"{m} {p}" for _, m, p in ALL])
async def test_a_plain_request_is_answered_as_by_the_whole_app(name: str, method: str, path: str) -> None:
    plain, whole = service(name), service(name)
    for ready in (False, True):
        if ready and name == "console":
            for each in (plain, whole):
                each.at_once("POST", "/api/common/v1/Initial", JSON, b"{}")
                each.at_once("POST", "/api/sam/v1/Verification", "", b"")
        for media_type, body in BODIES:
            found = plain.at_once(method, path, media_type, body)
            assert found is not None
            assert shown(found) == shown(await over_the_app(whole, method, path, media_type, body))


@pytest.mark.parametrize(
    "target", ["/api/none", f"{STATUS}?x=1", STATUS.upper(), "/api/settings/v1/Cors/a.b"]
)
async def test_any_other_request_goes_through_the_app(target: str) -> None:
    console = service("console")
    assert console.at_once("GET", target, "", b"") is None
    status, body = await console.answer("GET", target, [], b"", MOST)
    assert (status == 200) == (target.lower().partition("?")[0] == STATUS.lower())
    assert json.loads(body)


async def test_both_ways_stand_in_the_journal_of_requests() -> None:
    simulator = Simulator(Keys.cheap())
    console = simulator.at_hand()["console"]
    console.at_once("GET", STATUS, "", b"")
    await console.answer("GET", STATUS, [], b"", MOST)
    first, second = simulator.world.requests.as_json()
    assert {**first, "number": 2, "time": ""} == {**second, "time": ""}
    assert [len(simulator.world.api_record), simulator.world.api_record[0].as_json["url"]] == [2, STATUS]


async def test_where_nobody_looks_plain_requests_stand_in_no_journal() -> None:
    simulator = Simulator(Keys.cheap())
    noted = simulator.at_hand()["console"].at_once("GET", STATUS, "", b"")
    simulator.world.requests.clear()
    assert simulator.at_hand(noted=False)["console"].at_once("GET", STATUS, "", b"") == noted
    assert simulator.world.requests.as_json() == []
    assert len(simulator.world.api_record) == 2  # what a program may ask the console for


async def test_an_armed_fault_meets_a_request() -> None:
    simulator = Simulator(Keys.cheap())
    console = simulator.at_hand()["console"]
    simulator.world.faults.arm(Fault("console", "status", 1102))
    assert console.at_once("GET", STATUS, "", b"") is None
    assert await console.answer("GET", STATUS, [], b"", MOST) == (200, b'{"statusCode":1102}')


async def test_a_service_that_is_down_in_its_world_answers_nobody() -> None:
    usual = ready_scenario(DEFAULT)
    home = usual.model_copy(update={"faults": (FaultEntry(service="cloud", kind="down"),)})
    simulator = Simulator(Keys.cheap(), home=home)
    services = simulator.at_hand()
    await close_listeners(simulator.world, simulator.power)
    assert simulator.world.home is home
    assert (services["console"].listening, services["cloud"].listening) == (True, False)
    with pytest.raises(ConnectionRefusedError):
        await services["cloud"].answer("POST", CLOUD[0][1], [], b"", MOST)


@pytest.mark.parametrize("kind", ["lost", "half"])
async def test_an_answer_that_breaks_off(kind: str) -> None:
    simulator = Simulator(Keys.cheap())
    simulator.world.faults.arm(Fault("console", kind))
    with pytest.raises(ConnectionError):
        await simulator.at_hand()["console"].answer("GET", STATUS, [], b"", MOST)


async def test_an_answer_without_end() -> None:
    simulator = Simulator(Keys.cheap())
    simulator.world.faults.arm(Fault("console", "huge", 4))
    with pytest.raises(OverflowError):
        await simulator.at_hand()["console"].answer("GET", STATUS, [], b"", MOST)


async def test_a_service_that_is_down() -> None:
    simulator = Simulator(Keys.cheap())
    console = simulator.at_hand()["console"]
    assert simulator.power is not None
    await simulator.power("console", False)
    assert console.at_once("GET", STATUS, "", b"") is None
    with pytest.raises(ConnectionRefusedError):
        await console.answer("GET", STATUS, [], b"", MOST)
    await simulator.power("console", True)
    assert console.at_once("GET", STATUS, "", b"") is not None


async def test_a_fault_of_a_handler_is_http_500(monkeypatch: pytest.MonkeyPatch) -> None:
    simulator = Simulator(Keys.cheap())
    console = simulator.at_hand()["console"]
    monkeypatch.setattr(simulator.world.session, "end_expired", lambda: 1 / 0)
    plain = console.at_once("GET", STATUS, "", b"")
    assert plain == await console.answer("GET", STATUS, [], b"", MOST) == (500, b"Internal Server Error")
