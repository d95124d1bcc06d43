"""The simulators behind ``cshis-bridge serve --simulate``: all of them on loopback, and settings for them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

from bridge.config import Settings
from bridge.errors import ConfigError
from bridge.lab.known_people import bhyt_settings_for, pin_settings_for
from bridge.lab.scenarios import scenario_named
from bridge.private_files import write_private
from bridge.serving.certificate_making import fresh_certificate
from bridge.serving.listener import Listener
from bridge.sim.scenario.model import Scenario
from bridge.sim.scenario.start_state import begin
from bridge.sim.simulator import Simulator
from bridge.words import said

LOOPBACK = "127.0.0.1"


async def start_simulators(
    stack: AsyncExitStack,
    settings: Settings,
    data_dir: Path,
    ports: Mapping[str, int],
    scenario: str | Scenario | None = None,
) -> Settings:
    """Console, cloud, upload centre, portal and control, until the stack is unwound.

    In: ``ports`` of "console", "cloud", "centre" and "portal" (0: any free one); the directory that gets
    certificates and the control address; the ``scenario`` to begin with, or its name or file. Out: settings
    that point to them. Raises ConfigError for a port that cannot be listened on, for a directory that cannot
    be written, and for a scenario with faults.
    """
    start = scenario_named(scenario) if isinstance(scenario, str) else scenario
    simulator = Simulator()
    with _written_to(data_dir):
        certificate, key, ca_file = fresh_certificate(data_dir / "sim")
    apps = {
        "console": simulator.console_app,
        "cloud": simulator.cloud_app,
        "centre": simulator.centre_app,
        "portal": simulator.portal_app,
    }
    running = {
        name: Listener(app, LOOPBACK, ports[name], certificate, key, dates=False)
        for name, app in apps.items()
    }
    control = Listener(simulator.control_app, LOOPBACK, 0)
    stack.push_async_callback(_stop_all, (*running.values(), control))
    for listener in (*running.values(), control):
        await listener.start()

    async def power(name: str, on: bool) -> None:
        await (running[name].start() if on else running[name].stop())

    simulator.power = power
    if start is not None:
        simulator.world.home = start
        await begin(simulator.world, power, start)
    address = data_dir / "sim.json"
    with _written_to(data_dir):
        write_private(address, json.dumps({"control": control.url}))
    stack.callback(address.unlink, missing_ok=True)
    return _pointing_to(settings, {name: each.url for name, each in running.items()}, simulator, ca_file)


@contextmanager
def _written_to(directory: Path) -> Iterator[None]:
    """Raises ConfigError where it cannot be done: simulators that nobody can reach are of no use."""
    try:
        yield
    except OSError as error:
        raise ConfigError(
            said(
                "the simulators' files cannot be written to {directory}: {why}",
                directory=directory,
                why=error.strerror,
            )
        ) from error


async def _stop_all(listeners: Iterable[Listener]) -> None:
    await asyncio.gather(*(listener.stop() for listener in listeners))


def _pointing_to(
    settings: Settings, urls: Mapping[str, str], simulator: Simulator, ca_file: Path
) -> Settings:
    trusted = {"ca_file": ca_file}
    centre = settings.upload.centre.model_copy(update={"url": f"{urls['centre']}/V2000/", **trusted})
    medicloud = settings.medicloud.model_copy(update={"url": f"{urls['centre']}/api/imie5000/", **trusted})
    bhyt = bhyt_settings_for(settings.bhyt, simulator.world)
    return settings.model_copy(
        update={
            "console": settings.console.model_copy(update={"url": urls["console"], **trusted}),
            "cloud": settings.cloud.model_copy(update={"url": urls["cloud"], **trusted}),
            "medicloud": medicloud,
            "upload": settings.upload.model_copy(update={"centre": centre}),
            "pin": pin_settings_for(settings.pin, simulator.world),
            "bhyt": bhyt.model_copy(update={"url": urls["portal"], **trusted}),
        }
    )
