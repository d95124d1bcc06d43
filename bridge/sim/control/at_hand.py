"""Steers a simulator of this process, as :class:`bridge.sim.control.remote.Remote` does one elsewhere."""

from __future__ import annotations

from typing import Any

from bridge.sim.world import World


class WorldAtHand:
    """Steers a world. Every method raises ControlError where the world refuses."""

    def __init__(self, world: World) -> None:
        self._world = world

    def state(self) -> dict[str, Any]:
        """The cards in the ``slots``."""
        return {"slots": {name: slot.card_number for name, slot in self._world.slots.items()}}

    def insert(self, slot: str, card_number: str) -> None:
        """Put a card into a slot."""
        self._world.insert(slot, card_number)

    def remove(self, slot: str) -> None:
        """Take the card out of a slot."""
        self._world.remove(slot)

    def qr(self, card_number: str) -> str:
        """A fresh QR string of a health card."""
        return self._world.qr(card_number)

    def shift_clock(self, seconds: float) -> str:
        """Move the simulated clock; returns the new time, ISO 8601."""
        self._world.shift_clock(seconds)
        return self._world.clock.now().isoformat()
