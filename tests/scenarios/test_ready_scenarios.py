"""The ready scenarios: what each says to try is tried, by legacy calls through the real engine."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bridge.calls.call import LegacyCall, OutBuffer
from bridge.lab.trial import Trial, fields_shown
from bridge.sim.scenario.file import ready_names, ready_scenario, scenario_of
from bridge.sim.scenario.model import Scenario, Step
from bridge.sim.scenario.start_state import begin
from bridge.sim.simulator import Simulator
from bridge.table.loader import default_table
from tests.support.simulated import Bench
from tests.support.stage import open_stage

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
        trial = Trial(TABLE, bench.engine.call, lambda step: _change(bench, step))
        tried = await trial.run(scenario)
        assert [(each.step.call, each.wrong) for each in tried if each.wrong] == []
        await begin(simulator.world, simulator.power, simulator.world.home)
    assert simulator.world.faults.as_json() == []


def _power(bench: Bench) -> Any:
    networks = {"console": bench.console, "cloud": bench.cloud, "centre": bench.centre}

    async def power(service: str, on: bool) -> None:
        networks[service].before = None if on else _refused

    return power


def _refused(request: httpx.Request) -> None:
    raise httpx.ConnectError("connection refused", request=request)


async def _change(bench: Bench, step: Step) -> None:
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


async def test_what_is_not_as_a_scenario_says_is_told(simulator: Simulator) -> None:
    def steps(*entries: dict[str, Any]) -> Scenario:
        content = {"scenario": 1, "title": {"en": "T", "zh": "試"}, "extends": "default", "try": entries}
        return scenario_of(content)

    async with open_stage(simulator) as bench:
        trial = Trial(TABLE, bench.engine.call, lambda step: _change(bench, step))
        tried = await trial.run(
            steps(
                {"call": "hisGetBasicData", "shows": {"name": "nobody", "shoe": "42"}},
                {"call": "hisGetBasicData", "code": 4013},
                {"call": "hisGetNothing"},
                {"call": "csOpenCom"},
                {"call": "csOpenCom", "with": {"pComNum": 0, "pPort": 1}},
                {"call": "hisWriteEmergentTel", "with": {"pEmergentTel": "{never.kept}"}},
                {"call": "hisGetCardStatus", "with": {"CardType": 2}, "code": 2},
            )
        )
    assert [each.wrong for each in tried] == [
        ("name is '測試十', not 'nobody'", "shoe is 'not there', not '42'"),
        ("the code is 0, not 4013",),
        ("there is no function hisGetNothing",),
        ("the arguments cannot be used: invalid literal for int() with base 10: ''",),
        ("the arguments cannot be used: there is no in-argument pPort",),
        ("the arguments cannot be used: 'never'",),
        (),
    ]


async def test_a_running_bridge_goes_on_in_the_new_world(simulator: Simulator) -> None:
    """The console of the new world has not been opened yet, and another card lies in its reader."""
    async with open_stage(simulator) as bench:
        names = []
        for name in ("default", "expired-card", "first-visit"):
            await begin(simulator.world, None, ready_scenario(name))
            result = await bench.call("hisGetBasicData", pBuffer=OutBuffer(72))
            assert result.code == 0
            names.append(fields_shown(TABLE, LegacyCall("hisGetBasicData", {}), result)["name"])
    assert names == ["測試十", "測過期", "測初診"]
