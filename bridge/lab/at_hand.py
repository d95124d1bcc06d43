"""Simulators in this process, asked without a connection, and the ways of an engine to them."""

from __future__ import annotations

from bridge.config import Settings
from bridge.lab.known_people import bhyt_settings_for, pin_settings_for
from bridge.sim.scenario.model import Scenario
from bridge.sim.scenario.start_state import close_listeners
from bridge.sim.signatures import Keys
from bridge.sim.simulator import Simulator
from bridge.upstream.in_process import InProcess
from bridge.upstream.transport import Transport

ADDRESSES = {
    "console": ("console", "https://127.0.0.1"),
    "cloud": ("cloud", "https://127.0.0.1"),
    "centre": ("centre", "https://127.0.0.1/V2000/"),
    "medicloud": ("centre", "https://127.0.0.1/api/imie5000/"),
}


async def simulators_at_hand(
    settings: Settings, scenario: Scenario | None, keys: Keys
) -> tuple[Simulator, Settings, dict[str, Transport]]:
    """Simulators in the start state of a scenario (None: the usual one). Out: them, the settings of a bridge
    at them, and its ways there, for :func:`bridge.engine.compose.open_parts`.
    """
    simulator = Simulator(keys, home=scenario)
    services = simulator.at_hand(noted=False)  # nobody but the bridge can ask them
    await close_listeners(simulator.world, simulator.power)
    ways = {name: InProcess(name, url, services[service]) for name, (service, url) in ADDRESSES.items()}
    made = settings.model_copy(
        update={
            "pin": pin_settings_for(settings.pin, simulator.world),
            "bhyt": bhyt_settings_for(settings.bhyt, simulator.world),
        }
    )
    return simulator, made, dict(ways)
