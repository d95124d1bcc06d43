"""The frames of one row: its arguments straight out of the bytes of a call, its outputs into an answer's.

Nearly all calls are made by a library that was built from the same table, and nothing is wrong with them.
Those are read here, at a fraction of the cost of :func:`bridge.channel.frame.decode_request`, which reads any
frame and says what is wrong with it.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

from bridge.calls.call import Argument, LegacyResult, OutBuffer
from bridge.channel.frame import HEADER_BYTES, KINDS, TIME_BYTES, encode_answer
from bridge.errors import InternalFault
from bridge.table.codegen.abi import Slot, SlotKind, signature_hash, slots
from bridge.table.model.rows import Function, Table
from bridge.words import said

HEAD = HEADER_BYTES + TIME_BYTES  # where signature, name and number of arguments stand
NAME_LENGTH = HEAD + 4
NUMBER = HEADER_BYTES - 4  # where the number of the call stands
_U32, _I16 = struct.Struct("<I").unpack_from, struct.Struct("<h").unpack_from
_RECORD = struct.Struct("<hI").unpack_from  # what a caller offers, and how many bytes of it were sent
_TEXTS = frozenset({"text", "block", "text_inout"})
_SENT = _TEXTS | {"count", "scalar", "record", "file"}  # of which a call carries more than their kind


def head_of(frame: bytes) -> bytes:
    """What tells the row of a call frame: signature, name, number of arguments. Raises IndexError."""
    return frame[HEAD : NAME_LENGTH + 2 + frame[NAME_LENGTH]]


class RowFrames:
    """Reads and writes the frames of one row. ``slots``: its arguments in calling order; ``head``: as
    :func:`head_of` finds it.
    """

    def __init__(self, table: Table, function: Function) -> None:
        self.function = function
        self.slots = slots(table, function)
        self.signature = signature_hash(function.name, self.slots)
        self.kinds = tuple(slot.kind for slot in self.slots)
        name = function.name.encode("ascii")
        self.head = b"%b%c%b%c" % (struct.pack("<I", self.signature), len(name), name, len(self.slots))
        self._begin = HEAD + len(self.head)
        self._readable = "file" not in self.kinds
        self._rooms: dict[str, Argument] = {
            slot.name: OutBuffer(slot.most) for slot in self.slots if slot.kind == "text_out"
        }
        self._steps, self._tail = _steps(self.slots)
        self._places = {slot.name: index for index, slot in enumerate(self.slots)}
        self._takes_records = "record" in self.kinds
        self._lasting: LegacyResult | None = None  # the result of the frame that is kept, without its number
        self._before_number = self._behind_number = b""
        self._owned = frozenset(slot.length for slot in self.slots)  # lengths that belong to a record

    def arguments(self, frame: bytes) -> dict[str, Argument] | None:
        """The arguments of a call by name, as the engine wants them. In: a whole frame with this row's head.

        None where anything is unusual: then the frame has to be taken apart piece by piece.
        """
        if not self._readable:
            return None
        found, at = self._rooms.copy(), self._begin
        try:
            for kinds, kind, name, most in self._steps:
                begin = at + len(kinds)
                if frame[at:begin] != kinds:
                    return None
                if kind == "record":
                    capacity, length = _RECORD(frame, begin)
                    at = begin + 6 + length
                    if length and length > capacity:
                        return None
                    found[name] = OutBuffer(capacity, frame[at - length : at])
                elif kind in _TEXTS:
                    (length,) = _U32(frame, begin)
                    at = begin + 4 + length
                    if length > most:
                        return None
                    found[name] = frame[at - length : at]
                else:
                    (found[name],) = _I16(frame, begin)
                    at = begin + 2
        except struct.error:
            return None
        # what is said to be longer than the frame has gone past its end
        return found if frame[at:] == self._tail and at <= len(frame) else None

    def answer(self, number: int, result: LegacyResult, arguments: Mapping[str, Argument]) -> bytes:
        """The answer frame. Raises InternalFault for an output without a place in the caller's memory,
        FrameError for one that does not fit a frame.
        """
        outputs = []
        for name, value in result.outputs.items():
            index = self._places.get(name)
            if index is None or not self._fits(index, value, arguments.get(name)):
                raise InternalFault(said("the output {name} does not fit its argument", name=name))
            outputs.append((index, value))
        return encode_answer(number, result.code, outputs)

    def lasting_answer(
        self, number: int, result: LegacyResult, arguments: Mapping[str, Argument]
    ) -> bytes:  # fmt: skip
        """As :meth:`answer`, for a result that is given again and again: its frame is kept."""
        if result is not self._lasting or self._takes_records:  # what fits one record may not fit another
            frame = self.answer(number, result, arguments)
            self._before_number, self._behind_number = frame[:NUMBER], frame[HEADER_BYTES:]
            self._lasting = result
            return frame
        return b"%b%b%b" % (self._before_number, number.to_bytes(4, "little"), self._behind_number)

    def _fits(self, index: int, value: bytes | int, given: Argument | None) -> bool:
        slot = self.slots[index]
        if isinstance(value, int):
            return slot.kind == "length" and index not in self._owned
        if slot.kind == "record":
            return isinstance(given, OutBuffer) and len(value) <= given.capacity
        return slot.kind in ("text_out", "text_inout") and len(value) <= slot.most


def _steps(known: tuple[Slot, ...]) -> tuple[list[tuple[bytes, SlotKind, str, int]], bytes]:
    """What is read of a call: for each argument that is sent the kinds that stand before its value (its own,
    and those before it of which nothing is sent), kind, name and most bytes; and what stands at the end.
    """
    steps, kinds = [], b""
    for slot in known:
        kinds += bytes([KINDS[slot.kind]])
        if slot.kind in _SENT:
            steps.append((kinds, slot.kind, slot.name, slot.most))
            kinds = b""
    return steps, kinds
