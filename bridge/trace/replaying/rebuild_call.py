"""A traced call as the call that is made again, or the reason why it cannot be."""

from __future__ import annotations

from bridge.calls.call import DOORS, NATIVE, Argument, LegacyCall, OutBuffer
from bridge.errors import BridgeError
from bridge.table.codegen.abi import Slot, SlotKind, slots
from bridge.table.model.arguments import FileArgument
from bridge.table.model.rows import Function, Table
from bridge.trace.format import BadPointer, NamedFile, Number, TracedCall

CONTENT_BYTES = 16  # of a buffer that the native library sends along
_HARMLESS = frozenset({"read", "session"})


class NotAgain(BridgeError):
    """A call cannot be made again; ``reason`` is a key of bridge/trace/replaying/reasons.py."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason = reason


def asks_pin(function: Function) -> bool:
    """Whether a person has to type a PIN for it."""
    return any(step.reader is not None and step.reader.endswith(_PIN_STEPS) for step in function.steps)


_PIN_STEPS = ("_pin", "unlock_hpc")


def takes_file(function: Function) -> bool:
    """Whether it sends a file, whose content no trace holds."""
    return any(isinstance(argument, FileArgument) for argument in function.arguments)


def may_change(function: Function) -> bool:
    """Whether a call changes data anywhere but in the reader's session."""
    return function.effect not in _HARMLESS


def legacy_call(table: Table, function: Function, call: TracedCall) -> LegacyCall:
    """The call as an engine takes it, with what the native library makes of strings and buffers.

    Raises NotAgain where the trace does not hold what is needed.
    """
    sent = _slots(table, function)
    if sent is None:
        raise NotAgain("file")
    arguments: dict[str, Argument] = {}
    given = call.given
    for slot in sent:
        name, kind = slot.name, slot.kind
        value = given.get(name)
        if type(value) is bytes and kind in _TEXTS:  # as nearly always
            arguments[name] = _string(slot, value)
        elif type(value) is Number and kind in _NUMBERS:
            arguments[name] = value.low
        elif (made := _argument(function, slot, call)) is not None:
            arguments[name] = made
    return LegacyCall(function.name, arguments, DOORS.get(call.door, NATIVE))


_TEXTS: frozenset[SlotKind] = frozenset({"text", "block", "text_inout"})
_NUMBERS: frozenset[SlotKind] = frozenset({"count", "scalar"})
MOST_KEPT = 1024
_kept: dict[int, tuple[Function, tuple[Slot, ...] | None]] = {}  # keeps the row alive, too


def _slots(table: Table, function: Function) -> tuple[Slot, ...] | None:
    """The arguments that are sent, None where a file is one; found once for a row that is used again."""
    found = _kept.get(id(function))
    if found is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        found = _kept[id(function)] = (function, None if takes_file(function) else slots(table, function))
    return found[1]


def _argument(function: Function, slot: Slot, call: TracedCall) -> Argument | None:
    value = call.given.get(slot.name)
    if isinstance(value, BadPointer):
        raise NotAgain("pointer", slot.name)
    kind: SlotKind = slot.kind
    match kind, value:
        case "record", None | bytes():
            return _room(function, slot, call, value if isinstance(value, bytes) else b"")
        case "text_out", _:
            return OutBuffer(slot.most)
        case "length", _:
            return None
        case _, NamedFile():
            raise NotAgain("file")
    raise NotAgain("argument", slot.name)


def _string(slot: Slot, text: bytes) -> bytes:
    """An in-string without its NUL; what stands behind the documented width is dropped where it is blank."""
    if not slot.terminated:
        return text[: slot.most].split(b"\0")[0]
    text = text.split(b"\0")[0]
    return text if text[slot.most :].strip(b" ") else text[: slot.most]


def _room(function: Function, slot: Slot, call: TracedCall, content: bytes) -> OutBuffer:
    argument = function.argument(slot.name)
    length = call.given.get(getattr(argument, "length", ""))
    if isinstance(length, BadPointer):
        raise NotAgain("pointer", slot.name)
    if not isinstance(length, Number):
        raise NotAgain("argument", slot.name)
    return OutBuffer(length.low, content[: min(CONTENT_BYTES, max(length.low, 0))])
