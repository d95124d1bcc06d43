"""Uploads of visit records (就醫資料上傳, format 2.0) by programs that sign for themselves, and for people.

Programs take a random, its signature, and send both to the centre: what passes through the bridge gets the
random that the signature was really made for (:mod:`bridge.reader.vpn`), nothing else is changed. People let
the bridge sign and send.
"""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Mapping
from typing import Any

from bridge.calls.caller import UNKNOWN_CALLER, Caller
from bridge.calls.context import CallContext
from bridge.calls.file_text import base64_text
from bridge.engine.changes import ADVICE_UNKNOWN, Intent, doubt_unheard, require
from bridge.engine.limits import Limits
from bridge.errors import (
    BadArgument,
    BadReply,
    CallerGone,
    CallError,
    OverDeadline,
    StatusError,
    Unreachable,
    UpstreamError,
)
from bridge.reader.reader import Reader, Use
from bridge.reader.vpn import VpnSignatures
from bridge.records.call_log import CallLog
from bridge.records.journal import Journal
from bridge.relay.upload_request import Text, make_request, with_verified
from bridge.table.model.service import Service, Verified
from bridge.upstream.centre import STATUS_SOURCE, SUCCESS, Centre, return_code
from bridge.upstream.client import Json
from bridge.upstream.json_body import Progress
from bridge.words import said

log = logging.getLogger(__name__)

DOOR = "upload"
OTHER_REASON = 9999  # 其他: what clients get where the centre gives no return code
DIGITS = 4
NOT_THERE = {
    "centre": said("no upload centre is configured (upload.centre.url)"),
    "medicloud": said("no cloud query system is configured (medicloud.url)"),
}
SERVICE_CODE = "30"  # 醫療資料傳輸服務 (seed 003)
SIGNED = frozenset({"ssamid", "shospid", "sclientrandom", "ssignature"})  # what belongs to a signature


class Uploads:
    """The services of the upload centre and of the cloud query system, over one of each. ``deadline``:
    seconds after which any ends; ``calls``: where the requests of programs are noted.
    """

    def __init__(
        self,
        reader: Reader,
        vpn: VpnSignatures,
        journal: Journal,
        centre: Centre | None,
        deadline: float,
        calls: CallLog,
        medicloud: Centre | None = None,
    ) -> None:
        self._reader = reader
        self._vpn = vpn
        self._journal = journal
        self._centres = {"centre": centre, "medicloud": medicloud}
        self._limits = Limits(deadline)
        self._calls = calls

    # --- for programs ---------------------------------------------------------------------------------------

    async def relay(
        self, service: Service, given: Mapping[str, object], caller: Caller = UNKNOWN_CALLER
    ) -> Json:
        """Pass a request on. In: its fields by names in small letters; others are left out. One in which
        nothing of a signature stands is signed here, by the SAM. Out: the centre's own reply, names and
        return code as they are.

        Raises BadArgument, naming the field, for one that is missing, no text or too long; FileSizeWrong for
        a file of more than 10 MB; OverDeadline; CallerGone where nobody waits for the answer any more: then
        nothing was sent; what reaching the centre raises.
        """
        with self._calls.measured(DOOR, service.name, OTHER_REASON) as call:
            try:
                reply = await self._send(service, await self._signed(service, given), caller)
            except CallError as error:
                log.warning("function=%s: %s: %s", service.name, type(error).__name__, error)
                raise
            call.code = _number(return_code(reply))
            return reply

    async def _signed(self, service: Service, given: Mapping[str, object]) -> dict[str, Any]:
        """The body, with the random that its signature was made for. What else is wrong is found before
        anything is signed.
        """
        if service.verified is not None:
            return self._verified(service, service.verified, make_request(service, given))
        if SIGNED.isdisjoint(given):
            make_request(service, {**given, **dict.fromkeys(SIGNED, "-")})
            return make_request(service, {**given, **_small(await self.sign())})
        body = make_request(service, given)
        random, signature = (_held(service, body, holds) for holds in ("random", "signature"))
        body[_name(service, "random")] = self._vpn.real_random(random, signature)
        return body

    def _verified(self, service: Service, verified: Verified, body: Mapping[str, Any]) -> dict[str, Any]:
        """The body with every field of its signature in one object. Raises BadArgument where the pair is none
        that a program got here, of other cards, or of another patient's card.
        """
        random, signature = (_held(service, body, holds) for holds in ("random", "signature"))
        pair = self._vpn.signature_of(random, signature)
        if pair is None:
            raise BadArgument(
                said("{name}: no pair of this bridge, or it is too old", name=_name(service, "signature"))
            )
        if pair.use.kind != verified.kind:
            raise BadArgument(
                said("{name}: other cards have signed than are needed", name=_name(service, "signature"))
            )
        asked = self._reader.protocol.signatures.of(verified.kind)
        fields = pair.signature.fields
        if body[_name(service, "patient")] != fields[asked.json_name("hc_id_no")]:
            raise BadArgument(
                said("{name}: another patient's card has signed", name=_name(service, "patient"))
            )
        names = asked.body or {}
        kind_of_service = {names["service_type"].json_name: pair.use.service_type}
        return with_verified(service, body, {**fields, **kind_of_service})

    # --- for people -----------------------------------------------------------------------------------------

    async def sign(self) -> dict[str, str]:
        """The fields that every request carries, with a fresh signature of the SAM; good for one hour."""
        signer = (await self._reader.sign(Use(), "sam", SERVICE_CODE)).fields
        given = self._reader.protocol.signatures.sam
        names = {
            "sSamid": "sam_id",
            "sHospid": "hospital_id",
            "sClientrandom": "random",
            "sSignature": "signature",
        }
        return {name: signer[given.json_name(field)] for name, field in names.items()}

    async def upload(
        self,
        service: Service,
        signed: Mapping[str, str],
        content: bytes,
        fields: Mapping[str, str],
        progress: Progress | None = None,
    ) -> str:
        """Send a file, exactly once. In: the fields of :meth:`sign`, the file, further fields (``sType``,
        counts). Out: its execution number (執行編號).

        Raises as :meth:`relay`; StatusError for a return code that is not 0000.
        """
        data = {
            "sPatData": base64_text(content),
            "sUploadDT": CallContext().western_milliseconds,
        }
        body = make_request(service, _small({**signed, **fields, **data}))
        return result_of(service, await self._send(service, body, progress=progress))

    def cut_short(self) -> None:
        """The bridge stops: end what is under way as if its time were over."""
        self._limits.cut_short()

    async def result(self, service: Service, signed: Mapping[str, str], fields: Mapping[str, str]) -> bytes:
        """The result of a check (檢核結果). In: the fields of :meth:`sign`, ``sType`` and ``sOpcode``.

        Raises as :meth:`upload`; StatusError 5002 while the result is not ready.
        """
        body = make_request(service, _small({**signed, **fields}))
        return decoded_result(service, result_of(service, await self._send(service, body)))

    # --- inside ---------------------------------------------------------------------------------------------

    async def _send(
        self,
        service: Service,
        body: Mapping[str, Any],
        caller: Caller = UNKNOWN_CALLER,
        progress: Progress | None = None,
    ) -> Json:
        """Send once, if somebody waits for the answer; what leaves something at the centre is journalled."""
        centre = self._centres[service.to]
        if centre is None:
            raise Unreachable(service.to, NOT_THERE[service.to])
        require(caller)
        if service.effect != "write":
            return await self._ask(centre, service, body, progress)
        random = _held(service, body, "random")
        intent = await Intent.noted(self._journal, service.name, service.path, random)
        try:
            require(caller)  # noting the intent takes its time
            reply = await self._ask(centre, service, body, progress)
        except CallerGone:
            intent.failed()
            raise
        except UpstreamError as error:
            if error.maybe_done:
                intent.unclear(ADVICE_UNKNOWN)
            else:
                intent.failed()
            raise
        except BaseException:  # cut off in the middle: by the deadline, or because the bridge ends
            intent.unclear(ADVICE_UNKNOWN)
            raise
        self._note(service, intent, reply)
        if return_code(reply) == SUCCESS:
            doubt_unheard([intent], caller)
        return reply

    async def _ask(
        self, centre: Centre, service: Service, body: Mapping[str, Any], progress: Progress | None
    ) -> Json:
        try:
            with self._limits.new():
                return await centre.ask(service.path, body, progress)
        except TimeoutError:
            raise OverDeadline(said("no end within {seconds:g} s", seconds=self._limits.seconds)) from None

    @staticmethod
    def _note(service: Service, intent: Intent, reply: Json) -> None:
        if return_code(reply) != SUCCESS:
            intent.failed()
            return
        receipt = _of_any_case(reply, service.reply_name("result"))
        if not receipt:
            intent.unclear(ADVICE_UNKNOWN)
            raise BadReply("centre", said("{name} is missing", name=service.reply_name("result")))
        intent.done(receipt)


def result_of(service: Service, reply: Json) -> str:
    """What the centre gives for a request. Raises BadReply, and StatusError for another return code than
    0000.
    """
    if return_code(reply) != SUCCESS:
        raise StatusError(STATUS_SOURCE, return_code(reply))
    name = service.reply_name("result")
    found = _of_any_case(reply, name)
    if not found:
        raise BadReply("centre", said("{name} is missing", name=name))
    return found


def decoded_result(service: Service, text: str) -> bytes:
    """The result of a check out of its base64. Raises BadReply."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise BadReply("centre", said("{name} is not base64", name=service.reply_name("result"))) from error


def _small(fields: Mapping[str, Text]) -> dict[str, Text]:
    """The fields under their names in small letters."""
    return {name.lower(): value for name, value in fields.items()}


def _number(code: str) -> int:
    """A return code as a number, as it stands in log and journal; one that is none counts as 9999."""
    return int(code) if code.isascii() and code.isdigit() and len(code) <= DIGITS else OTHER_REASON


def _name(service: Service, holds: str) -> str:
    field = service.field_with(holds)
    if field is None:
        raise KeyError(holds)
    return field.name


def _held(service: Service, body: Mapping[str, Any], holds: str) -> str:
    """The text that a field of a request holds; a file's is nobody's business here."""
    text = body[_name(service, holds)]
    if not isinstance(text, str):
        raise TypeError(holds)
    return text


def _of_any_case(reply: Mapping[str, Any], name: str) -> str:
    """The text of a reply's name, whatever the case of its letters; empty where there is none."""
    found = next((value for key, value in reply.items() if key.lower() == name.lower()), None)
    return found.strip() if isinstance(found, str) else ""
