"""A native 6.0 program at the same console, and the hand that changes cards: what they do, in one go."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from bridge.sim.errors import StatusError
from bridge.sim.world import World

Deed = tuple[str, str]  # what is done, with what


class Neighbour:
    """What it may do to a world. The console may refuse it; then it does what comes next."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._deeds: dict[str, Callable[[str], None]] = {
            "present": self._present,
            "log out": lambda _: self._tried(self._world.session.log_out_hc),
            "log out SAM": lambda _: self._tried(self._world.session.log_out_sam),
            "finalise": lambda _: self._tried(self._world.session.finalise),
            "take over": self._take_over,
            "insert": self._insert,
        }

    def do(self, deed: Deed) -> None:
        """Do it, whatever state the console is in."""
        self._deeds[deed[0]](deed[1])

    def _present(self, card: str) -> None:
        """Another patient's virtual card takes the place of what is present."""
        session = self._world.session
        if not session.initialised:
            session.initialise("")
        session.verify_sam()
        session.log_out_hc()
        session.start_virtual_hc(self._world.cards[card], f"of the neighbour, {card}")

    def _take_over(self, device: str) -> None:
        """Another device in a session of its own."""
        session = self._world.session
        if session.initialised:
            session.finalise()
        session.initialise(device)
        session.verify_sam()

    def _insert(self, slot_and_card: str) -> None:
        slot, _, card = slot_and_card.partition(" ")
        if card:
            self._world.insert(slot, card)
        else:
            self._world.remove(slot)

    @staticmethod
    def _tried(act: Callable[[], None]) -> None:
        with suppress(StatusError):
            act()
