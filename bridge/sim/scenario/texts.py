"""Scenarios as texts and back: a checked document, a step as a command to type."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from bridge.sim.errors import ScenarioError
from bridge.sim.scenario.file import scenario_of
from bridge.sim.scenario.model import Scenario, Step


def checked(document: object, where: str) -> Scenario:
    """The scenario of a document. Raises ScenarioError that names where each fault is."""
    try:
        return scenario_of(document)
    except ScenarioError as error:
        raise ScenarioError(error.faults, where) from None


def plain(document: object) -> dict[str, Any]:
    """A checked document as the control API takes it."""
    return dict(document) if isinstance(document, dict) else {}


def step_lines(scenario: Scenario, step: Step) -> Iterator[str]:
    """A step as a command to type, and what comes of it."""
    if step.call is None:
        yield f"cshis-bridge sim {_change(scenario, step)}"
        return
    words = [f"{name}={value}" for name, value in step.with_.items()]
    yield f"{shlex.join(['cshis-bridge', 'call', step.call, *words])}  -> {step.code}"
    for path, value in step.shows.items():
        yield f"    {path}: {value}"
    for name, path in step.keep.items():
        yield f"    {path} is {{{name}}} from here on"


def _change(scenario: Scenario, step: Step) -> str:
    if step.insert is not None:
        return f"card {slot_of(scenario, step.insert)} insert {step.insert}"
    if step.remove is not None:
        return f"card {step.remove} remove"
    if step.clear is not None:
        return f"fault clear {step.clear}"
    return f"clock --shift {step.shift or 0:g}"


def slot_of(scenario: Scenario, number: str) -> str:
    """The slot for a card: "hc" for a health card, else "hpc"."""
    return "hc" if number in {card.number for card in scenario.cards} else "hpc"
