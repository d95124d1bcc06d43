"""The lines of a trace as values, and values as lines: JSON objects, one per line, UTF-8.

The recorder DLL (native/recorder) writes the same lines. Source: docs/reference/trace-format.md.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bridge.errors import TraceError

VERSION = 1
UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was passed, or as it stood at its address: its low 16 bits with their sign, and all 32
    bits, where 32 could be read (the bridge knows only 16).
    """

    low: int
    wide: int | None = None


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file that the program named: its name in code page 950, its size in bytes (None: not to be read).
    What stands in it is not recorded.
    """

    name: bytes
    size: int | None = None


@dataclass(frozen=True, slots=True)
class BadPointer:
    """A pointer that leads nowhere: ``null``, or to memory that cannot be read."""

    null: bool


# Strings and buffers are bytes. A buffer holds what its length variable promises, as far as it can be read.
Given = bytes | Number | NamedFile | BadPointer


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of each file of a trace.

    ``recorder``: "dll" or "bridge". ``table``: digest of the mapping table. ``bits``: of the program, 32 or
    64; 0 at a bridge. ``program``: name of the executable, without folder. ``part``: number of the file, from
    1. ``masked``: whether the people in it are invented.
    """

    version: int = VERSION
    recorder: str = "bridge"
    software: str = ""
    table: str = ""
    bits: int = 0
    process: int = 0
    program: str = ""
    started: datetime | None = None
    part: int = 1
    masked: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the return code (32 bits as returned; programs read 16), the buffers and lengths after
    the call, and how long it took, in microseconds.
    """

    code: int
    microseconds: float
    after: Mapping[str, Given] = field(default_factory=dict)

    @property
    def code16(self) -> int:
        """The code as programs read it: the low 16 bits, signed."""
        return signed16(self.code)


@dataclass(frozen=True, slots=True)
class TracedCall:
    """One call. ``number``: unique within its process, in the order of beginning. ``at``: when it began, UTC.

    ``thread``: of the program; a bridge numbers the calls that overlap. ``door``: by which it came to a
    bridge. ``given``: arguments by legacy name before the call. ``bridge``: what a bridge answered to the
    same question, where the recorder asked one (live comparison). ``process``, ``line``: where it stands.
    """

    number: int
    at: datetime
    thread: int
    function: str
    given: Mapping[str, Given]
    answer: Answer
    door: str = "native"
    bridge: Answer | None = None
    process: int = 0
    line: int = 0

    @property
    def ended(self) -> float:
        """When it ended, seconds since 1970."""
        return self.at.timestamp() + self.answer.microseconds / 1e6


@dataclass(frozen=True, slots=True)
class BridgeAnswer:
    """The line of a live comparison: what the bridge answered to call ``number``."""

    number: int
    answer: Answer


@dataclass(frozen=True, slots=True)
class Note:
    """Something that is no call: ``kind`` is "lost" (calls that could not be written), "unasked" (calls that
    the bridge was not asked about), "exception" (the original DLL, inside ``call``), "original" (it cannot be
    used). ``why`` is a text for people. ``function``: in which an exception was raised; what that call was
    given is not kept.
    """

    kind: str
    why: str = ""
    calls: int = 0
    call: int | None = None
    at: datetime | None = None
    function: str = ""


Line = Header | TracedCall | BridgeAnswer | Note


def signed16(number: int) -> int:
    """The low 16 bits as a signed number."""
    low = number & 0xFFFF
    return low - 0x10000 if low & 0x8000 else low


# --- lines out ----------------------------------------------------------------------------------------------


def line_of(line: Line) -> str:
    """A value as the line of a trace, without its end."""
    return json.dumps(_plain(line), ensure_ascii=False, separators=(",", ":"))


def _plain(line: Line) -> dict[str, Any]:
    match line:
        case Header():
            plain = {
                "trace": line.version,
                "recorder": line.recorder,
                "software": line.software,
                "table": line.table,
                "bits": line.bits,
                "process": line.process,
                "program": line.program,
                "started": _time_text(line.started),
                "part": line.part,
            }
            return {**plain, "masked": True} if line.masked else plain
        case TracedCall():
            return {
                "call": line.number,
                "time": _time_text(line.at),
                "thread": line.thread,
                "door": line.door,
                "function": line.function,
                "in": _plain_values(line.given),
                **_plain_answer(line.answer),
            }
        case BridgeAnswer():
            return {"answer": line.number, **_plain_answer(line.answer)}
        case Note():
            plain = {
                "note": line.kind,
                "time": _time_text(line.at),
                "calls": line.calls,
                "call": line.call,
                "why": line.why,
            }
            return {**plain, "function": line.function} if line.function else plain


def _plain_answer(answer: Answer) -> dict[str, Any]:
    return {
        "code": answer.code,
        "us": round(answer.microseconds, 1),
        "out": _plain_values(answer.after),
    }


def _plain_values(values: Mapping[str, Given]) -> dict[str, Any]:
    return {name: _plain_value(value) for name, value in values.items()}


def _plain_value(value: Given) -> Any:
    match value:
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case Number():
            return {"i16": value.low} if value.wide is None else {"i16": value.low, "i32": value.wide}
        case NamedFile():
            return {"file": base64.b64encode(value.name).decode("ascii"), "bytes": value.size}
        case BadPointer():
            return None if value.null else UNREADABLE


def _time_text(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# --- lines in -----------------------------------------------------------------------------------------------


def parse_line(text: str, number: int = 0) -> Line:
    """A line of a trace as a value; ``number`` is its place in the file. Names that are not known are left
    alone: a newer recorder may say more. Raises TraceError saying what is wrong with the line.
    """
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TraceError(f"no JSON: {error}") from error
    if not isinstance(plain, dict):
        raise TraceError("no JSON object")
    if "trace" in plain:
        return _header(plain)
    if "note" in plain:
        call = plain.get("call")
        return Note(
            kind=_text(plain, "note"),
            why=_text(plain, "why", ""),
            calls=_integer(plain, "calls", 0),
            call=None if call is None else _integer(plain, "call"),
            at=_time(plain, "time", needed=False),
            function=_text(plain, "function", ""),
        )
    if "function" in plain:
        return _call(plain, number)
    if "answer" in plain:
        return BridgeAnswer(_integer(plain, "answer"), _answer(plain))
    raise TraceError("neither a call nor anything else of a trace")


def _header(plain: Mapping[str, Any]) -> Header:
    version = _integer(plain, "trace")
    if version > VERSION:
        raise TraceError(f"version {version} of the format; this bridge reads up to {VERSION}: update it")
    return Header(
        version=version,
        recorder=_text(plain, "recorder", ""),
        software=_text(plain, "software", ""),
        table=_text(plain, "table", ""),
        bits=_integer(plain, "bits", 0),
        process=_integer(plain, "process", 0),
        program=_text(plain, "program", ""),
        started=_time(plain, "started", needed=False),
        part=_integer(plain, "part", 1),
        masked=plain.get("masked") is True,
    )


def _call(plain: Mapping[str, Any], line: int) -> TracedCall:
    at = _time(plain, "time")
    if at is None:
        raise TraceError("time: missing")
    return TracedCall(
        number=_integer(plain, "call"),
        at=at,
        thread=_integer(plain, "thread", 0),
        function=_text(plain, "function"),
        given=_values(plain, "in"),
        answer=_answer(plain),
        door=_text(plain, "door", "native"),
        line=line,
    )


def _answer(plain: Mapping[str, Any]) -> Answer:
    microseconds = plain.get("us", 0)
    if not _is_number(microseconds) or not 0 <= microseconds < 1e12:
        raise TraceError("us: no time in microseconds")
    return Answer(_integer(plain, "code"), float(microseconds), _values(plain, "out"))


def _values(plain: Mapping[str, Any], key: str) -> Mapping[str, Given]:
    values = plain.get(key, {})
    if not isinstance(values, dict):
        raise TraceError(f"{key}: an object is needed")
    return {name: _value(f"{key}.{name}", value) for name, value in values.items()}


def _value(where: str, value: Any) -> Given:
    match value:
        case None:
            return BadPointer(null=True)
        case str() if value == UNREADABLE:
            return BadPointer(null=False)
        case str():
            return _bytes(where, value)
        case {"i16": int(low)} if not isinstance(low, bool):
            wide = value.get("i32")
            if wide is not None and (not isinstance(wide, int) or isinstance(wide, bool)):
                raise TraceError(f"{where}.i32: no whole number")
            return Number(signed16(low), wide)
        case {"file": str(name)}:
            size = value.get("bytes")
            if size is not None and (not isinstance(size, int) or isinstance(size, bool) or size < 0):
                raise TraceError(f"{where}.bytes: no size")
            return NamedFile(_bytes(where, name), size)
    raise TraceError(f"{where}: neither base64 nor a number nor a file")


def _bytes(where: str, text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise TraceError(f"{where}: no base64") from error


_MISSING: Any = object()


def _integer(plain: Mapping[str, Any], key: str, default: Any = _MISSING) -> int:
    value = plain.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or not -(2**63) <= value < 2**63:
        raise TraceError(f"{key}: no whole number" if key in plain else f"{key}: missing")
    return value


def _text(plain: Mapping[str, Any], key: str, default: Any = _MISSING) -> str:
    value = plain.get(key, default)
    if not isinstance(value, str):
        raise TraceError(f"{key}: no text" if key in plain else f"{key}: missing")
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _time(plain: Mapping[str, Any], key: str, *, needed: bool = True) -> datetime | None:
    value: Any = plain.get(key)
    if value is None and not needed:
        return None
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise TraceError(f"{key}: no time such as 2026-01-31T08:15:00.000000Z") from error
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
