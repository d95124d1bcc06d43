"""The console's requests as methods, made from the table's ConsoleProtocol. Each is sent exactly once.

No state is kept here and nothing is mended: that is the session's part (:mod:`bridge.reader.session`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

from bridge.errors import BadReply, HttpFault, StatusError
from bridge.table.model.console import ConsoleField, ConsoleProtocol, ConsoleRequest, SignatureKind
from bridge.upstream.client import Json, Upstream
from bridge.words import said

SOURCE = "console"
UNKNOWN_PATH = 404


class ConsoleStatus(NamedTuple):
    """What the console's status says. What it leaves out is None."""

    initialised: object
    device: object
    reader: object
    sam_state: object
    sam_kind: object
    practitioner_state: object
    health_card_state: object
    health_card_kind: object
    pin_verified: object
    health_card_until: object = None

    @classmethod
    def of(cls, protocol: ConsoleProtocol, reply: Mapping[str, Any]) -> ConsoleStatus:
        """What a reply to the request ``status`` says."""
        return cls._make(protocol.requests.status.read(cls._fields, reply))

    @staticmethod
    def without_health_card(protocol: ConsoleProtocol, reply: Json) -> Json:
        """The same reply as it is where there is no health card."""
        return _replaced(reply, protocol.requests.status.reply["health_card_state"].path, protocol)


class HealthCard:
    """The present health card as the console describes it. Reading a missing field raises BadReply."""

    def __init__(self, reply: Json, names: Mapping[str, ConsoleField]) -> None:
        self._reply = reply
        self._names = names

    @property
    def card_id(self) -> str:
        return _text(self._reply, self._names["card_id"].json_name)

    @property
    def holder(self) -> tuple[str, str]:
        """Whose it is: id number and birthday (7 ROC digits)."""
        id_no, birthday = (_text(self._reply, self._names[name].json_name) for name in ("id_no", "birthday"))
        return id_no, birthday


class ConsoleClient:
    """A console. ``on_refusal`` hears the number of every status other than success, before it is raised.

    Every method raises StatusError for a status that does not mean success, UpstreamError where there is no
    answer or no usable one.
    """

    def __init__(
        self, upstream: Upstream, protocol: ConsoleProtocol, on_refusal: Callable[[int | None], None]
    ) -> None:
        self.protocol = protocol
        self._upstream = upstream
        self._requests = protocol.requests
        self._on_refusal = on_refusal

    async def send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, patience: float | None = None
    ) -> Json:
        """A request as a row of the table words it; ``patience``: how many seconds its answer may take."""
        try:
            return await self._upstream.request(method, path, body, patience)
        except StatusError as error:
            self._on_refusal(error.number)
            raise
        except HttpFault as fault:
            other = self.protocol.other_paths.get(f"{method} {path}")
            if fault.http_status != UNKNOWN_PATH or other is None:
                raise
        return await self.send(method, other, body, patience)

    async def _ask(
        self, request: ConsoleRequest, values: Mapping[str, Any] | None = None, patience: float | None = None
    ) -> Json:
        return await self.send(request.method, request.path, request.content(values or {}), patience)

    async def _is_done(
        self, request: ConsoleRequest, values: Mapping[str, Any] | None = None, patience: float | None = None
    ) -> bool:
        """Ask. Out: whether it was done now; False where the console says that it is so already."""
        try:
            await self._ask(request, values, patience)
        except StatusError as error:
            if error.number not in self.protocol.accepted(request):
                raise
            return False
        return True

    # --- session and SAM ------------------------------------------------------------------------------------

    async def initialise(self, device: str) -> bool:
        """Begin a session; "" leaves the device to the console. Out: False where one is open already."""
        return await self._is_done(self._requests.initialise, {"device": device} if device else {})

    async def finalise(self) -> None:
        """End the session. That there is none is as good."""
        await self._is_done(self._requests.finalise)

    async def status(self) -> ConsoleStatus:
        """What the console says of session, SAM and cards."""
        return ConsoleStatus.of(self.protocol, await self._ask(self._requests.status))

    async def device_names(self) -> list[str]:
        """The names of the devices that can be opened."""
        request = self._requests.names
        names = request.reply["devices"].of(await self._ask(request))
        if not isinstance(names, list):
            raise BadReply(SOURCE, said("{name} is missing", name=request.reply["devices"].json_name))
        return [str(name) for name in names]

    async def cloud_sam_ports(self) -> dict[str, str]:
        """The ids of cloud SAMs by their virtual ports; empty where the console lists ids alone."""
        request = self.protocol.settings.list_sams
        listed = request.reply["sam_ids"].of(await self._ask(request))
        found = {}
        for each in listed if isinstance(listed, list) else ():
            port, sam_id = (request.reply[name].of(each) for name in ("port", "sam_id"))
            if isinstance(port, str) and isinstance(sam_id, str):
                found[port] = sam_id
        return found

    def says_not_initialised(self, reply: Json) -> bool:
        """Whether a reply is the console's status, which is given in every state, and says that there is no
        session. No card lies in the slot then, as far as the console knows.
        """
        return self._requests.status.reply["initialised"].of(reply) is False

    async def verify_sam(self) -> None:
        """Have the SAM verified with the data centre."""
        await self._ask(self._requests.verify_sam)

    async def log_out_sam(self) -> None:
        """End the verification of the SAM and of both cards. That there is none is as good."""
        await self._is_done(self._requests.log_out_sam)

    async def sign(self, kind: SignatureKind, service_type: str) -> dict[str, str]:
        """A signature: its fields by their JSON names, all text. Raises BadReply where one is missing."""
        request = self.protocol.signatures.of(kind)
        try:
            reply = await self._ask(request, {"service_type": service_type})
        except StatusError as error:
            error.contexts += request.contexts
            raise
        return {name: _text(reply, name) for name in request.fields}

    # --- cards ----------------------------------------------------------------------------------------------

    async def log_out_practitioner(self) -> None:
        """End the practitioner card's verification. That there is none is as good."""
        await self._is_done(self._requests.log_out_practitioner)

    async def log_out_health_card(self) -> None:
        """End the health card's session. That there is none is as good."""
        await self._is_done(self._requests.log_out_health_card)

    async def read_health_card(self) -> HealthCard:
        request = self._requests.read_health_card
        return HealthCard(await self._ask(request), request.reply)

    def identity(self, signer: Literal["sam", "hc", "hpc"]) -> tuple[ConsoleRequest, ConsoleField]:
        """The request that names the SAM or a card, and the field of its reply with the number."""
        asked = self._requests
        if signer == "sam":
            return asked.read_sam, asked.read_sam.reply["sam_id"]
        request = asked.read_health_card if signer == "hc" else asked.read_practitioner
        return request, request.reply["card_id"]

    async def present_virtual_card(self, token: str) -> None:
        """Make the virtual card of a QR code the present one."""
        await self._ask(self._requests.present_virtual_card, {"token": token})

    async def virtual_card_id(self, token: str) -> str:
        """The number of the card that a QR code stands for; the present card stays as it is."""
        request = self._requests.read_virtual_card
        return _text(await self._ask(request, {"token": token}), request.reply["card_id"].json_name)

    async def import_virtual_card(self, transfer_code: str) -> None:
        """Make the virtual card of a transfer code (轉移碼) the present one."""
        await self._ask(self._requests.import_virtual_card, {"transfer_code": transfer_code})

    async def export_virtual_card(self) -> Json:
        """Give the virtual card away. Out: the code under its JSON name; None where it is missing."""
        reply = await self._ask(self._requests.export_virtual_card)
        name = self._requests.export_virtual_card.reply["transfer_code"].json_name
        return {name: reply.get(name)}

    # --- PINs -----------------------------------------------------------------------------------------------

    async def has_pin(self) -> bool:
        """Whether the health card has a PIN."""
        return self._requests.has_pin.reply["has_pin"].of(await self._ask(self._requests.has_pin)) is True

    async def verify_pin(self, pin: str, patience: float | None) -> None:
        """Verify the health card's PIN. One that is verified already is as good."""
        await self._is_done(self._requests.verify_pin, {"pin": pin}, patience)

    async def change_pin(self, new_pin: str, patience: float | None) -> None:
        """Give the health card a new PIN."""
        await self._ask(self._requests.change_pin, {"new_pin": new_pin}, patience)

    async def disable_pin(self) -> None:
        """Remove the health card's PIN."""
        await self._ask(self._requests.disable_pin)

    async def verify_practitioner(self, pin: str, patience: float | None) -> None:
        """Verify the PIN of the practitioner's card."""
        await self._ask(self._requests.verify_practitioner, {"pin": pin}, patience)

    async def change_practitioner_pin(self, new_pin: str, patience: float | None) -> None:
        """Give the practitioner's card a new PIN."""
        await self._ask(self._requests.change_practitioner_pin, {"new_pin": new_pin}, patience)

    async def unlock_practitioner(self, puk: str, new_pin: str, patience: float | None) -> None:
        """Unlock the practitioner's card and give it a new PIN."""
        await self._ask(self._requests.unlock_practitioner, {"puk": puk, "new_pin": new_pin}, patience)


def _replaced(reply: Json, path: tuple[str, ...], protocol: ConsoleProtocol) -> Json:
    name, *inner = path
    if not inner:
        return {**reply, name: protocol.states.card_absent}
    return {**reply, name: _replaced(reply.get(name) or {}, tuple(inner), protocol)}


def _text(reply: Json, name: str) -> str:
    value = reply.get(name)
    if not isinstance(value, str) or not value:
        raise BadReply(SOURCE, said("{name} is missing", name=name))
    return value.strip()
