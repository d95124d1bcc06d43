"""What is done with PINs: verify, change, disable, unlock. The person is asked, the console does it.

Three rules. A PIN is sent once: cards lock themselves after a few wrong ones, so nothing here repeats. A
person is asked only where it is needed: not for a card without a PIN or one that the console counts as
verified already. While the person types, the reader is held: no other call comes between, and where the
health card was exchanged meanwhile, its PIN is not tried on the other card.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from bridge.errors import CardChanged, StatusError
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
from bridge.upstream.client import Json

log = logging.getLogger(__name__)

HC_PIN_PATH, HPC_PIN_PATH = "/api/hc/v1/Pin", "/api/hpc/v1/Pin"
HPC_VERIFICATION_PATH = "/api/hpc/v1/Verification/Hpc"
HC_HAS_NO_PIN, HC_PIN_ALREADY_VERIFIED = 1510, 1513
HPC_PIN_VERIFIED = 3  # state of the practitioner card in the console's status


class Turn(Protocol):
    """The reader for as long as one operation lasts; what the operations need of it."""

    async def send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, patience: float | None = None
    ) -> Json:
        """Send one console request, exactly once."""
        ...

    async def change(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, patience: float | None = None
    ) -> Json:
        """Send one console request that changes a card, exactly once."""
        ...

    async def state_of(self, card: str) -> Json:
        """What the console's status says about a card ("sam", "hc", "hpc")."""
        ...

    async def card_id(self) -> str:
        """Number of the health card in the reader."""
        ...


TakeTurn = Callable[[tuple[str, ...]], AbstractAsyncContextManager[Turn]]


class PinOperations:
    """The PIN operations of one reader.

    Each raises StatusError with the console's verdict; PinCancelled, PinTimedOut, PinUnavailable or
    PinMismatch when no PIN came (nothing was sent then); CardChanged when the health card was exchanged.
    """

    def __init__(self, take_turn: TakeTurn, desk: PinPolicy) -> None:
        self._take_turn = take_turn
        self._desk = desk

    async def verify_hc(self) -> Json:
        """Verify the health card's PIN. StatusError 1510 without asking when the card has none."""
        async with self._take_turn(("console", "sam", "hc")) as turn:
            if not await _has_pin(turn):
                raise StatusError("console", HC_HAS_NO_PIN)
            await self._verify_hc_where_needed(turn, self._desk.questions())
        return {}

    async def change_hc(self) -> Json:
        """Give the health card a new PIN; where it has one, that is verified first."""
        async with self._take_turn(("console", "sam", "hc")) as turn:
            questions = self._desk.questions()
            if await _has_pin(turn):
                await self._verify_hc_where_needed(turn, questions)
            card = await turn.card_id()
            new_pin = await questions.ask_twice(NEW_HC_PIN, NEW_HC_PIN_AGAIN)
            await _check_card(turn, card)
            await turn.change("PUT", HC_PIN_PATH, {"newPin": new_pin}, questions.patience)
        return {}

    async def disable_hc(self) -> Json:
        """Remove the health card's PIN, which is verified first; 1510 from the console when it has none."""
        async with self._take_turn(("console", "sam", "hc")) as turn:
            if await _has_pin(turn):
                await self._verify_hc_where_needed(turn, self._desk.questions())
            await turn.change("DELETE", HC_PIN_PATH)
        return {}

    async def verify_hpc(self) -> Json:
        """Verify the practitioner card's PIN; one that the console counts as verified is success."""
        async with self._take_turn(("console", "sam", "hpc")) as turn:
            await self._verify_hpc_where_needed(turn, self._desk.questions())
        return {}

    async def change_hpc(self) -> Json:
        """Give the practitioner card a new PIN; the old one is verified first where it is not yet."""
        async with self._take_turn(("console", "sam", "hpc")) as turn:
            questions = self._desk.questions()
            await self._verify_hpc_where_needed(turn, questions)
            new_pin = await questions.ask_twice(NEW_HPC_PIN, NEW_HPC_PIN_AGAIN)
            await turn.change("POST", HPC_PIN_PATH, {"newPin": new_pin}, questions.patience)
        return {}

    async def unlock_hpc(self) -> Json:
        """Unlock the practitioner card by its PUK and give it a new PIN."""
        async with self._take_turn(("console", "sam", "hpc")) as turn:
            questions = self._desk.questions()
            puk = await questions.ask(HPC_PUK)
            new_pin = await questions.ask_twice(NEW_HPC_PIN, NEW_HPC_PIN_AGAIN)
            await turn.change("PUT", HPC_PIN_PATH, {"puk": puk, "newPin": new_pin}, questions.patience)
        return {}

    async def _verify_hc_where_needed(self, turn: Turn, questions: Questions) -> None:
        if (await turn.state_of("hc")).get("verifiedPin") is True:
            return
        card = await turn.card_id()
        pin = await questions.ask(HC_PIN)
        await _check_card(turn, card)
        try:
            await turn.send("POST", HC_PIN_PATH, {"pin": pin}, questions.patience)
        except StatusError as error:
            if error.number != HC_PIN_ALREADY_VERIFIED:
                raise

    async def _verify_hpc_where_needed(self, turn: Turn, questions: Questions) -> None:
        if (await turn.state_of("hpc")).get("status") == HPC_PIN_VERIFIED:
            return
        pin = await questions.ask(HPC_PIN)
        await turn.send("POST", HPC_VERIFICATION_PATH, {"pin": pin}, questions.patience)


async def _has_pin(turn: Turn) -> bool:
    return (await turn.send("GET", HC_PIN_PATH)).get("hasPin") is True


async def _check_card(turn: Turn, card: str) -> None:
    if await turn.card_id() != card:
        raise CardChanged("the health card was exchanged while its PIN was asked for")
