"""The console session: initialise, SAM, which health card is meant, identity, signatures.

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
from dataclasses import dataclass
from typing import Any, Literal

from bridge.config import ReaderSettings
from bridge.errors import (
    BadReply,
    CallError,
    CardChanged,
    NoVirtualCard,
    PortNotOpen,
    StatusError,
    UpstreamError,
    VirtualCardMoved,
    WrongPerson,
)
from bridge.reader.pin.operations import PinOperations
from bridge.reader.pin.policy import NOBODY, PinPolicy
from bridge.upstream.client import Json, Upstream

log = logging.getLogger(__name__)

CardKind = Literal["physical", "virtual"]
SignatureKind = Literal["sam", "hc", "hpc", "hpchc"]

NOT_INITIALISED = 1000
ALREADY_INITIALISED = 1001
NO_CARD = 1102
NOTHING_TO_LOG_OUT = frozenset({NOT_INITIALISED, NO_CARD, 1301, 1402, 1703})
SAM_MODE_TWO_FAILED = 1301
SAM_NOT_VERIFIED = frozenset({1300, SAM_MODE_TWO_FAILED, 1703})
VIRTUAL_CARD_GONE = frozenset({1102, 1520, 1521, 1522, 1523, 1524, 1525, 1528, 1531})
SAM_VERIFIED = 2
VIRTUAL_TYPE = 2
MOST_FAILED_VERIFICATIONS = 3  # a physical SAM locks itself after too many; csVerifySAMDC still tries
STOP_SECONDS = 0.4  # once it is sent, the console ends the session by itself

SIGNATURE_PATHS: Mapping[SignatureKind, str] = {
    "sam": "/api/sam/v1/Signature",
    "hc": "/api/hc/v1/Signature/Hc",
    "hpc": "/api/hpc/v1/Signature",
    "hpchc": "/api/hc/v1/Signature/HpcHc",
}
SIGNATURE_FIELDS: Mapping[SignatureKind, tuple[str, ...]] = {
    "sam": ("signature", "clientRandom", "samId", "hospitalId"),
    "hc": ("signature", "clientRandom", "samId", "hospitalId", "hcId", "hcIdNo"),
    "hpc": ("signature", "clientRandom", "samId", "hospitalId", "hpcId", "hpcIdNo"),
    "hpchc": ("signature", "clientRandom", "samId", "hospitalId", "hcId", "hcIdNo", "hpcId", "hpcIdNo"),
}
NEEDS_OF_SIGNATURE: Mapping[SignatureKind, tuple[str, ...]] = {
    "sam": ("console", "sam"),
    "hc": ("console", "sam", "hc"),
    "hpc": ("console", "sam", "hpc"),
    "hpchc": ("console", "sam", "hpc", "hc"),
}


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a write is meant for.

    Id number (10 characters) and birthday (7 ROC digits), as the caller gave them, trimmed.
    """

    id_no: str
    birthday: str


class Reader:
    """One console session. All methods may be called from any task; they take turns.

    ``pins`` are the operations with PINs; ``desk`` is who is asked for them (by default nobody can be).
    """

    def __init__(self, console: Upstream, settings: ReaderSettings, desk: PinPolicy = NOBODY) -> None:
        self._console = console
        self._settings = settings
        self.pins = PinOperations(self.turn, desk)
        self._lock = asyncio.Lock()
        self._device: str | None = None
        self._owned = False  # whether this session began it, or found it begun by another program
        self._initialised = False
        self._sam_verified = False
        # Which card the console takes as present; "moved": a virtual one was, and has been exported.
        self._card: CardKind | Literal["unknown", "moved"] = "physical"
        self._port_open = False
        self._failed_verifications = 0
        self._kept: dict[str, Json] = {}  # by path: what stays the same for this console session
        self._linger: asyncio.Task[None] | None = None

    @property
    def session_open(self) -> bool:
        """Whether the console session was begun and has not ended, as far as this side knows."""
        return self._initialised

    # --- operations a row may name --------------------------------------------------------------------------

    async def open(self, port: int) -> Json:
        """Open the port: 0 is COM1, 1 COM2, -1 the default device. An initialised console of the same device
        is success; where the default is the console's own choice, one of any device: it is not taken away.

        Raises what the console answers (1002 for an unknown device) or what reaching it raises.
        """
        async with self._lock:
            self._stop_linger()
            device = self._device_of(port)
            if self._initialised and not device:
                device = self._device or ""
            if self._initialised and device != self._device:
                await self._finalize()
            await self._initialise(device)
            self._port_open = True
        return {}

    async def close(self) -> Json:
        """Close the port. The console session lingers. Closing what is not open is success."""
        async with self._lock:
            self._port_open = False
            self._stop_linger()
            if self._initialised:
                self._linger = asyncio.create_task(self._finalize_later())
        return {}

    async def verify_sam(self) -> Json:
        """Verify the SAM with the data centre; one that the console already counts as verified is success."""
        async with self._lock:
            await self._mending(self._verify_sam_now)
        return {}

    async def present_virtual_card(self, token: str) -> Json:
        """Make the virtual health card of a QR code the present card, in place of any other."""
        async with self._lock:
            await self._mending(lambda: self._present("/api/hc/v1/Verification/VirtualHc", {"token": token}))
        return {}

    async def import_virtual_card(self, transfer_token: str) -> Json:
        """Make the virtual card of a transfer code (轉移碼) the present card, in place of any other."""
        body = {"transferToken": transfer_token}
        async with self._lock:
            await self._mending(lambda: self._present("/api/hc/v1/VirtualHc/Import", body))
        return {}

    async def export_virtual_card(self) -> Json:
        """Give out a transfer code for the virtual health card, which the console then logs out at once.

        Out: ``transferToken``. Raises NoVirtualCard, VirtualCardMoved where there is no card to export.
        """
        async with self._lock:
            return await self._mending(self._export)

    async def log_out_virtual_card(self) -> Json:
        """Forget the virtual health card. A physical card is left as it is; that there is none is success."""
        async with self._lock:
            if self._initialised:
                await self._mending(self._forget_virtual_card)
            self._card = "physical"
        return {}

    async def log_out_sam(self) -> Json:
        """End the SAM's verification; with it go those of both cards."""
        async with self._lock:
            if self._initialised:
                await self._log_out("/api/sam/v1/Logout")
                self._sam_verified = False
                self._card = "physical"
        return {}

    async def log_out_practitioner(self) -> Json:
        """End the practitioner card's verification."""
        async with self._lock:
            if self._initialised:
                await self._log_out("/api/hpc/v1/Logout")
        return {}

    async def log_out_health_card(self) -> Json:
        """End the health card's session: a physical card is read afresh, a virtual one is gone."""
        async with self._lock:
            if self._initialised:
                await self._log_out_card()
        return {}

    # --- what steps need ------------------------------------------------------------------------------------

    def kept_answer(self, needs: tuple[str, ...], path: str) -> Json | None:
        """What the console answered to a GET whose answer stays the same, in this session and state. None: it
        must be asked.
        """
        return self._kept.get(path) if "sam" not in needs or self._sam_verified else None

    async def request(
        self,
        needs: tuple[str, ...],
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
        if kept and (answer := self.kept_answer(needs, path)) is not None:
            return answer

        async def ask() -> Json:
            await self._ensure(needs, card)
            if method == "GET" and not keep_card:
                await self._before_read(needs, card)
            return await self._ask(method, path, body)

        async with self._lock:
            reply = await self._mending(ask)
            if self._initialised and _not_initialised(reply):
                log.info("the console was restarted; starting its session again")
                self._forget()
                reply = await self._mending(ask)
            if kept:
                self._kept[path] = reply
            return reply

    async def sign(
        self,
        kind: SignatureKind,
        service_type: str,
        card: CardKind,
        person: Person | None = None,
        keep_card: bool = False,
    ) -> Json:
        """A fresh signature for one cloud request: the fields of SIGNATURE_FIELDS, all text.

        With ``person``, the card in the reader is compared first. Raises WrongPerson (nothing was signed or
        sent) when it is another one's, CardChanged when the card was swapped between the two. ``keep_card``
        as for ``request``.
        """

        async def ask() -> Json:
            await self._ensure(NEEDS_OF_SIGNATURE[kind], card)
            if not keep_card:
                await self._before_read(NEEDS_OF_SIGNATURE[kind], card)
            card_id = await self._check_person(person) if person else None
            reply = await self._ask_signature(kind, service_type)
            signature = {name: _text(reply, name) for name in SIGNATURE_FIELDS[kind]}
            if card_id is not None and signature["hcId"] != card_id:
                raise CardChanged("the health card was exchanged while the call ran")
            return signature

        async with self._lock:
            return await self._mending(ask)

    async def check_person(self, person: Person, card: CardKind) -> None:
        """Compare the card in the reader with the person a write is meant for. Raises WrongPerson."""

        async def ask() -> Json:
            await self._ensure(("console", "sam", "hc"), card)
            await self._check_person(person)
            return {}

        async with self._lock:
            await self._mending(ask)

    @asynccontextmanager
    async def turn(self, needs: tuple[str, ...]) -> AsyncIterator[ReaderTurn]:
        """Several requests of one operation on physical cards, between which no other call comes.

        The state they need is brought about first, and the console asked whether it is really so: inside,
        nothing is mended and nothing repeated.
        """

        async def prepare() -> Json:
            await self._ensure(("console",), "physical")
            verified = (await self._state_of("sam")).get("status") == SAM_VERIFIED
            if self._sam_verified and not verified:
                self._card = "unknown"  # a virtual card may have gone with the SAM's session
            self._sam_verified = verified
            await self._ensure(needs, "physical")
            return {}

        async with self._lock:
            await self._mending(prepare)
            yield ReaderTurn(self)

    async def stop(self) -> None:
        """End the session at the console when the bridge stops.

        A console that does not answer is left alone.
        """
        self._stop_linger()
        with suppress(CallError, TimeoutError):
            async with asyncio.timeout(STOP_SECONDS), self._lock:
                if self._owned:
                    await self._finalize()

    # --- inside, with the lock held -------------------------------------------------------------------------

    async def _mending(self, action: Callable[[], Awaitable[Json]]) -> Json:
        """Run it.

        If the console says that it was restarted or the SAM's session has ended, mend that and run it once
        more.
        """
        try:
            return await action()
        except StatusError as error:
            if not self._mendable(error):
                raise
        log.info("the console session had ended; starting it again")
        return await action()

    def _mendable(self, error: StatusError) -> bool:
        if error.source != "console":
            return False
        if error.number == NOT_INITIALISED and self._initialised:
            self._forget()
            return True
        if error.number in SAM_NOT_VERIFIED and self._sam_verified:
            self._sam_verified = False
            self._card = "unknown"  # a virtual card may have gone with the SAM's session, or may not
            return True
        return False

    async def _ensure(self, needs: tuple[str, ...], card: CardKind) -> None:
        if "hc" in needs and card == "virtual":
            self._require_virtual_card()
        if "console" in needs and not self._initialised:
            if not self._port_open and self._settings.unopened == "refuse":
                raise PortNotOpen("a card call without an open port, and the settings refuse that")
            await self._initialise(self._settings.default_device)
        if "sam" in needs and not self._sam_verified:
            await self._verify_on_demand()
        if "hc" in needs and card == "physical":
            await self._ensure_physical_card()

    async def _before_read(self, needs: tuple[str, ...], card: CardKind) -> None:
        """Where the settings ask for it: make the console look anew which card lies in the slot."""
        if self._settings.logout_before_read and "hc" in needs and card == "physical":
            await self._log_out_card()

    def _require_virtual_card(self) -> None:
        if self._card == "moved":
            raise VirtualCardMoved("the virtual card was exported to another device")
        if self._card != "virtual":
            raise NoVirtualCard("no QR code has been uploaded, or its card is gone")

    async def _ensure_physical_card(self) -> None:
        """Log a virtual card out, also one that another program may have left in this console session."""
        if await self._is_virtual():
            log.info("a call for the physical card: the virtual card is logged out")
            await self._log_out_card()

    async def _forget_virtual_card(self) -> Json:
        if await self._is_virtual():
            await self._log_out_card()
        return {}

    async def _is_virtual(self) -> bool:
        """Whether the console takes a virtual card as present; asked where that is not known for sure."""
        if self._card == "unknown" or self._settings.shared:
            state = await self._state_of("hc")
            if state.get("type") == VIRTUAL_TYPE:
                self._card = "virtual"
            elif self._card != "moved":
                self._card = "physical"
        return self._card == "virtual"

    async def _state_of(self, card: str) -> Json:
        """What the console's status says about a card ("sam", "hc", "hpc"); {} where it says nothing."""
        status = (await self._ask("GET", "/api/common/v1/Status")).get("status")
        state = status.get(card) if isinstance(status, dict) else None
        return state if isinstance(state, dict) else {}

    async def _ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, patience: float | None = None
    ) -> Json:
        try:
            return await self._console.request(method, path, body, patience)
        except StatusError as error:
            if error.number in VIRTUAL_CARD_GONE and self._card == "virtual":
                self._card = "unknown"
            raise

    async def _ask_signature(self, kind: SignatureKind, service_type: str) -> Json:
        try:
            return await self._ask("POST", SIGNATURE_PATHS[kind], {"serviceType": service_type})
        except StatusError as error:
            if kind == "hpchc" and error.number == NO_CARD and not await self._has_practitioner():
                error.contexts = ("hpc",)  # of the two cards it is the practitioner's that is missing
            raise

    async def _has_practitioner(self) -> bool:
        status = (await self._ask("GET", "/api/common/v1/Status")).get("status")
        state = status.get("hpc") if isinstance(status, dict) else None
        return not isinstance(state, dict) or state.get("status") != 0

    async def _initialise(self, device: str) -> None:
        try:
            await self._ask("POST", "/api/common/v1/Initial", {"name": device} if device else {})
        except StatusError as error:
            if error.number != ALREADY_INITIALISED:
                self._forget()
                raise
            if not self._initialised:  # begun by another program: it may have left its virtual card there
                self._card = "unknown"
        except CallError:
            self._forget()
            raise
        else:
            self._forget()  # a fresh console session: whatever was verified is not any more
            self._owned = True
        self._initialised = True
        self._device = device

    async def _finalize(self) -> None:
        try:
            await self._ask("POST", "/api/common/v1/Finalize")
        except StatusError as error:
            if error.number != NOT_INITIALISED:
                raise
        self._forget()

    def _forget(self) -> None:
        self._initialised = False
        self._sam_verified = False
        self._card = "physical"
        self._owned = False
        self._device = None
        self._kept.clear()

    async def _verify_on_demand(self) -> None:
        if self._failed_verifications >= MOST_FAILED_VERIFICATIONS:
            log.error(
                "the SAM failed %d verifications in a row: not tried again until a program asks for it",
                self._failed_verifications,
            )
            raise StatusError("console", SAM_MODE_TWO_FAILED)
        await self._verify_sam()

    async def _verify_sam_now(self) -> Json:
        await self._ensure(("console",), "physical")
        if (await self._state_of("sam")).get("status") == SAM_VERIFIED:
            self._sam_verified = True
        else:
            self._sam_verified = False
            await self._verify_sam()
        return {}

    async def _verify_sam(self) -> None:
        try:
            await self._ask("POST", "/api/sam/v1/Verification")
        except StatusError as error:
            if error.number in SAM_NOT_VERIFIED:
                self._failed_verifications += 1
            raise
        self._failed_verifications = 0
        self._sam_verified = True

    async def _present(self, path: str, body: Mapping[str, Any]) -> Json:
        await self._ensure(("console", "sam"), "virtual")
        await self._log_out_card()
        self._card = "unknown"  # until the answer is there
        await self._ask("POST", path, body)
        self._card = "virtual"
        return {}

    async def _export(self) -> Json:
        await self._ensure(("console", "sam", "hc"), "virtual")
        self._card = (
            "unknown"  # a lost answer: it may be logged out, and the next one in the slot is another's
        )
        try:
            reply = await self._ask("POST", "/api/hc/v1/VirtualHc/Export", {})
        except StatusError as error:
            if error.number not in VIRTUAL_CARD_GONE:
                self._card = "virtual"  # refused: nothing was done
            raise
        self._card = "moved"
        return {"transferToken": reply.get("transferToken")}

    async def _log_out_card(self) -> None:
        self._card = "unknown"
        await self._log_out("/api/hc/v1/Logout")
        self._card = "physical"

    async def _log_out(self, path: str) -> None:
        """Log something out; that there is nothing to log out is as good."""
        try:
            await self._ask("DELETE", path)
        except StatusError as error:
            if error.number not in NOTHING_TO_LOG_OUT:
                raise

    async def _check_person(self, person: Person) -> str:
        """Compare the card in the reader with the person a write is meant for. Out: the card's id."""
        basic = await self._ask("GET", "/api/hc/v1/Basic")
        if (_text(basic, "idNo"), _text(basic, "birthday")) != (person.id_no, person.birthday):
            raise WrongPerson("the id or birthday given is not that of the card in the reader")
        return _text(basic, "cardId")

    def _device_of(self, port: int) -> str:
        if port < 0:
            return self._settings.default_device
        return self._settings.devices.get(str(port), f"COM{port + 1}")

    def _stop_linger(self) -> None:
        if self._linger is not None:
            self._linger.cancel()
            self._linger = None

    async def _finalize_later(self) -> None:
        await asyncio.sleep(self._settings.linger)
        async with self._lock:
            self._linger = None
            if self._port_open or not self._owned:
                return
            try:
                await self._finalize()
            except CallError as error:
                log.warning("could not end the idle console session: %s", error)


class ReaderTurn:
    """A reader that is held for one operation of several requests (see ``Reader.turn``)."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, patience: float | None = None
    ) -> Json:
        """Send one console request, exactly once; ``patience`` is how many seconds its answer may take."""
        return await self._reader._ask(method, path, body, patience)

    async def change(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, patience: float | None = None
    ) -> Json:
        """As :meth:`send`, for a request that changes a card: an UpstreamError it raises says so."""
        try:
            return await self.send(method, path, body, patience)
        except UpstreamError as error:
            error.changing = True
            raise

    async def state_of(self, card: str) -> Json:
        """What the console's status says about a card ("sam", "hc", "hpc"); {} where it says nothing."""
        return await self._reader._state_of(card)

    async def card_id(self) -> str:
        """Number of the health card in the reader; looked at anew where the settings ask for that."""
        await self._reader._before_read(("hc",), "physical")
        return _text(await self._reader._ask("GET", "/api/hc/v1/Basic"), "cardId")


def _not_initialised(reply: Json) -> bool:
    """Whether a reply is the console's status, which is given in every state, and says so. No card lies in
    the slot then, as far as the console knows: not what a program that asks for it wants to hear.
    """
    status = reply.get("status")
    return isinstance(status, dict) and status.get("initialized") is False


def _text(reply: Json, name: str) -> str:
    value = reply.get(name)
    if not isinstance(value, str) or not value:
        raise BadReply("console", f"{name} is missing")
    return value.strip()
