"""Scenarios as a command names them."""

from __future__ import annotations

from bridge.errors import ConfigError
from bridge.sim.errors import ScenarioError
from bridge.sim.scenario.file import document_of, scenario_of
from bridge.sim.scenario.model import Scenario
from bridge.words import said


def scenario_named(name_or_file: str) -> Scenario:
    """A scenario by its name or file. Raises ConfigError for one with faults."""
    try:
        return scenario_of(document_of(name_or_file))
    except ScenarioError as error:
        raise ConfigError(
            said("--scenario {scenario}: {error}", scenario=name_or_file, error=error)
        ) from error
