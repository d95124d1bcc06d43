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
from bridge.table.codegen.abi import signature_hash, slots
from bridge.table.model.rows import Function, Table

HEAD = HEADER_BYTES + TIME_BYTES  # where signature, name and number of arguments stand
NAME_LENGTH = HEAD + 4
_U32, _I16 = struct.Struct("<I").unpack_from, struct.Struct("<h").unpack_from
_RECORD = struct.Struct("<hI").unpack_from  # what a caller offers, and how many bytes of it were sent
_TEXTS = frozenset({"text", "block", "text_inout"})
_NUMBERS = frozenset({"count", "scalar"})
_SENT = _TEXTS | _NUMBERS | {"record", "file"}  # of which a call carries more than their kind


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
        known = [slot for slot in self.slots if slot.kind in KINDS and slot.kind != "file"]
        self._readable = len(known) == len(self.slots)
        self._forms = [(KINDS[slot.kind], slot.kind, slot.name, slot.most) for slot in known]
        self._rooms: dict[str, Argument] = {
            slot.name: OutBuffer(slot.most) for slot in known if slot.kind == "text_out"
        }
        nothing_sent = self._readable and not _SENT & set(self.kinds)
        self._only = bytes([KINDS[kind] for kind in self.kinds]) if nothing_sent else None
        self._places = {slot.name: index for index, slot in enumerate(self.slots)}
        self._owned = frozenset(slot.length for slot in self.slots)  # lengths that belong to a record

    def arguments(self, frame: bytes) -> dict[str, Argument] | None:
        """The arguments of a call by name, as the engine wants them. In: a whole frame with this row's head.

        None where anything is unusual: then the frame has to be taken apart piece by piece.
        """
        if self._only is not None:
            return self._rooms.copy() if frame[self._begin :] == self._only else None
        if not self._readable:
            return None
        try:
            return self._read(frame)
        except (IndexError, struct.error):
            return None

    def _read(self, frame: bytes) -> dict[str, Argument] | None:
        """As :meth:`arguments`. Raises IndexError and struct.error where the frame ends too early."""
        found: dict[str, Argument] = {}
        at = self._begin
        for number, kind, name, most in self._forms:
            if frame[at] != number:
                return None
            at += 1
            if kind == "record":
                capacity, length = _RECORD(frame, at)
                at += 6 + length
                if length and length > capacity:
                    return None
                found[name] = OutBuffer(capacity, frame[at - length : at])
            elif kind in _TEXTS:
                (length,) = _U32(frame, at)
                at += 4 + length
                if length > most:
                    return None
                found[name] = frame[at - length : at]
            elif kind in _NUMBERS:
                (found[name],) = _I16(frame, at)
                at += 2
            elif kind == "text_out":
                found[name] = self._rooms[name]
        return found if at == len(frame) else None  # a length that is beyond the end has gone past it, too

    def answer(self, number: int, result: LegacyResult, arguments: Mapping[str, Argument]) -> bytes:
        """The answer frame. Raises InternalFault for an output without a place in the caller's memory,
        FrameError for one that does not fit a frame.
        """
        outputs = []
        for name, value in result.outputs.items():
            index = self._places.get(name)
            if index is None or not self._fits(index, value, arguments.get(name)):
                raise InternalFault(f"the output {name} does not fit its argument")
            outputs.append((index, value))
        return encode_answer(number, result.code, outputs)

    def _fits(self, index: int, value: bytes | int, given: Argument | None) -> bool:
        slot = self.slots[index]
        if isinstance(value, int):
            return slot.kind == "length" and index not in self._owned
        if slot.kind == "record":
            return isinstance(given, OutBuffer) and len(value) <= given.capacity
        return slot.kind in ("text_out", "text_inout") and len(value) <= slot.most
