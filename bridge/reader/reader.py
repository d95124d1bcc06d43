"""The reader for all doors: ports, sessions, virtual cards, identity, signatures.

What real programs rely on: they open and close the port around every call, and PIN and SAM verification
survive it. So csCloseCom only starts a linger time; the console is finalised when that ends, when it is the
turn of another device, or when the bridge stops. A status "not initialised" or "SAM not verified" means that
nothing was done: the session mends itself and asks once more, never twice.

No card data is kept: every call asks the console anew, and a signature names the card it belongs to. Only
what stays the same for a console session is, such as its version.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, Literal, TypeVar

from bridge.config import ReaderSettings
from bridge.errors import CallError, PortBusy, StatusError
from bridge.reader import signing
from bridge.reader import state as events
from bridge.reader.console_client import ConsoleStatus
from bridge.reader.insertion import Insertions
from bridge.reader.linger import Linger
from bridge.reader.other_programs import OtherPrograms
from bridge.reader.pin.policy import NOBODY, PinPolicy
from bridge.reader.pin_operations import PinOperations
from bridge.reader.ports import MOST_PROGRAMS, Memory, Ports
from bridge.reader.presented import PresentedCards
from bridge.reader.proof import Proof, Signature, StrangersCard
from bridge.reader.session import Session
from bridge.reader.signing import Person
from bridge.reader.stand_ins import StandIns
from bridge.reader.state import Why
from bridge.reader.taking_out import TakingOut
from bridge.reader.turn import ReaderTurn
from bridge.reader.turns import Turn, Turns
from bridge.reader.use import Use
from bridge.reader.view import ReaderView
from bridge.reader.virtual_cards import VirtualCards
from bridge.table.model.console import CardKind, ConsoleProtocol, Need, SignatureKind
from bridge.upstream.client import Json, Upstream

__all__ = ["Person", "Reader", "Signature", "StrangersCard", "Use"]

log = logging.getLogger(__name__)

Found = TypeVar("Found")
STOP_SECONDS = 0.4  # once it is sent, the console ends the session by itself


class Reader:
    """The readers behind one console. All methods may be called from any task; they take turns.

    ``use`` says whose call it is; it works with the port that its program has named. ``protocol`` says how
    the console is asked. ``pins`` are the operations with PINs (``policy``: who is asked for them, by default
    nobody), ``virtual`` those with virtual cards. ``clock``: monotonic seconds. ``memory`` keeps the
    programs' ports for later; ``view`` looks at the reader for people. ``beside``: whether the card's kind is
    asked for while the request that was signed is under way; False for a console that answers at once.
    All methods raise PortBusy where another program keeps the console for another port.
    """

    def __init__(
        self,
        console: Upstream,
        protocol: ConsoleProtocol,
        settings: ReaderSettings,
        policy: PinPolicy = NOBODY,
        clock: Callable[[], float] = time.monotonic,
        memory: Memory | None = None,
        *,
        beside: bool = True,
    ) -> None:
        self.protocol = protocol
        self._beside = beside
        self.pins = PinOperations(self.turn, policy)
        self._settings = settings
        self._session = Session(console, protocol, settings, clock)
        self._proof = Proof(self._session, settings.shared)
        self._ports = Ports(settings, memory)
        self._insertions = Insertions(
            self._session, self._proof, protocol, self._turn_of, self._ask_status, clock
        )
        self._turns = Turns(self._session, self._ports, settings, clock)
        self._presented: PresentedCards | None = None
        self._taking_out: TakingOut | None = None
        self._ensure = self._session.ensure
        if settings.cards == "either":
            self._presented = PresentedCards(self._session, settings, self._turns.is_here, clock)
            self._ensure = self._presented.ensure
            self._proof.require_read = self._presented.require_read
            self._taking_out = TakingOut(self._presented, self._turns)
            self._presented.when_presented = self._taking_out.watch
        self._stand_ins = StandIns(self._session.console, self._ports, self._turns.called_lately)
        self.virtual = VirtualCards(
            self._session,
            self._presented,
            self._ports,
            self._turns,
            self._stand_ins,
            self._turn_of,
            self._mending,
        )
        self._linger = Linger(
            self._session, self._turns, settings.linger, lambda: bool(self.virtual.presented())
        )
        self.view = ReaderView(self._session, self._turns, clock)
        self._late: dict[str, int] = {}  # ports to be opened, by program

    @property
    def session_open(self) -> bool:
        """Whether the console session was begun and has not ended, as far as this side knows."""
        return self._session.state.initialised

    @property
    def takes_either(self) -> bool:
        """Whether programs that know of no kinds work with virtual cards that are presented here."""
        return self._presented is not None

    @property
    def other_programs(self) -> OtherPrograms:
        """Signs of another program at the console."""
        return self._session.others

    def leave_open(self) -> None:
        """The console session is not ended when this side stops: others go on with it."""
        self._session.state = events.given_away(self._session.state)

    # --- operations a row may name --------------------------------------------------------------------------

    async def open(self, use: Use, port: int) -> Json:
        """Open the port: 0 is COM1, 1 COM2, -1 the one that the program has named before, else the default
        device. An initialised console of the same device is success; where the default is the console's own
        choice, one of any device: it is not taken away. For a port that the console does not know, its cloud
        SAM is opened (:mod:`bridge.reader.stand_ins`).

        Raises what the console answers (1002 for an unknown device) or what reaching it raises; the port that
        the program has worked with then stays its own.
        """
        self._late.pop(use.program, None)
        self._stand_ins.require_free(use.program, port)
        try:
            await self._open_or_stand_in(use, port)
        except StatusError:
            raise
        except CallError:
            self._open_later(use.program, port)
            raise
        finally:
            await self._ports.kept()
        return {}

    async def _open_or_stand_in(self, use: Use, port: int) -> None:
        try:
            await self._open(use, port, self._ports.device_of(port))
        except StatusError as error:
            async with self._turns.alone():
                device = await self._stand_ins.after(error, use.program, port)
            await self._open(use, port, device)

    def _open_later(self, program: str, port: int) -> None:
        """The console could not say what it has at the port: a program that goes on all the same has its port
        opened by its next call.
        """
        if program and port >= 0:
            self._late[program] = port
            if len(self._late) > MOST_PROGRAMS:
                del self._late[next(iter(self._late))]

    async def _open(self, use: Use, port: int, named: str) -> None:
        self._ports.opens(use.program)
        if named and use.program and not self._ports.has_named(use.program):
            self._name(use, port, named)  # of callers that nobody tells apart, it was one alone
        try:
            async with self._turns.held(use.program, named or self._ports.of(use.program)):
                self._linger.stop()
                await self._session.initialise()
                if self._presented is not None:
                    await self._presented.port_opened(use.program)
                self._session.state = events.port_opened(self._session.state, use.program)
        except PortBusy:
            self._name(use, port, named)  # for its next calls: they must not go to another port
            raise
        self._name(use, port, named)

    def _name(self, use: Use, port: int, device: str) -> None:
        if device:
            self._ports.name(use.program, device, self._ports.port_name(port))

    async def close(self, use: Use) -> Json:
        """Close the port. The console session lingers. Closing what is not open is success."""
        session = self._session
        async with self._turns.alone():
            self._turns.forget_open(use.program)
            self._late.pop(use.program, None)
            self._linger.stop()
            if session.state.initialised:
                self._linger.start()
        return {}

    async def verify_sam(self, use: Use) -> Json:
        """Verify the SAM with the data centre. Where that was done within ``sam_checked`` seconds and the
        console still counts it as verified, it is not asked again.
        """
        session = self._session
        async with self._turn_of(use):
            was_verified = session.state.sam_verified
            try:
                await self._mending(lambda: session.verify_sam(use))
            except StatusError:
                if was_verified:  # and may still be so: other calls need to know
                    with suppress(CallError):
                        await session.look_at_sam()
                raise
        return {}

    async def look_at_health_card(self, use: Use) -> Json:
        """The console's status. A health card that was put in has been verified first, once, where the
        settings do not leave it alone; nobody is asked for a PIN. See :mod:`bridge.reader.insertion`.
        """
        if self._presented is None or not use.follows:
            return await self._looked(use)
        async with self._turn_of(use):
            barred = await self._presented.is_barred(use)
        reply = await (self._ask_status(use) if barred else self._looked(use))
        state = ConsoleStatus.of(self.protocol, reply).health_card_state
        there = not barred and state != self.protocol.states.card_absent
        if self._presented.is_told(use, there):
            return reply
        return ConsoleStatus.without_health_card(self.protocol, reply)

    async def _looked(self, use: Use) -> Json:
        if not self._settings.verify_inserted:
            return await self._ask_status(use)
        return await self._insertions.look(use)

    async def _ask_status(self, use: Use) -> Json:
        request = self.protocol.requests.status
        return await self.request(use, ("console",), request.method, request.path, None)

    async def log_out_sam(self, use: Use) -> Json:
        """End the SAM's verification; with it go those of both cards."""
        return await self._log_out(use, self._session.log_out_sam)

    async def log_out_practitioner(self, use: Use) -> Json:
        """End the practitioner card's verification."""
        return await self._log_out(use, self._session.log_out_practitioner)

    async def log_out_health_card(self, use: Use) -> Json:
        """End the health card's session: a physical card is read afresh, a virtual one is gone."""
        return await self._log_out(use, self._session.end_visit)

    async def _log_out(self, use: Use, log_out: Callable[[], Awaitable[None]]) -> Json:
        async with self._turn_of(use):
            if self._session.state.initialised:
                await log_out()
            if self._presented is not None:
                await self._presented.settle()
        return {}

    # --- what steps need ------------------------------------------------------------------------------------

    def kept_answer(self, program: str, needs: tuple[Need, ...], path: str) -> Json | None:
        """What the console answered to a GET whose answer stays the same, in this session and state. None: it
        must be asked.
        """
        state, device = self._session.state, self._ports.of(program)
        if (device and device != state.device) or ("sam" in needs and not state.sam_verified):
            return None
        return state.kept.get(path)

    async def request(
        self,
        use: Use,
        needs: tuple[Need, ...],
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        kept: bool = False,
    ) -> Json:
        """A console request, after the state it needs (console, sam, hc, hpc) has been brought about.

        ``kept``: a GET whose answer stays the same until the console session ends; nothing about a card or a
        person. Raises NoVirtualCard, CardChanged where another card answers than the one that is meant.
        """
        if kept and (answer := self.kept_answer(use.program, needs, path)) is not None:
            return answer
        try:
            return await self._requested(use, needs, method, path, body, kept)
        except StrangersCard:
            if method != "GET":
                raise
            return await self._requested(use, needs, method, path, body, kept)

    async def _requested(
        self,
        use: Use,
        needs: tuple[Need, ...],
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        kept: bool,
    ) -> Json:
        session, updating = self._session, self.protocol.requests.update_health_card

        async def ask() -> Json:
            await self._ensure(needs, use)
            reply = await session.console.send(method, path, body)
            if "hc" in needs:
                await self._proof.of_reply(use, method, path, reply)
            if (method, path) == (updating.method, updating.path):
                session.state = events.card_logged_out(session.state)
            return reply

        async with self._turn_of(use):
            reply = await self._mending(ask)
            if session.state.initialised and session.console.says_not_initialised(reply):
                log.info("the console was restarted; starting its session again")
                session.state = events.ended(session.state)
                reply = await self._mending(ask)
            if kept:
                session.state = events.keeping(session.state, path, reply)
            return reply

    async def sign(
        self, use: Use, kind: SignatureKind, service_type: str, person: Person | None = None
    ) -> Signature:
        """A fresh signature for one request. Its ``proved`` must be awaited before a change is sent with it,
        and before what it brought is used; a read may be sent meanwhile.

        With ``person``, the card in the reader is compared first. Raises WrongPerson (nothing was signed or
        sent) when it is another one's, CardChanged when it is not the card that the call began with,
        NoVirtualCard when it is not the virtual card that was presented.
        """
        needs = self.protocol.signatures.of(kind).needs

        async def ask() -> dict[str, str]:
            await self._ensure(needs, use)
            return await signing.sign_for(self._session.console, self._proof, use, kind, service_type, person)

        await self._take_turn(use)
        try:
            fields = await self._mending(ask)
        except BaseException:
            self._turns.release()
            raise
        due = "hc" in needs and self._proof.is_due(use)
        if due and self._beside:
            return Signature(fields, self._proof.beside(use, self._turns.release))
        try:
            if due:
                await self._proof.ask(use)
        finally:
            self._turns.release()
        return Signature(fields)

    async def present_id(self, use: Use, signer: Literal["sam", "hc", "hpc"]) -> str:
        """The number of the SAM, health card or practitioner's card that is there now; "" where the console
        names none.
        """
        request, field = self._session.console.identity(signer)
        reply = await self.request(use, request.needs, request.method, request.path, None)
        return str(reply.get(field.json_name, "")).strip()

    async def check_person(self, use: Use, person: Person) -> None:
        """Compare the card in the reader with the person a write is meant for. Raises WrongPerson."""

        async def ask() -> None:
            await self._ensure(("console", "sam", "hc"), use)
            await signing.check_person(self._session.console, self._proof, use, person)

        async with self._turn_of(use):
            await self._mending(ask)

    def visit_opened(self, use: Use) -> None:
        """A visit number was taken with the health card: the program keeps the console for its visit."""
        if self._ports.of(use.program) in ("", self._session.state.device):
            self._session.hold(use.program, Why.VISIT, self._settings.visit_hold)
        if self._presented is not None:
            self._presented.visit_opened()

    def has_read(self, use: Use) -> None:
        """A call that gives data of the health card has succeeded: it is the card that its program knows."""
        if self._presented is not None:
            self._presented.has_read(use)

    def card_meant(self, program: str) -> CardKind:
        """Which kind of health card the next call of a program means that knows of no kinds."""
        return "virtual" if self._presented is not None and self._presented.is_for(program) else "physical"

    @asynccontextmanager
    async def turn(self, use: Use, needs: tuple[Need, ...]) -> AsyncIterator[ReaderTurn]:
        """Several requests of one operation on physical cards, between which no other call comes.

        The state they need is brought about first, and the console asked whether it is really so: inside,
        nothing is mended and nothing repeated.
        """

        async def prepare() -> None:
            await self._session.ensure(("console",), use)
            await self._session.look_at_sam()
            await self._ensure(needs, use)

        async with self._turn_of(use):
            await self._mending(prepare)
            yield ReaderTurn(self._session, self._proof, use)

    async def stop(self) -> None:
        """End the session at the console when the bridge stops.

        A console that does not answer is left alone.
        """
        if self._taking_out is not None:
            self._taking_out.stop()
        self._linger.stop()
        with suppress(CallError, TimeoutError):
            async with asyncio.timeout(STOP_SECONDS), self._turns.alone():
                if self._session.state.owned:
                    await self._session.finalise()

    # --- inside ---------------------------------------------------------------------------------------------

    def _turn_of(self, use: Use) -> Turn:
        return Turn(partial(self._take_turn, use), self._turns.release)

    async def _take_turn(self, use: Use) -> None:
        if use.program in self._late:
            await self.open(use, self._late[use.program])
        await self._turns.take(use.program, self._ports.of(use.program))

    async def _mending(self, action: Callable[[], Awaitable[Found]]) -> Found:
        """Run it. Where the console says that it was restarted or that the SAM's session has ended, run it
        once more in a session that is mended.
        """
        try:
            return await action()
        except StatusError as error:
            if not self._session.end_if_lost(error):
                raise
        log.info("the console session had ended; starting it again")
        return await action()
