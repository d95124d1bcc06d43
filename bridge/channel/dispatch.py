"""One call frame in, one reply frame out: what the socket server and the embedded library share."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Coroutine, Mapping
from typing import Any

from bridge.calls.call import NATIVE, Answered, Argument, File, LegacyCall, LegacyResult, OutBuffer
from bridge.calls.caller import UNKNOWN_CALLER, Caller
from bridge.channel.frame import (
    CALL_BEGIN,
    CALL_HEADER,
    HEADER_BYTES,
    REASON,
    Frame,
    FrameError,
    Refusal,
    Request,
    Sent,
    VersionError,
    decode_request,
    encode_reason,
    encode_reply,
    read_header,
)
from bridge.channel.row_frames import NAME_LENGTH, RowFrames, head_of
from bridge.channel.version_1 import VERSION_1, as_version_1
from bridge.engine.face import CallEngine
from bridge.errors import BadArgument, CallError, InternalFault, ShimMismatch
from bridge.table.codegen.abi import Slot
from bridge.words import said

log = logging.getLogger(__name__)

MOST_REASONS = 256  # that are remembered, of all callers
_REPLACE = said(
    "replace the native library by one built from this bridge's table (make native, make native-windows)"
)


class LastReply(bytes):
    """A reply frame after which the connection must be closed."""

    __slots__ = ()


Work = Coroutine[Any, Any, bytes]

HOST = Caller(connection="host")
"""The program in whose process the bridge runs: all calls there are its own."""


class _Unreachable(CallError):
    """The caller does not know how to talk to this bridge: for it there is none."""

    source = "transport"
    status = "bridge-unreachable"


class Dispatcher:
    """Answers call frames by an engine, whoever may make calls."""

    def __init__(self, engine: CallEngine) -> None:
        self._engine = engine
        self._rows = {row.name: RowFrames(engine.table, row) for row in engine.table.served()}
        self._by_head = {row.head: row for row in self._rows.values()}
        self._reasons: OrderedDict[tuple[str, int], str] = OrderedDict()

    async def answer(self, frame: Frame, caller: Caller = UNKNOWN_CALLER) -> bytes:
        """The reply to a whole frame (header included). Raises as :meth:`begin`."""
        begun = self.begin(frame, caller)
        return begun if isinstance(begun, bytes) else await begun

    def begin(self, frame: Frame, caller: Caller = UNKNOWN_CALLER) -> bytes | Work:
        """Begin to answer a whole frame (header included). Out: the reply frame where it is there at once (a
        LastReply where nothing may come after it), else the work that makes it.

        Raises FrameError only where there is no header; whatever else is wrong is answered by a refusal.
        """
        if type(frame) is bytes and len(frame) > NAME_LENGTH:
            begin, length, number = CALL_HEADER(frame)
            if begin == CALL_BEGIN and length == len(frame) - HEADER_BYTES:
                row = self._by_head.get(head_of(frame))
                if row is not None and (arguments := row.arguments(frame)) is not None:
                    return self._ask(row, number, arguments, caller)
        return self._begin_unusual(frame, caller)

    def _begin_unusual(self, frame: Frame, caller: Caller) -> bytes | Work:
        """As :meth:`begin`, for a frame in which anything may stand."""
        header = read_header(frame)
        number = header.number
        if header.kind == REASON and header.length == 0:
            return encode_reason(number, self._reasons.get((caller.client, number), ""))
        try:
            request = decode_request(frame)
        except VersionError as error:
            return self.refuse_version(error)
        except FrameError as error:
            log.error("unreadable call frame: %s", error)
            return self._refuse(number, _Unreachable(), None, close=True)
        row = self._rows.get(request.name)
        try:
            matched = _matching(request, row)
            arguments = _arguments(request, matched)
        except CallError as error:
            log.error("%s: %s", row.function.name if row else "unknown function", error)
            return self._refuse(number, error, row)
        return self._ask(matched, number, arguments, caller)

    def _ask(
        self, row: RowFrames, number: int, arguments: Mapping[str, Argument], caller: Caller
    ) -> bytes | Work:
        try:
            answer = self._engine.call(LegacyCall(row.function.name, arguments, NATIVE, caller))
            if type(answer) is not Answered:
                return self._awaited(row, number, arguments, answer, caller)
            if answer.result.reason:
                self._keep_reason(caller, number, answer.result.reason)
            if answer.lasts:
                return row.lasting_answer(number, answer.result, arguments)
            return row.answer(number, answer.result, arguments)
        except Exception as error:
            return self._failed(row, number, error)

    async def _awaited(
        self,
        row: RowFrames,
        number: int,
        arguments: Mapping[str, Argument],
        answer: Awaitable[LegacyResult],
        caller: Caller,
    ) -> bytes:
        try:
            result = await answer
            if result.reason:
                self._keep_reason(caller, number, result.reason)
            return row.answer(number, result, arguments)
        except Exception as error:
            return self._failed(row, number, error)

    def _keep_reason(self, caller: Caller, number: int, reason: str) -> None:
        """Remember why a call failed: its caller may ask next."""
        self._reasons[caller.client, number] = reason
        if len(self._reasons) > MOST_REASONS:
            self._reasons.popitem(last=False)

    def _failed(self, row: RowFrames, number: int, error: Exception) -> bytes:
        """The refusal of a call whose answer cannot be given."""
        if isinstance(error, CallError):
            log.error("%s: %s", row.function.name, error)
            return self._refuse(number, error, row)
        if isinstance(error, FrameError):
            log.error("%s: the answer does not fit a frame: %s", row.function.name, error)
        else:
            log.error("%s: fault of the bridge", row.function.name, exc_info=error)
        return self._refuse(number, InternalFault(), row)

    def refuse_version(self, error: VersionError) -> bytes:
        """The refusal of a frame of another version; one of version 1 in the words of version 1."""
        log.error("native library refused: %s; %s", error, _REPLACE)
        refusal = self._refuse(error.number, ShimMismatch(), None, close=True)
        if error.version == VERSION_1:
            return LastReply(as_version_1(refusal))
        return refusal

    def _refuse(self, number: int, error: CallError, row: RowFrames | None, *, close: bool = False) -> bytes:
        contexts = (*row.function.contexts, *NATIVE.contexts) if row else ()
        code = self._engine.table.statuses.legacy(error.source, error.status, contexts)
        refusal = encode_reply(Refusal(number, code))
        return LastReply(refusal) if close else refusal


def _matching(request: Request, row: RowFrames | None) -> RowFrames:
    """The row, if library and table mean the same by it. Raises ShimMismatch."""
    if row is None:
        raise ShimMismatch(
            said(
                "the native library calls a function that the table does not export; {advice}",
                advice=_REPLACE,
            )
        )
    kinds = tuple([sent.kind for sent in request.arguments])
    if request.signature != row.signature or kinds != row.kinds:
        raise ShimMismatch(said("the native library was built from another table; {advice}", advice=_REPLACE))
    return row


def _arguments(request: Request, row: RowFrames) -> Mapping[str, Argument]:
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
            raise BadArgument(
                said(
                    "{name} has {count} bytes, at most {most} are documented",
                    name=slot.name,
                    count=len(text),
                    most=slot.most,
                )
            )
        case File(name) if len(name) > slot.most:
            raise BadArgument(
                said(
                    "{name} has {count} bytes, at most {most} are documented",
                    name=slot.name,
                    count=len(name),
                    most=slot.most,
                )
            )
        case OutBuffer(capacity, content) if len(content) > max(capacity, 0):
            raise BadArgument(
                said(
                    "{name} brings {count} bytes in a buffer of {capacity}",
                    name=slot.name,
                    count=len(content),
                    capacity=capacity,
                )
            )
        case None if slot.kind == "text_out":
            return OutBuffer(slot.most)
    return sent.value
