"""The state of the health card, for programs that ask for it before they read, some of them twice a second.

The old software had verified a card by the time anybody asked for its state; the console does so when it is
needed. So the first question after an insertion has it verified, by a signature that nobody gets. Each
request is a turn of its own: another call can come between any two. No person is asked for anything, no card
is logged out, and what could not be verified is not tried again at each question.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

from bridge.errors import CallError, StatusError
from bridge.reader import state as events
from bridge.reader.console_client import ConsoleStatus
from bridge.reader.proof import Proof
from bridge.reader.session import Session
from bridge.reader.state import PresentCard, SessionState
from bridge.reader.use import Use
from bridge.table.model.console import ConsoleProtocol, SignatureKind
from bridge.upstream.client import Json

log = logging.getLogger(__name__)

TRIES = 2  # where the console's session ends meanwhile
PAUSE = 60.0  # seconds until a card that could not be verified is tried once more, if it still lies there
SWAP = 2.0  # seconds in which nobody takes a card out and puts another one in

TurnOf = Callable[[Use], AbstractAsyncContextManager[None]]
AskStatus = Callable[[Use], Awaitable[Json]]


class _SessionMoved(Exception):
    """Another program's turn has ended the session that was looked at: nothing was tried in it."""


class Insertions:
    """Tells the state of health cards, and has those verified that were put in.

    ``turn_of`` gives the turn of a call, ``ask_status`` the console's status in a turn of its own. ``clock``:
    monotonic seconds.
    """

    def __init__(
        self,
        session: Session,
        proof: Proof,
        protocol: ConsoleProtocol,
        turn_of: TurnOf,
        ask_status: AskStatus,
        clock: Callable[[], float],
    ) -> None:
        self._session = session
        self._proof = proof
        self._protocol = protocol
        self._states = protocol.states
        self._turn_of = turn_of
        self._ask_status = ask_status
        self._clock = clock
        self._verifying = asyncio.Lock()

    async def look(self, use: Use) -> Json:
        """The console's status, after a card that was put in has been verified.

        Raises what asking for the status raises; a verification that fails leaves the state as it is.
        """
        reply = await self._ask_status(use)
        status = self._status(reply)
        self._note_empty_slot(status)
        if not self._is_due(use, status):
            self._note_still_there()
            return reply
        waits = self._verifying.locked()  # for what another program's question has begun
        async with self._verifying:
            if waits:
                reply = await self._ask_status(use)
                status = self._status(reply)
            for _ in range(TRIES):
                if not self._is_due(use, status):
                    break
                goes_on = await self._verify(use, status)
                reply = await self._ask_status(use)
                status = self._status(reply)
                if goes_on and self._session.state.sam_verified >= goes_on.sam_verified:
                    break
            self._note_what_stays(status)
        return reply

    def _status(self, reply: Json) -> ConsoleStatus:
        return ConsoleStatus.of(self._protocol, reply)

    # --- whether it is due ----------------------------------------------------------------------------------

    def _is_due(self, use: Use, status: ConsoleStatus) -> bool:
        """Whether there is a card of the kind that is meant, which the console has not verified as far as it
        can be, and whether the SAM may be verified for it.
        """
        at = status.health_card_state
        if not isinstance(at, int) or not self._may_be_there(use, status, at):
            return False
        if status.sam_state != self._states.sam_verified and not self._may_verify_sam(status):
            return False
        state, wanted = self._session.state, self._wanted(status)
        if at >= wanted:
            return False
        return state.in_vain != (at, wanted) or self._clock() >= state.again or self._may_be_another(at)

    def _may_be_another(self, at: int) -> bool:
        """Whether a card that itself failed may have been exchanged since it was seen last. The console tells
        the same of the next one, if nobody asks while the slot is empty.
        """
        seen = self._session.state.failed_card
        return seen is not None and at < self._states.card_verified and self._clock() - seen > SWAP

    def _may_verify_sam(self, status: ConsoleStatus) -> bool:
        """A physical SAM locks itself after too many failures: only a call that needs it has it verified."""
        return status.sam_kind == self._states.cloud_sam and self._session.may_verify_sam()

    def _may_be_there(self, use: Use, status: ConsoleStatus, at: int) -> bool:
        state, states = self._session.state, self._states
        if at == states.card_absent:
            return use.card == "physical" and state.logged_out
        if use.card == "physical":
            return status.health_card_kind == states.physical_card
        presented = state.card is PresentCard.VIRTUAL and state.virtual_id != ""
        return presented and status.health_card_kind == states.virtual_card

    def _wanted(self, status: ConsoleStatus) -> int:
        return self._states.card_joined if self._has_practitioner(status) else self._states.card_verified

    def _has_practitioner(self, status: ConsoleStatus) -> bool:
        return status.practitioner_state == self._states.practitioner_pin_verified

    def _note_what_stays(self, status: ConsoleStatus) -> None:
        """A card that may lie there, and was not brought to what is wanted: also one that was logged out, of
        which the console says that there is none.
        """
        session, at, wanted = self._session, status.health_card_state, self._wanted(status)
        known = session.state.logged_out or at != self._states.card_absent
        if isinstance(at, int) and known and at < wanted:
            session.state = events.not_moved_on(session.state, at, wanted, self._clock() + PAUSE)

    def _note_still_there(self) -> None:
        session = self._session
        if session.state.failed_card is not None:
            session.state = events.failed_card_seen(session.state, self._clock())

    def _note_empty_slot(self, status: ConsoleStatus) -> None:
        session = self._session
        if status.health_card_state == self._states.card_absent and not session.state.logged_out:
            session.state = events.slot_empty(session.state)

    # --- doing it -------------------------------------------------------------------------------------------

    async def _verify(self, use: Use, status: ConsoleStatus) -> SessionState | None:
        """Have SAM and card verified, as far as that goes; what fails is told to the log. Out: the session as
        it is then, None where it, or the SAM's, has ended meanwhile.
        """
        session = self._session
        session.state = events.card_tried(session.state)
        try:
            if status.sam_state == self._states.sam_verified:
                session.state = events.sam_reported(session.state, True)
            else:
                await self._in_session(use, session.verify_sam_on_demand)
            await self._verify_card(use, status)
            session.state = events.card_answered(session.state)
        except _SessionMoved:
            return None
        except CallError as error:
            if self._says_no_card(error):
                session.state = events.card_answered(session.state)
            log.log(
                self._level(error), "the health card could not be verified for a question about it: %s", error
            )
            if isinstance(error, StatusError) and session.end_if_lost(error):
                return None
            if isinstance(error, StatusError) and error.number in self._protocol.statuses.health_card_failed:
                session.state = events.failed_card_seen(session.state, self._clock())
        return session.state

    def _level(self, error: CallError) -> int:
        """The log has a card that fails again and again once."""
        if self._session.state.in_vain is not None:
            return logging.DEBUG
        return logging.INFO if self._says_no_card(error) else logging.WARNING

    def _is_final(self, error: StatusError) -> bool:
        """Whether a status says that no other signature would do better."""
        statuses = self._protocol.statuses
        ended = error.number in statuses.not_initialised or error.number in statuses.sam_not_verified
        return ended or self._says_no_card(error)

    def _says_no_card(self, error: CallError) -> bool:
        return isinstance(error, StatusError) and error.number in self._protocol.statuses.no_card

    async def _verify_card(self, use: Use, status: ConsoleStatus) -> None:
        """By the signature of all cards that are there; else by that of the health card alone."""
        kinds = self._protocol.insertion
        if self._has_practitioner(status):
            try:
                return await self._sign(use, kinds.with_practitioner)
            except StatusError as error:
                if status.health_card_state == self._states.card_verified or self._is_final(error):
                    raise
                log.info("the practitioner's card does not sign for a card that was put in: %s", error)
        await self._sign(use, kinds.alone)

    async def _sign(self, use: Use, kind: SignatureKind) -> None:
        console, service_type = self._session.console, self._protocol.insertion.service_type

        async def sign() -> None:
            signature = await console.sign(kind, service_type)
            meant = Use(use.program, use.card, use.client)
            self._proof.check_ids(meant, self._protocol.signatures.of(kind).ids(signature))

        await self._in_session(use, sign)

    async def _in_session(self, use: Use, ask: Callable[[], Awaitable[None]]) -> None:
        """In a turn of its own, if the session that was looked at still goes on."""
        async with self._turn_of(use):
            if not self._session.state.initialised:
                raise _SessionMoved
            await ask()
