"""docs/migrate/scenarios.md: its example loads, and it names what there is."""

from __future__ import annotations

import re
from pathlib import Path

from bridge.sim.scenario.card import CardEntry
from bridge.sim.scenario.file import read_document, ready_names, ready_scenario, scenario_of
from bridge.sim.scenario.model import Scenario

PAGE = (Path(__file__).parents[4] / "docs" / "migrate" / "scenarios.md").read_text(encoding="utf-8")


def blocks() -> list[str]:
    return re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_the_examples_load() -> None:
    example, steps = blocks()
    scenario = scenario_of(read_document(example))
    assert scenario.cards[-1].number == "000011110001"
    assert scenario.settings == {"sticky_card": True}
    tried = scenario_of(read_document(example.replace("try: []", steps)))
    assert [step.call for step in tried.steps][:2] == ["csOpenCom", "hisGetRegisterBasic"]


def test_the_ready_scenarios_are_listed_with_their_titles() -> None:
    listed = dict(re.findall(r"^\| `([a-z-]+)` \| (.*?) \|$", PAGE, re.MULTILINE))
    assert list(listed)[: len(ready_names())] == [
        "default", "first-visit", "refill", "chronic-prescription", "newborn", "prenatal", "vaccination",
        "expired-card", "no-visits-left", "roll-back", "off-line-cloud",
    ]  # fmt: skip
    assert set(listed) >= set(ready_names())
    for name in ready_names():
        assert ready_scenario(name).title.zh in listed[name]


def test_every_key_is_described() -> None:
    reported = set(re.findall(r"[a-z_]+", PAGE))
    assert {name for name in CardEntry.model_fields if name not in reported} == set()
    keys = {field.alias or name for name, field in Scenario.model_fields.items()}
    assert {name for name in keys if name not in reported} == set()
