"""The PINs and accounts of a simulator's invented people, for a bridge whose settings name none."""

from __future__ import annotations

from bridge.config import BhytSettings, FixedPinSettings, PinSettings
from bridge.sim.scenario.file import ready_scenario
from bridge.sim.scenario.model import DEFAULT
from bridge.sim.world import World


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
