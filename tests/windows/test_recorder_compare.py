"""Live comparison: the program has the original's answers; the bridge is asked the same reads beside them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.table.codegen.sources import asks_only
from bridge.table.loader import default_table
from bridge.trace.format import Number, TracedCall
from tests.support.bridge_process import Bridge
from tests.support.fake_bridge import SILENCE, FakeBridge
from tests.support.hosts.driver import room, scalar, short
from tests.support.legacy_routes import NativeRoute
from tests.windows.conftest import Build
from tests.windows.recording import Recording, answers
from tests.windows.test_recorder import driver

NO_CONSOLE = 4000
IDLE_SECONDS = 3  # of native/recorder/compare.c
READS = {row.name for row in default_table().exported() if asks_only(row)}
READ_PATHS = {step.path for row in default_table().exported() if asks_only(row) for step in row.steps}


@pytest.fixture
def asked_bridge(bridge: Bridge, dll_route: NativeRoute) -> Iterator[Bridge]:
    """The bridge, whose port nobody opens in a comparison; for later tests it is opened and closed."""
    yield bridge
    assert dll_route.raw("csOpenCom", scalar(0))[0] == 0
    assert dll_route.raw("csCloseCom")[0] == 0


@pytest.fixture
def comparing(recording: Recording) -> Recording:
    recording.settings["MODE"] = "compare"
    return recording


def asked(recording: Recording) -> list[TracedCall]:
    """The calls that the bridge has answered as well."""
    return [call for call in recording.trace().calls if call.bridge is not None]


def test_a_read_is_answered_twice(comparing: Recording, host: Path, asked_bridge: Bridge) -> None:
    """The program has the original's answer; that of the bridge is in the trace, and here it is the same."""
    comparing.run_until(answers(1), host, "mixed", "0", CSHIS_BRIDGE=asked_bridge.ready["channel"])
    assert len(comparing.trace().calls) == 6
    (call,) = asked(comparing)
    assert call.function == "hisGetBasicData"
    assert call.bridge is not None
    assert call.bridge.code == call.answer.code == 0
    assert call.bridge.after["pBuffer"] == call.answer.after["pBuffer"]
    assert call.bridge.after["iBufferLen"] == Number(72, 72)


def test_a_write_never_reaches_the_bridge(comparing: Recording, host: Path, fake_bridge: FakeBridge) -> None:
    """Of a visit only the read is put to it; neither the write, nor the PIN, nor what opens the port."""
    comparing.run_until(answers(1), host, "mixed", "1000", CSHIS_BRIDGE=fake_bridge.address)
    assert [request.name for request in fake_bridge.requests] == ["hisGetBasicData"]


def test_every_export_of_a_visual_basic_6_program(
    comparing: Recording, build_program: Build, asked_bridge: Bridge, upload: str
) -> None:
    """What was asked is reads alone, and the cloud has seen nothing else."""
    comparing.run(build_program("vb6.c"), upload, CSHIS_BRIDGE=asked_bridge.ready["channel"])
    assert {call.function for call in asked(comparing)} <= READS
    assert set(asked_bridge.changes()) <= READ_PATHS


def test_no_bridge_costs_lines_and_nothing_else(comparing: Recording, host: Path) -> None:
    comparing.run_until(answers(1), host, "mixed", "0", CSHIS_BRIDGE="127.0.0.1:1")
    (call,) = asked(comparing)
    assert call.answer.code == 0
    assert call.bridge is not None
    assert (call.bridge.code, call.bridge.after["iBufferLen"]) == (NO_CONSOLE, Number(72, 72))


def told_of_a_full_queue(text: str) -> bool:
    return answers(1)(text) and '"unasked"' in text


def test_a_bridge_that_is_silent_holds_nobody_up(
    comparing: Recording, host: Path, fake_bridge: FakeBridge
) -> None:
    """Questions wait in a queue of bounded length; those that find no room are counted."""
    fake_bridge.behave = lambda request: SILENCE
    begun = time.monotonic()
    env = {"CSHIS_BRIDGE": fake_bridge.address, "CSHIS_BRIDGE_TIMEOUT": "1"}
    longest = int(comparing.run_until(told_of_a_full_queue, host, "compared", "300", **env))
    assert longest < 500_000, "microseconds of the slowest call, on a machine that does other things as well"
    assert time.monotonic() - begun < 30
    trace = comparing.trace()
    assert len(trace.calls) == 300
    assert all(call.answer.code == 0 for call in trace.calls)
    unasked = sum(note.calls for note in trace.notes if note.kind == "unasked")
    assert 0 < unasked < 300
    assert asked(comparing)[0].bridge.code == NO_CONSOLE  # type: ignore[union-attr]


def test_let_go_while_a_question_is_under_way(
    comparing: Recording, driver_program: Path, fake_bridge: FakeBridge
) -> None:
    """The thread holds the DLL until it is idle; then it goes, and comes again."""
    fake_bridge.behave = lambda request: SILENCE
    env = {"CSHIS_BRIDGE": fake_bridge.address, "CSHIS_BRIDGE_TIMEOUT": "1"}
    with driver(comparing, driver_program, **env) as program:
        assert program.call("hisGetBasicData", room(72), short(72)).code == 0
        program.unload()
        program.load()
        assert program.call("hisGetBasicData", room(72), short(72)).code == 0
        program.unload()
        time.sleep(IDLE_SECONDS + 2.5)
        program.load()
        assert program.call("hisGetBasicData", room(72), short(72)).code == 0
        comparing.wait_until(answers(3))
    assert [call.number for call in comparing.trace().calls] == [1, 2, 3]
    assert [call.bridge.code for call in asked(comparing) if call.bridge] == [NO_CONSOLE] * 3
