"""The console session: initialise, SAM, which health card is present, identity, signatures.

What real programs rely on: they open and close the port around every call, and PIN and SAM verification
survive it. So csCloseCom only starts a linger time; the console is finalised when that ends, when another
device is opened, or when the bridge stops. A status "not initialised" or "SAM not verified" means that
nothing was done: the session mends itself and asks once more, never twice.

No card data is kept: every call asks the console anew, and a signature names the card it belongs to. Only
what stays the same for a console session is, such as its version.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Literal, TypeVar

from bridge.config import ReaderSettings
from bridge.errors import CallError, StatusError
from bridge.reader import signing
from bridge.reader import state as events
from bridge.reader.pin.policy import NOBODY, PinPolicy
from bridge.reader.pin_operations import PinOperations
from bridge.reader.session import Session
from bridge.reader.signing import Person
from bridge.reader.turn import ReaderTurn
from bridge.table.model.console import CardKind, ConsoleProtocol, Need, SignatureKind
from bridge.upstream.client import Json, Upstream

__all__ = ["Person", "Reader"]

log = logging.getLogger(__name__)

Found = TypeVar("Found")
STOP_SECONDS = 0.4  # once it is sent, the console ends the session by itself


class Reader:
    """One console session. All methods may be called from any task; they take turns.

    ``protocol`` says how the console is asked. ``pins`` are the operations with PINs; ``policy`` says who is
    asked for them (by default nobody can be).
    """

    def __init__(
        self,
        console: Upstream,
        protocol: ConsoleProtocol,
        settings: ReaderSettings,
        policy: PinPolicy = NOBODY,
    ) -> None:
        self.protocol = protocol
        self.pins = PinOperations(self.turn, policy)
        self._settings = settings
        self._session = Session(console, protocol, settings)
        self._lock = asyncio.Lock()
        self._linger: asyncio.Task[None] | None = None

    @property
    def session_open(self) -> bool:
        """Whether the console session was begun and has not ended, as far as this side knows."""
        return self._session.state.initialised

    def leave_open(self) -> None:
        """The console session is not ended when this side stops: others go on with it."""
        self._session.state = events.given_away(self._session.state)

    # --- operations a row may name --------------------------------------------------------------------------

    async def open(self, port: int) -> Json:
        """Open the port: 0 is COM1, 1 COM2, -1 the default device. An initialised console of the same device
        is success; where the default is the console's own choice, one of any device: it is not taken away.

        Raises what the console answers (1002 for an unknown device) or what reaching it raises.
        """
        session = self._session
        async with self._lock:
            self._stop_linger()
            device = self._device_of(port)
            if session.state.initialised and not device:
                device = session.state.device or ""
            if session.state.initialised and device != session.state.device:
                await session.finalise()
            await session.initialise(device)
            session.state = events.port_opened(session.state)
        return {}

    async def close(self) -> Json:
        """Close the port. The console session lingers. Closing what is not open is success."""
        async with self._lock:
            self._session.state = events.port_closed(self._session.state)
            self._stop_linger()
            if self._session.state.initialised:
                self._linger = asyncio.create_task(self._finalise_later())
        return {}

    async def verify_sam(self) -> Json:
        """Verify the SAM with the data centre; one that the console already counts as verified is success."""
        async with self._lock:
            await self._mending(self._session.verify_sam)
        return {}

    async def present_virtual_card(self, token: str) -> Json:
        """Make the virtual health card of a QR code the present card, in place of any other."""
        return await self._present(lambda: self._session.console.present_virtual_card(token))

    async def import_virtual_card(self, transfer_code: str) -> Json:
        """Make the virtual card of a transfer code (轉移碼) the present card, in place of any other."""
        return await self._present(lambda: self._session.console.import_virtual_card(transfer_code))

    async def _present(self, ask: Callable[[], Awaitable[None]]) -> Json:
        async with self._lock:
            await self._mending(lambda: self._session.present(ask))
        return {}

    async def export_virtual_card(self) -> Json:
        """Give out a transfer code for the virtual health card, which the console then logs out at once.

        Out: the code under the console's name for it. Raises NoVirtualCard, VirtualCardMoved where there is
        no card to export.
        """
        async with self._lock:
            return await self._mending(self._session.export)

    async def log_out_virtual_card(self) -> Json:
        """Forget the virtual health card. A physical card is left as it is; that there is none is success."""
        session = self._session
        async with self._lock:
            if session.state.initialised:
                await self._mending(session.forget_virtual_card)
            session.state = events.card_logged_out(session.state)
        return {}

    async def log_out_sam(self) -> Json:
        """End the SAM's verification; with it go those of both cards."""
        return await self._log_out(self._session.log_out_sam)

    async def log_out_practitioner(self) -> Json:
        """End the practitioner card's verification."""
        return await self._log_out(self._session.console.log_out_practitioner)

    async def log_out_health_card(self) -> Json:
        """End the health card's session: a physical card is read afresh, a virtual one is gone."""
        return await self._log_out(self._session.log_out_card)

    async def _log_out(self, log_out: Callable[[], Awaitable[None]]) -> Json:
        async with self._lock:
            if self._session.state.initialised:
                await log_out()
        return {}

    # --- what steps need ------------------------------------------------------------------------------------

    def kept_answer(self, needs: tuple[Need, ...], path: str) -> Json | None:
        """What the console answered to a GET whose answer stays the same, in this session and state. None: it
        must be asked.
        """
        state = self._session.state
        return state.kept.get(path) if "sam" not in needs or state.sam_verified else None

    async def request(
        self,
        needs: tuple[Need, ...],
        card: CardKind,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        keep_card: bool = False,
        kept: bool = False,
    ) -> Json:
        """A console request, after the state it needs (console, sam, hc, hpc) has been brought about.

        ``keep_card``: the card's PIN was just verified for this, so it is not logged out before. ``kept``: a
        GET whose answer stays the same until the console session ends; nothing about a card or a person.
        """
        session = self._session
        if kept and (answer := self.kept_answer(needs, path)) is not None:
            return answer

        async def ask() -> Json:
            await session.ensure(needs, card)
            if method == "GET" and not keep_card:
                await session.before_read(needs, card)
            return await session.console.send(method, path, body)

        async with self._lock:
            reply = await self._mending(ask)
            if session.state.initialised and session.console.says_not_initialised(reply):
                log.info("the console was restarted; starting its session again")
                session.state = events.ended(session.state)
                reply = await self._mending(ask)
            if kept:
                session.state = events.keeping(session.state, path, reply)
            return reply

    async def sign(
        self,
        kind: SignatureKind,
        service_type: str,
        card: CardKind,
        person: Person | None = None,
        keep_card: bool = False,
    ) -> dict[str, str]:
        """A fresh signature for one request: its fields by their JSON names (console.yaml), all text.

        With ``person``, the card in the reader is compared first. Raises WrongPerson (nothing was signed or
        sent) when it is another one's, CardChanged when the card was exchanged between the two. ``keep_card``
        as for ``request``.
        """
        needs = self.protocol.signatures.of(kind).needs

        async def ask() -> dict[str, str]:
            await self._session.ensure(needs, card)
            if not keep_card:
                await self._session.before_read(needs, card)
            return await signing.sign_for(self._session.console, kind, service_type, person)

        async with self._lock:
            return await self._mending(ask)

    async def present_id(self, signer: Literal["sam", "hc", "hpc"]) -> str:
        """The number of the SAM, health card or practitioner's card that is there now; "" where the console
        names none.
        """
        request, field = self._session.console.identity(signer)
        reply = await self.request(request.needs, "physical", request.method, request.path, None)
        return str(reply.get(field.json_name, "")).strip()

    async def check_person(self, person: Person, card: CardKind) -> None:
        """Compare the card in the reader with the person a write is meant for. Raises WrongPerson."""

        async def ask() -> None:
            await self._session.ensure(("console", "sam", "hc"), card)
            await signing.check_person(self._session.console, person)

        async with self._lock:
            await self._mending(ask)

    @asynccontextmanager
    async def turn(self, needs: tuple[Need, ...]) -> AsyncIterator[ReaderTurn]:
        """Several requests of one operation on physical cards, between which no other call comes.

        The state they need is brought about first, and the console asked whether it is really so: inside,
        nothing is mended and nothing repeated.
        """

        async def prepare() -> None:
            await self._session.ensure(("console",), "physical")
            await self._session.look_at_sam()
            await self._session.ensure(needs, "physical")

        async with self._lock:
            await self._mending(prepare)
            yield ReaderTurn(self._session)

    async def stop(self) -> None:
        """End the session at the console when the bridge stops.

        A console that does not answer is left alone.
        """
        self._stop_linger()
        with suppress(CallError, TimeoutError):
            async with asyncio.timeout(STOP_SECONDS), self._lock:
                if self._session.state.owned:
                    await self._session.finalise()

    # --- inside, with the lock held -------------------------------------------------------------------------

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

    def _device_of(self, port: int) -> str:
        if port < 0:
            return self._settings.default_device
        return self._settings.devices.get(str(port), f"COM{port + 1}")

    def _stop_linger(self) -> None:
        if self._linger is not None:
            self._linger.cancel()
            self._linger = None

    async def _finalise_later(self) -> None:
        await asyncio.sleep(self._settings.linger)
        async with self._lock:
            self._linger = None
            if self._session.state.port_open or not self._session.state.owned:
                return
            try:
                await self._session.finalise()
            except CallError as error:
                log.warning("could not end the idle console session: %s", error)
