"""``cshis-bridge serve --simulate --scenario``: the simulators begin in another world than the usual one."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from bridge.cli.serve import serve
from bridge.cli.sim.command import sim
from bridge.config import Settings, load_settings
from bridge.errors import ConfigError
from bridge.lab.simulators import start_simulators
from bridge.sim.scenario.file import ready_names
from tests.support.bridge_process import running_bridge

CARD = {
    "number": "000011110001", "name": "測試人", "id_no": "Z299998001", "birthday": "0700101", "sex": "F",
    "valid_days": 100, "counter": 6, "pin": "9753",
}  # fmt: skip
WORLD = {
    "scenario": 1,
    "title": {"en": "Mine", "zh": "我的"},
    "extends": "default",
    "cards": [CARD],
    "start": {"hc": CARD["number"]},
    "faults": [{"service": "cloud", "kind": "down"}],
}


def test_a_bridge_starts_in_a_scenario_and_goes_back_to_it(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump(WORLD), encoding="utf-8")
    with running_bridge(tmp_path, "", "--scenario", str(file)) as bridge:
        state = bridge.sim.state()
        assert state["scenario"] == {"en": "Mine", "zh": "我的"}
        assert state["slots"]["hc"] == CARD["number"]
        assert [fault["kind"] for fault in state["faults"]] == ["down"]
        pin = load_settings(bridge.config).pin.fixed.hc
        assert pin is not None
        assert pin.get_secret_value() == "9753"  # the scenario's own, not the usual one
        bridge.sim.clear_faults("cloud")
        bridge.sim.insert("hc", "000073898381")
        bridge.sim.reset()
        assert bridge.sim.state() | {"now": ""} == state | {"now": ""}
        for name in ready_names()[1:]:
            tried = CliRunner().invoke(sim, ["--data-dir", str(tmp_path), "try", name])
            assert tried.exit_code == 0, tried.output
            assert "0 not as they should be" in tried.output
        moved = tmp_path / "old.toml"  # of the same bridge, when its channel was elsewhere
        moved.write_text(f'[console]\nurl = "{bridge.ready["console"]}"\n[channel]\nport = 1\n', "utf-8")
        tried = CliRunner().invoke(
            sim, ["--data-dir", str(tmp_path), "try", "refill", "--config", str(moved)]
        )
        assert tried.exit_code == 0, tried.output
        wrong = tmp_path / "wrong.yaml"
        wrong.write_text(yaml.safe_dump(WORLD | {"try": [{"call": "hisGetBasicData"}]}), encoding="utf-8")
        tried = CliRunner().invoke(sim, ["--data-dir", str(tmp_path), "try", str(wrong)])
        assert tried.exit_code == 1
        assert "the code is 4061, not 0" in tried.output


def test_a_scenario_goes_with_the_simulators() -> None:
    result = CliRunner().invoke(serve, ["--scenario", "refill"])
    assert result.exit_code == 2
    assert "--scenario goes with --simulate" in result.output


async def test_a_scenario_with_faults_ends_the_start(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        with pytest.raises(ConfigError, match="--scenario nowhere: nowhere: neither a file nor a ready"):
            await start_simulators(stack, Settings(), tmp_path, {}, "nowhere")
