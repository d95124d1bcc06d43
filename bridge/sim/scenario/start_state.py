"""Begins a scenario: the world, and the listeners that are open or closed in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bridge.sim.errors import ControlError
from bridge.sim.faults import SERVICES
from bridge.sim.scenario.model import Scenario
from bridge.sim.world import World

# Closes (False) or opens (True) the listener of one of SERVICES; the runner provides it.
Power = Callable[[str, bool], Awaitable[None]]


async def begin(world: World, power: Power | None, scenario: Scenario) -> None:
    """Load a scenario and open or close the listeners as it says. ``power``: the runner's switch, if any.

    Raises ControlError, and then nothing has changed.
    """
    closed = [fault.service for fault in scenario.faults if fault.kind == "down"]
    was_closed = [name for name in SERVICES if world.faults.is_down(name)]
    changed = [name for name in SERVICES if (name in closed) != (name in was_closed)]
    switch = needed(power) if changed else None
    world.load(scenario)
    for name in changed:
        if switch is not None:
            await switch(name, name not in closed)


async def close_listeners(world: World, power: Power | None) -> None:
    """Close those that are down in a world that has just been made. Raises ControlError."""
    for name in SERVICES:
        if world.faults.is_down(name):
            await needed(power)(name, False)


def needed(power: Power | None) -> Power:
    """The runner's switch for listeners. Raises ControlError where it has set none."""
    if power is None:
        raise ControlError(
            "this simulator cannot close or open a listener: its runner has set no power switch"
        )
    return power
