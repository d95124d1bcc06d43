"""The simulators behind ``cshis-bridge serve --simulate``: all of them on loopback, and settings for them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

from bridge.config import BhytSettings, FixedPinSettings, PinSettings, Settings
from bridge.errors import ConfigError
from bridge.private_files import write_private
from bridge.serving.certificate_making import fresh_certificate
from bridge.serving.listener import Listener
from bridge.sim.errors import ScenarioError
from bridge.sim.scenario.file import document_of, ready_scenario, scenario_of
from bridge.sim.scenario.model import DEFAULT, Scenario
from bridge.sim.scenario.start_state import begin
from bridge.sim.simulator import Simulator
from bridge.sim.world import World
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


def scenario_named(name_or_file: str) -> Scenario:
    """A scenario by its name or file. Raises ConfigError for one with faults."""
    try:
        return scenario_of(document_of(name_or_file))
    except ScenarioError as error:
        raise ConfigError(
            said("--scenario {scenario}: {error}", scenario=name_or_file, error=error)
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


def bhyt_settings_for(given: BhytSettings, world: World) -> BhytSettings:
    """The settings' own where they name officers; else the first account of the simulated portal, and for
    each account its first officer.
    """
    if given.enabled:
        return given
    first = world.portal.accounts[0]
    officers = {}
    for account in world.portal.accounts:
        number, name = next(iter(account.officers.items()))
        officers[account.username] = {"hoTenCb": name, "cccdCb": number}
    return BhytSettings.model_validate(
        {"username": first.username, "password": first.password, "officers": officers}
    )


def pin_settings_for(given: PinSettings, world: World) -> PinSettings:
    """The settings' own where they name a provider; else nobody has to type the PINs of invented people."""
    if "provider" in given.model_fields_set:
        return given
    return given.model_copy(update={"provider": "fixed", "fixed": _known_pins(world)})


def _known_pins(world: World) -> FixedPinSettings:
    """The PINs of the simulated cards: of the one in its slot, else of the last with one (a scenario's own
    people stand behind those it extends), else those of the usual people. A new PIN is the old one again:
    calls work in any order.
    """
    usual = ready_scenario(DEFAULT)
    cards = {card.number: card.pin for card in usual.cards}
    cards |= {number: card.pin for number, card in world.cards.items()}
    hc = cards.get(world.slots["hc"].card_number or "") or [pin for pin in cards.values() if pin][-1]
    owners = {card.number: (card.pin, card.puk) for card in usual.practitioners}
    owners |= {number: (card.pin, card.puk) for number, card in world.practitioners.items()}
    hpc, puk = owners.get(world.slots["hpc"].card_number or "") or list(owners.values())[-1]
    return FixedPinSettings.model_validate({"hc": hc, "hpc": hpc, "puk": puk, "new_hc": hc, "new_hpc": hpc})
