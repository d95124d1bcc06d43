"""The frames between the native library and the bridge: bytes to values and back (native/PROTOCOL.md). Pure.

Both directions are here: the server decodes calls and encodes replies, a client does the reverse.
"""

from __future__ import annotations

import struct
from collections.abc import Collection
from dataclasses import dataclass

from bridge.calls.call import File, OutBuffer
from bridge.errors import BridgeError
from bridge.table.codegen.abi import SlotKind

MAGIC = b"CSHB"
VERSION = 2
MOST_CALL_BYTES = 12_582_912  # a file of 10 MB fits
MOST_REPLY_BYTES = 1_048_576
SMALLEST_CAP = min(MOST_CALL_BYTES, MOST_REPLY_BYTES)  # what is not longer may come and go as any kind
TIME_BYTES = 4
LONGEST_MS = 120_000  # that a caller of the native library waits

CALL, ANSWER, REFUSAL, HELLO, WELCOME, PROOF, EVICTION, REASON = 1, 2, 3, 4, 5, 6, 7, 8
BYTES_FORM, NUMBER_FORM = 1, 2
FILE_READ, FILE_UNREADABLE, FILE_TOO_LARGE, FILE_CUT, FILE_AMBIGUOUS = range(5)

_HEADER = struct.Struct("<4sHHII")
_U8, _U32, _I16 = struct.Struct("<B"), struct.Struct("<I"), struct.Struct("<h")
_ANSWER_HEAD = struct.Struct(_HEADER.format + "hB")  # header, code, number of outputs
_NUMBER_OUTPUT, _BYTES_OUTPUT = struct.Struct("<BBh"), struct.Struct("<BBI")
_CODE_BYTES = _ANSWER_HEAD.size - _HEADER.size
HEADER_BYTES = _HEADER.size
CALL_BEGIN = _HEADER.pack(MAGIC, VERSION, CALL, 0, 0)[:8]  # of every call frame of this version
CALL_HEADER = struct.Struct("<8sII").unpack_from  # such a beginning, length of the rest, call number

EVICTION_FRAME = _HEADER.pack(MAGIC, VERSION, EVICTION, 0, 0)

KINDS: dict[SlotKind, int] = {
    "text": 1,
    "block": 2,
    "record": 3,
    "length": 4,
    "count": 5,
    "scalar": 6,
    "text_out": 7,
    "file": 8,
    "text_inout": 9,
}
_KIND_NAMES: dict[int, SlotKind] = {number: name for name, number in KINDS.items()}


Frame = bytes | bytearray  # a long one as it was put together: bytes would be a copy of 10 MB


class FrameError(BridgeError):
    """Bytes that are no valid frame; the text says what is wrong and holds nothing of the payload."""


class VersionError(FrameError):
    """A frame of another version of the protocol; ``number`` is its call number."""

    def __init__(self, version: int, number: int) -> None:
        super().__init__(f"protocol version {version}, this side speaks {VERSION}")
        self.version = version
        self.number = number


@dataclass(frozen=True, slots=True)
class Header:
    """The first 16 bytes: ``kind`` (CALL and so on), ``length`` of the rest in bytes, call number."""

    version: int
    kind: int
    length: int
    number: int


@dataclass(frozen=True, slots=True)
class Sent:
    """One argument of a call.

    ``value``: bytes (text, block, text_inout), OutBuffer (record), File, int (count, scalar) or None (length,
    text_out).
    """

    kind: SlotKind
    value: bytes | int | OutBuffer | File | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A call frame: the row's ``signature`` hash, ``arguments`` in calling order, and for how long the caller
    still waits.
    """

    number: int
    signature: int
    name: str
    arguments: tuple[Sent, ...]
    milliseconds: int = LONGEST_MS


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer frame: legacy code; by argument index (from 0) the bytes or the 16-bit number to write."""

    number: int
    code: int
    outputs: tuple[tuple[int, bytes | int], ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal frame: the call was not run; ``code`` is a legacy code other than 0."""

    number: int
    code: int


def read_header(data: Frame) -> Header:
    """The header in the first 16 bytes. Raises FrameError on a wrong magic or a length beyond the cap."""
    if len(data) < HEADER_BYTES:
        raise FrameError(f"{len(data)} bytes are no header")
    magic, version, kind, length, number = _HEADER.unpack_from(data)
    if magic != MAGIC:
        raise FrameError("does not begin with CSHB")
    _check_length(kind, HEADER_BYTES + length)
    return Header(version, kind, length, number)


def frame_length(data: Frame) -> int | None:
    """The length in bytes of the whole frame whose header is at the front; None while the header is not
    whole. Raises as :func:`read_header`.
    """
    if len(data) < HEADER_BYTES:
        return None
    magic, _, kind, payload, _ = _HEADER.unpack_from(data)
    if magic != MAGIC:
        raise FrameError("does not begin with CSHB")
    length: int = HEADER_BYTES + payload
    if length > SMALLEST_CAP:
        _check_length(kind, length)
    return length


def encode_request(request: Request) -> bytes:
    """The frame of a call. Raises FrameError for a value that does not fit its place."""
    name = request.name.encode("ascii")
    parts = [
        _packed(_U32, request.milliseconds),
        _packed(_U32, request.signature),
        _packed(_U8, len(name)),
        name,
        _packed(_U8, len(request.arguments)),
        *(_encode_sent(argument) for argument in request.arguments),
    ]
    return make_frame(CALL, request.number, b"".join(parts))


def decode_request(frame: Frame) -> Request:
    """The call in a whole frame. The content of a file stays where it is in the frame.

    Raises VersionError for another version, FrameError for any other fault.
    """
    header, reader = _open(frame)
    if header.kind != CALL:
        raise FrameError(f"kind {header.kind} is no call")
    milliseconds = reader.number(_U32)
    signature = reader.number(_U32)
    name = _ascii(reader.take(reader.number(_U8)))
    arguments = tuple([_decode_sent(reader) for _ in range(reader.number(_U8))])
    reader.end()
    return Request(header.number, signature, name, arguments, milliseconds)


def encode_reason(number: int, text: str = "") -> bytes:
    """The frame that asks why a call failed, or, with a text, the frame that says it."""
    return make_frame(REASON, number, text.encode())


def decode_reason(frame: Frame, number: int) -> str:
    """The text of such a frame about the call of this number. Raises FrameError for any other frame."""
    header, reader = _open(frame)
    if (header.kind, header.number) != (REASON, number):
        raise FrameError(f"kind {header.kind} about call {header.number} is no reason of call {number}")
    return reader.take(header.length).decode("utf-8", "replace")


def encode_reply(reply: Answer | Refusal) -> bytes:
    """The frame of a reply. Raises FrameError for a refusal with 0 and for a value that does not fit."""
    if isinstance(reply, Refusal):
        if reply.code == 0:
            raise FrameError("a refusal cannot carry 0")
        return make_frame(REFUSAL, reply.number, _packed(_I16, reply.code))
    return encode_answer(reply.number, reply.code, reply.outputs)


def encode_answer(number: int, code: int, outputs: Collection[tuple[int, bytes | int]]) -> bytes:
    """The frame of an :class:`Answer`. Raises FrameError for a value that does not fit its place."""
    parts = []
    try:
        for index, value in outputs:
            if isinstance(value, int):
                parts.append(_NUMBER_OUTPUT.pack(index, NUMBER_FORM, value))
            else:
                parts.append(_BYTES_OUTPUT.pack(index, BYTES_FORM, len(value)))
                parts.append(value)
        written = b"".join(parts)
        length = _CODE_BYTES + len(written)
        if HEADER_BYTES + length > SMALLEST_CAP:
            _check_length(ANSWER, HEADER_BYTES + length)
        return _ANSWER_HEAD.pack(MAGIC, VERSION, ANSWER, length, number, code, len(outputs)) + written
    except struct.error as error:
        raise FrameError(str(error)) from error


def decode_reply(frame: bytes, number: int) -> Answer | Refusal:
    """The reply to call ``number`` in a whole frame. Raises FrameError as the library would reject it."""
    header, reader = _open(frame)
    if header.number != number:
        raise FrameError(f"reply to call {header.number}, expected {number}")
    if header.kind == REFUSAL:
        return _decode_refusal(number, reader)
    if header.kind != ANSWER:
        raise FrameError(f"kind {header.kind} is no reply")
    code = reader.number(_I16)
    outputs = tuple(_decode_output(reader) for _ in range(reader.number(_U8)))
    reader.end()
    if len({index for index, _ in outputs}) != len(outputs):
        raise FrameError("two outputs for one argument")
    return Answer(number, code, outputs)


def _decode_refusal(number: int, reader: _Reader) -> Refusal:
    code = reader.number(_I16)
    reader.end()
    if code == 0:
        raise FrameError("a refusal carries 0")
    return Refusal(number, code)


def _decode_output(reader: _Reader) -> tuple[int, bytes | int]:
    index, form = reader.number(_U8), reader.number(_U8)
    if form == NUMBER_FORM:
        return index, reader.number(_I16)
    if form == BYTES_FORM:
        return index, reader.sized()
    raise FrameError(f"unknown form {form} of an output")


def _encode_sent(argument: Sent) -> bytes:
    kind = _packed(_U8, KINDS[argument.kind])
    match argument.kind, argument.value:
        case ("text" | "block" | "text_inout", bytes(text)):
            return kind + _sized(text)
        case ("file", File() as file):
            return kind + _packed(_U8, _file_state(file)) + _sized(file.name) + _sized(file.content or b"")
        case ("record", OutBuffer(capacity, content)):
            return kind + _packed(_I16, capacity) + _sized(content)
        case ("count" | "scalar", int(number)):
            return kind + _packed(_I16, number)
        case ("length" | "text_out", None):
            return kind
    raise FrameError(f"a {argument.kind} cannot carry {type(argument.value).__name__}")


def _decode_sent(reader: _Reader) -> Sent:
    number = reader.number(_U8)
    kind = _KIND_NAMES.get(number)
    match kind:
        case "text" | "block" | "text_inout":
            return Sent(kind, reader.sized())
        case "file":
            return Sent(kind, _decode_file(reader))
        case "record":
            capacity = reader.number(_I16)
            return Sent(kind, OutBuffer(capacity, reader.sized()))
        case "count" | "scalar":
            return Sent(kind, reader.number(_I16))
        case "length" | "text_out":
            return Sent(kind)
    raise FrameError(f"unknown kind {number} of an argument")


def _file_state(file: File) -> int:
    if file.ambiguous:
        return FILE_AMBIGUOUS
    if file.too_large:
        return FILE_TOO_LARGE
    if file.content is None:
        return FILE_UNREADABLE
    return FILE_CUT if file.cut else FILE_READ


def _decode_file(reader: _Reader) -> File:
    state, name, content = reader.number(_U8), reader.sized(), reader.sized_view()
    if state in (FILE_READ, FILE_CUT):
        return File(name, content, cut=state == FILE_CUT)
    if state in (FILE_UNREADABLE, FILE_TOO_LARGE, FILE_AMBIGUOUS) and not content:
        return File(name, None, too_large=state == FILE_TOO_LARGE, ambiguous=state == FILE_AMBIGUOUS)
    raise FrameError(f"unknown state {state} of a file")


class _Reader:
    """Takes values from the front of a payload; every step checks that enough is left."""

    def __init__(self, data: Frame, at: int = 0) -> None:
        self._data = memoryview(data)
        self._at = at

    def take(self, length: int) -> bytes:
        start = self._advance(length)
        return bytes(self._data[start : self._at])

    def number(self, form: struct.Struct) -> int:
        value: int = form.unpack_from(self._data, self._advance(form.size))[0]
        return value

    def _advance(self, length: int) -> int:
        """Step over so many bytes. Out: where they begin. Raises FrameError."""
        start, end = self._at, self._at + length
        if end > len(self._data):
            raise FrameError(f"ends {end - len(self._data)} bytes too early")
        self._at = end
        return start

    def sized(self) -> bytes:
        return self.take(self.number(_U32))

    def sized_view(self) -> memoryview:
        """The bytes themselves, not a copy."""
        start = self._advance(self.number(_U32))
        return self._data[start : self._at]

    def end(self) -> None:
        if self._at != len(self._data):
            raise FrameError(f"{len(self._data) - self._at} bytes too many")


def _open(frame: Frame) -> tuple[Header, _Reader]:
    header = read_header(frame)
    if header.version != VERSION:
        raise VersionError(header.version, header.number)
    if len(frame) != HEADER_BYTES + header.length:
        raise FrameError(f"has {len(frame)} bytes, its header says {HEADER_BYTES + header.length}")
    return header, _Reader(frame, HEADER_BYTES)


def payload_of(frame: Frame, kind: int, size: int) -> bytes:
    """What follows the header of a whole frame that must be of this kind and size. Raises FrameError."""
    header, reader = _open(frame)
    if header.kind != kind or header.length != size:
        raise FrameError(f"kind {header.kind} with {header.length} bytes, not kind {kind} with {size}")
    return reader.take(size)


def make_frame(kind: int, number: int, payload: bytes) -> bytes:
    """A whole frame. Raises FrameError where it would be longer than the cap."""
    _check_length(kind, HEADER_BYTES + len(payload))
    return _packed(_HEADER, MAGIC, VERSION, kind, len(payload), number) + payload


def time_of(call: Frame) -> int:
    """How many milliseconds the caller of a call frame still waits; 0 where the frame is too short to say."""
    return int.from_bytes(call[HEADER_BYTES : HEADER_BYTES + TIME_BYTES], "little")


def _check_length(kind: int, length: int) -> None:
    cap = MOST_CALL_BYTES if kind == CALL else MOST_REPLY_BYTES
    if length > cap:
        raise FrameError(f"{length} bytes are more than the cap of {cap}")


def _packed(form: struct.Struct, *values: bytes | int) -> bytes:
    try:
        return form.pack(*values)
    except struct.error as error:
        raise FrameError(str(error)) from error


def _sized(value: bytes | memoryview) -> bytes:
    return _packed(_U32, len(value)) + value


def _ascii(value: bytes) -> str:
    try:
        return value.decode("ascii")
    except UnicodeDecodeError as error:
        raise FrameError("the name is not ASCII") from error
