"""What is done with PINs: verify, change, disable, unlock. The person is asked, the console does it.

Three rules. A PIN is sent once: cards lock themselves after a few wrong ones, so nothing here repeats. A
person is asked only where it is needed: not for a card without a PIN or one that the console counts as
verified already. While the person types, the reader is held: no other call comes between, and where the
health card was exchanged meanwhile, its PIN is not tried on the other card.

What changes a card asks twice whether it is still ``wanted``: when the reader is its own, and again when the
person has typed, right before the card is changed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bridge.errors import StatusError, UpstreamError
from bridge.reader.console_client import SOURCE
from bridge.reader.pin.policy import PinPolicy, Questions
from bridge.reader.pin.questions import (
    HC_PIN,
    HPC_PIN,
    HPC_PUK,
    NEW_HC_PIN,
    NEW_HC_PIN_AGAIN,
    NEW_HPC_PIN,
    NEW_HPC_PIN_AGAIN,
)
from bridge.reader.turn import ReaderTurn, TakeTurn
from bridge.reader.use import Use
from bridge.upstream.client import Json

log = logging.getLogger(__name__)

Wanted = Callable[[], None]  # raises a CallError where nobody wants the change any more


def always_wanted() -> None:
    """Of a change whose caller waits for it whatever happens."""


class PinOperations:
    """The PIN operations of one reader.

    Each raises StatusError with the console's verdict; PinCancelled, PinTimedOut, PinUnavailable or
    PinMismatch when no PIN came (nothing was sent then); CardChanged when the health card was exchanged; what
    ``wanted`` raises.
    """

    def __init__(self, take_turn: TakeTurn, policy: PinPolicy) -> None:
        self._take_turn = take_turn
        self._policy = policy

    async def verify_hc(self, use: Use) -> Json:
        """Verify the health card's PIN. A card without one is refused unasked."""
        async with self._take_turn(use, ("console", "sam", "hc")) as turn:
            if not await turn.console.has_pin():
                raise StatusError(SOURCE, turn.console.protocol.statuses.no_pin.number)
            await self._verify_hc_where_needed(turn, self._policy.questions())
        return {}

    async def change_hc(self, use: Use, wanted: Wanted = always_wanted) -> Json:
        """Give the health card a new PIN; where it has one, that is verified first."""
        async with self._take_turn(use, ("console", "sam", "hc")) as turn:
            wanted()
            questions = self._policy.questions()
            if await turn.console.has_pin():
                await self._verify_hc_where_needed(turn, questions)
            await turn.check_card()
            new_pin = await questions.ask_twice(NEW_HC_PIN, NEW_HC_PIN_AGAIN)
            await turn.check_card()
            with _changing_a_card(wanted):
                await turn.console.change_pin(new_pin, questions.patience)
            turn.session.pin_was_typed(use)
        return {}

    async def disable_hc(self, use: Use, wanted: Wanted = always_wanted) -> Json:
        """Remove the health card's PIN, which is verified first; the console refuses where it has none."""
        async with self._take_turn(use, ("console", "sam", "hc")) as turn:
            wanted()
            if await turn.console.has_pin():
                await self._verify_hc_where_needed(turn, self._policy.questions())
            if turn.use.changes:
                await turn.check_card()
            with _changing_a_card(wanted):
                await turn.console.disable_pin()
        return {}

    async def verify_hpc(self, use: Use) -> Json:
        """Verify the practitioner card's PIN; one that the console counts as verified is success."""
        async with self._take_turn(use, ("console", "sam", "hpc")) as turn:
            await self._verify_hpc_where_needed(turn, self._policy.questions())
        return {}

    async def change_hpc(self, use: Use, wanted: Wanted = always_wanted) -> Json:
        """Give the practitioner card a new PIN; the old one is verified first where it is not yet."""
        async with self._take_turn(use, ("console", "sam", "hpc")) as turn:
            wanted()
            questions = self._policy.questions()
            await self._verify_hpc_where_needed(turn, questions)
            new_pin = await questions.ask_twice(NEW_HPC_PIN, NEW_HPC_PIN_AGAIN)
            with _changing_a_card(wanted):
                await turn.console.change_practitioner_pin(new_pin, questions.patience)
        return {}

    async def unlock_hpc(self, use: Use, wanted: Wanted = always_wanted) -> Json:
        """Unlock the practitioner card by its PUK and give it a new PIN."""
        async with self._take_turn(use, ("console", "sam", "hpc")) as turn:
            wanted()
            questions = self._policy.questions()
            puk = await questions.ask(HPC_PUK)
            new_pin = await questions.ask_twice(NEW_HPC_PIN, NEW_HPC_PIN_AGAIN)
            with _changing_a_card(wanted):
                await turn.console.unlock_practitioner(puk, new_pin, questions.patience)
        return {}

    async def _verify_hc_where_needed(self, turn: ReaderTurn, questions: Questions) -> None:
        if (await turn.console.status()).pin_verified is True:
            return
        await turn.check_card()
        pin = await questions.ask(HC_PIN)
        await turn.session.look_anew_where_due()
        await turn.check_card()
        await turn.console.verify_pin(pin, questions.patience)
        turn.session.pin_was_typed(turn.use)

    async def _verify_hpc_where_needed(self, turn: ReaderTurn, questions: Questions) -> None:
        states = turn.console.protocol.states
        if (await turn.console.status()).practitioner_state != states.practitioner_pin_verified:
            pin = await questions.ask(HPC_PIN)
            await turn.console.verify_practitioner(pin, questions.patience)
        turn.session.practitioner_pin_is_verified(turn.use)


@contextmanager
def _changing_a_card(wanted: Wanted) -> Iterator[None]:
    """What runs inside changes a card: an UpstreamError that it raises says so. Raises as ``wanted``."""
    wanted()
    try:
        yield
    except UpstreamError as error:
        error.changing = True
        raise
