"""The keys of a reader of the insurance (健保讀卡機), where people type PINs that no program gets to see."""

from __future__ import annotations

from bridge.sim.codes import Console
from bridge.sim.console.call import ConsoleCall
from bridge.sim.errors import StatusError

PLACEHOLDER = "000000"  # what a program sends in the place of a health card's PIN (seed 001)
WRONG = "999999"
NEW_PIN = "135790"  # what people type there as a new one


def typed(call: ConsoleCall, sent: str, right: str) -> str:
    """The digits that count: those that were sent or, on a reader with keys, those that a person types there,
    as the switch ``keypad`` says. ``right``: the right ones. 1203 where cancel is pressed.
    """
    if not _has_keys(call):
        return sent
    if call.world.switches.keypad == "cancel":
        raise StatusError(Console.CANCELLED_ON_READER)
    return right if call.world.switches.keypad == "right" else WRONG


def require_placeholder(call: ConsoleCall, sent: str) -> None:
    """Refuse with 1704 where a program sends a health card's digits to a reader with keys."""
    if _has_keys(call) and sent != PLACEHOLDER:
        raise StatusError(Console.BAD_REQUEST)


def _has_keys(call: ConsoleCall) -> bool:
    device = call.world.session.device
    return device is not None and device.physical
