"""The ready scenarios: what each says to try is tried, by legacy calls through the real engine."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from simulated import Bench
from stage import open_stage

from bridge.codec.text import CODE_PAGE
from bridge.engine.call import Argument, LegacyCall, LegacyResult, Room
from bridge.sim.beginning import begin
from bridge.sim.scenario import Scenario, Step
from bridge.sim.scenario_file import ready_names, ready_scenario
from bridge.sim.simulator import Simulator
from bridge.table.argument_spec import (
    BlockArgument,
    CountArgument,
    RecordArgument,
    ScalarArgument,
    TextArgument,
    TextSizedArgument,
)
from bridge.table.loader import default_table
from bridge.trace.format import Answer, Number
from bridge.trace.records import records_out

TABLE = default_table()
TEN = {
    "first-visit", "refill", "chronic-prescription", "newborn", "prenatal", "vaccination", "expired-card",
    "no-visits-left", "roll-back", "off-line-cloud",
}  # fmt: skip


def test_the_ten_are_there_with_titles_in_both_languages() -> None:
    assert set(ready_names()) >= {"default", *TEN}
    for name in ready_names():
        scenario = ready_scenario(name)
        assert scenario.title.en
        assert any(ord(character) > 0x4E00 for character in scenario.title.zh)
        assert scenario.about
        assert name == "default" or sum(step.call is not None for step in scenario.steps) >= 5


@pytest.mark.parametrize("name", [name for name in ready_names() if name != "default"])
async def test_what_a_scenario_says_to_try(name: str, simulator: Simulator) -> None:
    scenario = ready_scenario(name)
    async with open_stage(simulator) as bench:
        simulator.power = _power(bench)
        await begin(simulator.world, simulator.power, scenario)
        kept: dict[str, str] = {}
        for number, step in enumerate(scenario.steps):
            await _step(bench, scenario, step, kept, f"{name}, step {number + 1}: {step.call}")
        await begin(simulator.world, simulator.power, simulator.world.home)
    assert simulator.world.faults.as_json() == []


def _power(bench: Bench) -> Any:
    networks = {"console": bench.console, "cloud": bench.cloud, "centre": bench.centre}

    async def power(service: str, on: bool) -> None:
        networks[service].before = None if on else _refused

    return power


def _refused(request: httpx.Request) -> None:
    raise httpx.ConnectError("connection refused", request=request)


async def _step(bench: Bench, scenario: Scenario, step: Step, kept: dict[str, str], where: str) -> None:
    world = bench.simulator.world
    if step.insert is not None:
        world.insert("hc" if step.insert in world.cards else "hpc", step.insert)
    elif step.remove is not None:
        world.remove(step.remove)
    elif step.shift is not None:
        world.shift_clock(step.shift)
    elif step.clear is not None:
        assert bench.simulator.power is not None
        await bench.simulator.power(step.clear, True)
        world.faults.clear(step.clear)
    else:
        await _call(bench, step, kept, where)


async def _call(bench: Bench, step: Step, kept: dict[str, str], where: str) -> None:
    call = LegacyCall(step.call or "", _arguments(step, kept))
    result = await bench.engine.call(call)
    assert result.code == step.code, where
    shown = _shown(call, result)
    for path, text in step.shows.items():
        assert path in shown, f"{where}: {path} is not among {', '.join(shown)}"
        assert shown[path] == text.format_map(kept), f"{where}: {path}"
    kept |= {name: shown[path] for name, path in step.keep.items()}


def _arguments(step: Step, kept: dict[str, str]) -> dict[str, Argument]:
    """As ``cshis-bridge call`` makes them of its words."""
    given = {name: str(value).format_map(kept) for name, value in step.with_.items()}
    values: dict[str, Argument] = {}
    for argument in TABLE.functions[step.call or ""].arguments:
        match argument:
            case RecordArgument() | TextSizedArgument():
                values[argument.name] = Room(32_767)
            case TextArgument() | BlockArgument():
                values[argument.name] = given.pop(argument.name, "").encode(CODE_PAGE)
            case ScalarArgument() | CountArgument():
                values[argument.name] = int(given.pop(argument.name))
            case _:
                pass
    assert given == {}, f"{step.call} has no such argument"
    return values


def _shown(call: LegacyCall, result: LegacyResult) -> dict[str, str]:
    """Every field by its path, and other out-arguments by their name."""
    function = TABLE.functions[call.name]
    given = {name: Number(value) for name, value in call.arguments.items() if isinstance(value, int)}
    after: dict[str, Any] = {}
    shown = {}
    for name, value in result.outputs.items():
        if isinstance(value, bytes):
            after |= {name: value, getattr(function.argument(name), "length", ""): Number(len(value))}
            shown[name] = value.rstrip(b" \0").decode(CODE_PAGE)
        else:
            shown[name] = str(value)
    for view in records_out(TABLE, function, given, Answer(result.code, 0.0, after)):
        shown |= {span.path: span.of(view.data).decode(CODE_PAGE).rstrip() for span in view.spans}
    return shown


async def test_a_running_bridge_goes_on_in_the_new_world(simulator: Simulator) -> None:
    """The console of the new world has not been opened yet, and another card lies in its reader."""
    async with open_stage(simulator) as bench:
        names = []
        for name in ("default", "expired-card", "first-visit"):
            await begin(simulator.world, None, ready_scenario(name))
            result = await bench.call("hisGetBasicData", pBuffer=Room(72))
            assert result.code == 0
            names.append(_shown(LegacyCall("hisGetBasicData", {}), result)["name"])
    assert names == ["測試十", "測過期", "測初診"]
