"""One call frame in, one reply frame out: what the socket server and the embedded library share."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from bridge.calls.call import NATIVE, Argument, File, LegacyCall, LegacyResult, OutBuffer
from bridge.channel.frame import (
    HEADER_BYTES,
    TOKEN_BYTES,
    Answer,
    FrameError,
    Refusal,
    Request,
    Sent,
    VersionError,
    decode_request,
    encode_reply,
    read_header,
)
from bridge.channel.tokenfile import same_token
from bridge.engine.face import CallEngine
from bridge.errors import BadArgument, CallError, InternalFault, ShimMismatch
from bridge.table.codegen.abi import Slot, SlotKind, signature_hash, slots
from bridge.table.model.rows import Function, Table

log = logging.getLogger(__name__)

_REPLACE = (
    "replace the native library by one built from this bridge's table (make native, make native-windows)"
)


@dataclass(frozen=True, slots=True)
class Reply:
    """The bytes of a reply frame, and whether the connection must be closed after it."""

    frame: bytes
    close: bool = False


@dataclass(frozen=True, slots=True)
class _Row:
    """A row as the frames see it. ``places``: argument indexes by name; ``owned``: those of lengths that
    belong to a record.
    """

    function: Function
    slots: tuple[Slot, ...]
    signature: int
    kinds: tuple[SlotKind, ...]
    places: Mapping[str, int]
    owned: frozenset[int]


class _Unreachable(CallError):
    """The caller may not, or does not know how to, talk to this bridge: for it there is none."""

    source = "transport"
    status = "bridge-unreachable"


class Dispatcher:
    """Answers call frames by an engine. ``token``: the 32 bytes that each call must carry, if any."""

    def __init__(self, engine: CallEngine, token: bytes | None = None) -> None:
        self._engine = engine
        self._token = token
        self._rows = {row.name: _row(engine.table, row) for row in engine.table.served()}

    def admits(self, begin: bytes | bytearray) -> bool:
        """Whether a frame that begins so may carry the right token: the rest of another is not kept."""
        token = bytes(begin[HEADER_BYTES:][:TOKEN_BYTES])
        return self._token is None or len(token) < TOKEN_BYTES or same_token(token, self._token)

    async def answer(self, frame: bytes) -> Reply:
        """The reply to a whole frame (header included).

        Raises FrameError only where there is no header; whatever else is wrong is answered by a refusal.
        """
        number = read_header(frame).number
        try:
            request = decode_request(frame)
        except VersionError as error:
            log.error("native library refused: %s; %s", error, _REPLACE)
            return self._refuse(number, ShimMismatch(), None, close=True)
        except FrameError as error:
            log.error("unreadable call frame: %s", error)
            return self._refuse(number, _Unreachable(), None, close=True)
        row = self._rows.get(request.name)
        if self._token is not None and not same_token(request.token, self._token):
            log.warning("a call without the right token was refused; the caller must read channel.token_file")
            return self._refuse(number, _Unreachable(), row, close=True)
        return await self._answer(request, row)

    async def _answer(self, request: Request, row: _Row | None) -> Reply:
        try:
            matched = _matching(request, row)
            result = await self._engine.call(LegacyCall(request.name, _arguments(request, matched), NATIVE))
            reply = Answer(request.number, result.code, _outputs(result, request, matched))
            return Reply(encode_reply(reply))
        except CallError as error:
            log.error("%s: %s", row.function.name if row else "unknown function", error)
            return self._refuse(request.number, error, row)
        except FrameError as error:
            log.error("%s: the answer does not fit a frame: %s", request.name, error)
            return self._refuse(request.number, InternalFault(), row)
        except Exception:
            log.exception("%s: fault of the bridge", request.name)
            return self._refuse(request.number, InternalFault(), row)

    def _refuse(self, number: int, error: CallError, row: _Row | None, *, close: bool = False) -> Reply:
        contexts = (*row.function.contexts, *NATIVE.contexts) if row else ()
        code = self._engine.table.statuses.legacy(error.source, error.status, contexts)
        return Reply(encode_reply(Refusal(number, code)), close)


def _row(table: Table, function: Function) -> _Row:
    arguments = slots(table, function)
    return _Row(
        function=function,
        slots=arguments,
        signature=signature_hash(function.name, arguments),
        kinds=tuple(slot.kind for slot in arguments),
        places={slot.name: index for index, slot in enumerate(arguments)},
        owned=frozenset(slot.length for slot in arguments),
    )


def _matching(request: Request, row: _Row | None) -> _Row:
    """The row, if library and table mean the same by it. Raises ShimMismatch."""
    if row is None:
        raise ShimMismatch(f"the native library calls a function that the table does not export; {_REPLACE}")
    kinds = tuple([sent.kind for sent in request.arguments])
    if request.signature != row.signature or kinds != row.kinds:
        raise ShimMismatch(f"the native library was built from another table; {_REPLACE}")
    return row


def _arguments(request: Request, row: _Row) -> Mapping[str, Argument]:
    """Arguments by name as the engine wants them. Raises BadArgument for one longer than documented."""
    arguments: dict[str, Argument] = {}
    for slot, sent in zip(row.slots, request.arguments, strict=True):
        value = _argument(slot, sent)
        if value is not None:
            arguments[slot.name] = value
    return arguments


def _argument(slot: Slot, sent: Sent) -> Argument | None:
    match sent.value:
        case bytes(text) if len(text) > slot.most:
            raise BadArgument(f"{slot.name} has {len(text)} bytes, at most {slot.most} are documented")
        case File(name) if len(name) > slot.most:
            raise BadArgument(f"{slot.name} has {len(name)} bytes, at most {slot.most} are documented")
        case OutBuffer(capacity, content) if len(content) > max(capacity, 0):
            raise BadArgument(f"{slot.name} brings {len(content)} bytes in a buffer of {capacity}")
        case None if slot.kind == "text_out":
            return OutBuffer(slot.most)
    return sent.value


def _outputs(result: LegacyResult, request: Request, row: _Row) -> tuple[tuple[int, bytes | int], ...]:
    """The outputs by argument index. Raises InternalFault for one without a place in the caller's memory."""
    outputs: list[tuple[int, bytes | int]] = []
    for name, value in result.outputs.items():
        index = row.places.get(name)
        if index is None or not _fits(
            value, row.slots[index], request.arguments[index], owned=index in row.owned
        ):
            raise InternalFault(f"the output {name} does not fit its argument")
        outputs.append((index, value))
    return tuple(outputs)


def _fits(value: bytes | int, slot: Slot, sent: Sent, *, owned: bool) -> bool:
    match slot.kind, value, sent.value:
        case "record", bytes(record), OutBuffer(capacity):
            return len(record) <= capacity
        case "text_out" | "text_inout", bytes(text), _:
            return len(text) <= slot.most
        case "length", int(), _:
            return not owned
    return False
